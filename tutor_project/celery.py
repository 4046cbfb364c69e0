"""The Celery application: workers run jobs of the ledger by id."""

from __future__ import annotations

import os
import sys
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

app = Celery("tutor_project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize
"""Celery would close the whole pool after each task: a job would pay for a new pool, its threads and a new server process."""
app.autodiscover_tasks()


@signals.task_postrun.connect
def return_connections(**kwargs: Any) -> None:
    """Give the task's connection back to the pool, which looks whether it still lives before it hands it out again."""
    from django.db import close_old_connections

    close_old_connections()


@signals.setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """Workers log as the web does: Celery must not replace the handlers."""


@signals.worker_process_init.connect
def drop_inherited_connections(**kwargs: Any) -> None:
    """A forked worker must not share its parent's sockets or pool."""
    from django.db import connections

    from tutor_project.common.redis import client

    for connection in connections.all(initialized_only=True):
        connection.close_pool()  # type: ignore[attr-defined]
        connection.connection = None
    client.cache_clear()

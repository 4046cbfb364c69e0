"""What a benchmark that uses the database needs before it imports models: settings, servers, quiet logs.

    from benchmarks.support.environment import set_up
    set_up()

Without a configured server the embedded ones are started, as ``manage.py`` does, and stop with the process.
"""

from __future__ import annotations

import os
import sys

import django


def set_up() -> None:
    """Start the embedded servers where none are configured and load Django; exits with the cure when they can't start."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    from tutor_project.embedded import EmbeddedServerError, ensure_postgres, ensure_redis
    from tutor_project.environment import EMBEDDED_DURABLE, EMBEDDED_POSTGRES, EMBEDDED_REDIS, VAR_DIR

    try:
        if EMBEDDED_POSTGRES:
            ensure_postgres(VAR_DIR, durable=EMBEDDED_DURABLE)
        if EMBEDDED_REDIS:
            ensure_redis(VAR_DIR)
    except EmbeddedServerError as error:
        sys.exit(str(error))
    django.setup()

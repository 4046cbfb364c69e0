"""The other side of ``benchmarks.jobs``: a Celery task without a ledger, in the same worker."""

from __future__ import annotations

from celery import shared_task

from tutor_project.common.redis import client

DONE_KEY = "bench:bare:done"


@shared_task(name="bench.bare", acks_late=True)
def bare() -> None:
    """Count itself, so that the end can be seen."""
    client().incr(DONE_KEY)

"""Celery tasks of the ledger: thin, by id."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from jobs_app.heartbeat import process_name
from jobs_app.runner import job_run_next
from jobs_app.services.scheduling import schedule_fire
from jobs_app.services.sweeping import sweep as sweep_service


@shared_task(name="jobs.execute", bind=True)
def execute(self: Any, job_id: str | None = None) -> str:
    """Run the job that is next in the message's queue; a message too many finds nothing to do.

    A message says that one more job waits, not which: owners take turns when it is claimed, not when it was sent.
    """
    return job_run_next(queue=self.request.delivery_info["routing_key"], worker=process_name("worker"))


@shared_task(name="jobs.sweep")
def sweep() -> dict[str, Any]:
    """Sweep the ledger. Not itself a job: it must work when the ledger's own messages were lost."""
    return sweep_service().as_dict()


@shared_task(name="jobs.schedule_fire")
def fire(schedule: str) -> str:
    """Create the ledger job of a periodic task."""
    return schedule_fire(schedule=schedule)

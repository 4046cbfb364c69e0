"""Celery tasks of the ledger: thin, by id."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from jobs_app.heartbeat import process_name
from jobs_app.runner import job_run
from jobs_app.services.scheduling import schedule_fire
from jobs_app.services.sweeping import sweep as sweep_service


@shared_task(name="jobs.execute")
def execute(job_id: str) -> str:
    """Run the job of this id; a second delivery finds nothing to do."""
    return job_run(job_id=job_id, worker=process_name("worker"))


@shared_task(name="jobs.sweep")
def sweep() -> dict[str, Any]:
    """Sweep the ledger. Not itself a job: it must work when the ledger's own messages were lost."""
    return sweep_service().as_dict()


@shared_task(name="jobs.schedule_fire")
def fire(schedule: str) -> str:
    """Create the ledger job of a periodic task."""
    return schedule_fire(schedule=schedule)

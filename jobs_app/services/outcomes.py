"""What came of a job that a request stands behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from jobs_app.domain.lifecycle import ACTIVE, JobStatus
from jobs_app.errors import JobNotDone, JobRefused, JobSurprise, WorkerLost
from jobs_app.models import Job
from tutor_project.common.errors import DomainError

RESULT_KEPT = timedelta(minutes=10)
"""So long a repeated request gets the result that was made for it."""
FAILURE_KEPT = timedelta(minutes=1)
"""So long a repeated request hears how its job failed; after that it is tried again."""

_ACCIDENTS = frozenset({JobSurprise.code, WorkerLost.code})


def failure_of(code: str | None, message: str | None) -> DomainError:
    """Return the error to answer with for a failed job; one that failed by accident may be tried again."""
    if not code or code in _ACCIDENTS:
        return JobNotDone()
    refused = JobRefused(message or JobNotDone.detail)
    refused.code = code  # type: ignore[misc]
    return refused


def job_is_active(*, job_id: UUID) -> bool:
    """Tell whether a job waits or runs."""
    return Job.objects.filter(pk=job_id, status__in=ACTIVE).exists()


def job_outcome(*, owner_id: UUID, job_type: str, dedupe_key: str) -> Job | dict[str, Any] | None:
    """Return the active job of a request, else the result of the last one if it has just ended, else None.

    A request is known by its ``dedupe_key``. Raises JobRefused where that job has just failed as its kind foresees.
    """
    job = Job.objects.filter(owner_id=owner_id, job_type=job_type, dedupe_key=dedupe_key).order_by("-id").first()
    if job is None or job.status in ACTIVE:
        return job
    ended = Job.objects.filter(pk=job.pk)
    if job.status == JobStatus.COMPLETED:
        return job.result if ended.filter(completed_at__gt=Now() - RESULT_KEPT).exists() else None
    if (
        job.error_code
        and job.status == JobStatus.FAILED
        and ended.filter(completed_at__gt=Now() - FAILURE_KEPT).exists()
    ):
        raise failure_of(job.error_code, job.error_message)
    return None

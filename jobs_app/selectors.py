"""Reads of the ledger, scoped to the caller."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from jobs_app.domain.lifecycle import ACTIVE
from jobs_app.errors import JobNotFound
from jobs_app.models import Job, SystemStatus


def job_list(*, user: Any) -> QuerySet[Job]:
    """Return the jobs ``user`` may see: staff all, others their own."""
    jobs = Job.objects.all()
    return jobs if user.is_staff else jobs.filter(owner_id=user.pk)


def job_get(*, user: Any, job_id: UUID) -> Job:
    """Return one visible job; raises JobNotFound."""
    job = job_list(user=user).filter(pk=job_id).first()
    if job is None:
        raise JobNotFound
    return job


def job_state(*, job_id: UUID) -> Job | None:
    """Return a job without regard to its owner, for callers that have checked already."""
    return Job.objects.filter(pk=job_id).first()


def active_job_exists(*, dedupe_key: str) -> bool:
    """Tell whether an active job holds the key."""
    return Job.objects.filter(dedupe_key=dedupe_key, status__in=ACTIVE).exists()


def jobs_active(*, job_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the jobs that wait or run."""
    return set(Job.objects.filter(pk__in=list(job_ids), status__in=ACTIVE).values_list("pk", flat=True))


def status_history(*, limit: int = 100) -> list[dict[str, Any]]:
    """Return the stored health pictures, newest first."""
    return list(SystemStatus.objects.values_list("picture", flat=True)[:limit])

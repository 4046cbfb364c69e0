"""Reads of the ledger, scoped to the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from jobs_app.domain.lifecycle import ACTIVE, JobStatus
from jobs_app.errors import JobNotFound
from jobs_app.models import Job, SystemStatus
from jobs_app.registry import get_kind, is_known

WaitsFor = Literal["worker", "schedule", "exclusive"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Why a job does not move: starved (waits for a worker) is told apart from stalled (its worker fell silent).

    ``queue_position`` counts from 1 and is known while the job waits for a worker; 10,000 means that many or more.
    """

    waiting_for: WaitsFor | None = None
    queue_position: int | None = None
    stalled: bool = False


_OUTLOOK = """
SELECT j.scheduled_for > now(),
       EXISTS (SELECT 1 FROM jobs_app_job o WHERE o.exclusive_key = j.exclusive_key AND o.status = 'running'
               AND NOT o.is_group),
       (SELECT count(*) FROM (
            SELECT FROM jobs_app_job o WHERE o.status = 'pending' AND NOT o.is_group
            AND (o.scheduled_for IS NULL OR o.scheduled_for <= now())
            AND (o.queue = ANY(%s) OR (o.queue = j.queue AND (o.turn, o.id) < (j.turn, j.id)))
            LIMIT 9999) ahead) + 1
FROM jobs_app_job j WHERE j.id = %s AND j.status = 'pending'
"""
_AHEAD = {"high": [], "default": ["high"], "low": ["high", "default"], "model": []}


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


def job_outlook(job: Job) -> Outlook:
    """Return what a job waits for and its place in the queue, by the clock of the database."""
    if job.is_group or job.status not in ACTIVE:
        return Outlook()
    if job.status == JobStatus.RUNNING:
        return Outlook(stalled=Job.objects.filter(pk=job.pk, lease_expires_at__lt=Now()).exists())
    with connection.cursor() as cursor:
        cursor.execute(_OUTLOOK, [_AHEAD[job.queue], job.pk])
        row = cursor.fetchone()
    if row is None:
        return Outlook()
    not_due, busy, position = row
    if not_due:
        return Outlook("schedule")
    return Outlook("exclusive") if busy else Outlook("worker", position)


def job_result(job: Job) -> dict[str, Any] | None:
    """Return the result; of a group that still runs, what is known of its children so far."""
    if job.is_group and job.status in ACTIVE and is_known(job.job_type):
        summarise = get_kind(job.job_type).summarise
        if summarise is not None:
            return summarise(job, list(job.children.order_by("id"))).result
    result: dict[str, Any] | None = job.result
    return result


def job_state(*, job_id: UUID) -> Job | None:
    """Return a job without regard to its owner, for callers that have checked already."""
    return Job.objects.filter(pk=job_id).first()


def jobs_active(*, job_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the jobs that wait or run."""
    return set(Job.objects.filter(pk__in=list(job_ids), status__in=ACTIVE).values_list("pk", flat=True))


def jobs_active_by_status() -> dict[str, int]:
    """Return the numbers of pending and of running jobs, groups left out."""
    rows = Job.objects.filter(status__in=ACTIVE, is_group=False).order_by()
    return dict(rows.values_list("status").annotate(number=Count("pk")))


def status_history(*, limit: int = 100) -> list[dict[str, Any]]:
    """Return the stored health pictures, newest first."""
    return list(SystemStatus.objects.values_list("picture", flat=True)[:limit])

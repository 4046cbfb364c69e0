"""What people do to jobs: cancel, retry, run now, correct progress."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs_app.domain.lifecycle import ACTIVE, FINAL, JobStatus, ensure_transition
from jobs_app.errors import JobActive, JobFinal, JobNotDue, JobNotFound
from jobs_app.models import Job, JobAttempt
from jobs_app.registry import get_kind
from jobs_app.services import ledger
from jobs_app.services.dispatch import dispatch_on_commit
from jobs_app.services.publishing import publish_progress
from jobs_app.services.turns import FIRST_TURN, next_turn


def _locked(job_id: UUID) -> Job:
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise JobNotFound
    return job


@transaction.atomic
def job_cancel(*, job_id: UUID) -> Job:
    """Cancel a job: a pending one at once, a running one at its next checkpoint, a group with its children.

    Raises JobFinal when it has ended.
    """
    if Job.objects.filter(pk=job_id, is_group=True).exists():
        return _group_cancel(job_id)
    job = _locked(job_id)
    if job.status in FINAL:
        raise JobFinal(status=job.status)
    job.cancel_requested_at = job.cancel_requested_at or timezone.now()
    if job.status == JobStatus.PENDING:
        job.status, job.completed_at = JobStatus.CANCELLED, timezone.now()
        job.error_code, job.error_message = "cancelled", "The job was cancelled."
    job.save(
        update_fields=["cancel_requested_at", "status", "completed_at", "error_code", "error_message", "updated_at"]
    )
    if job.status == JobStatus.CANCELLED:
        ledger.after_final(
            job=job, status=JobStatus.CANCELLED, error_code=job.error_code, error_message=job.error_message
        )
    return job


def _locked_children(group_id: UUID) -> list[Job]:
    """Lock the children of a group, in whatever state: who looked for a state first would not see what is being done.

    Children are locked before their group, in the order of every other writer.
    """
    return list(Job.objects.select_for_update().filter(parent_id=group_id).order_by("id"))


def _group_cancel(job_id: UUID) -> Job:
    children = _locked_children(job_id)
    group = _locked(job_id)
    if group.status in FINAL:
        raise JobFinal(status=group.status)
    group.cancel_requested_at = group.cancel_requested_at or timezone.now()
    group.save(update_fields=["cancel_requested_at", "updated_at"])
    for child in children:
        if child.status in ACTIVE:
            job_cancel(job_id=child.pk)
    ledger.group_refresh(parent_id=job_id)
    group.refresh_from_db()
    return group


@transaction.atomic
def job_retry(*, job_id: UUID) -> Job:
    """Run a failed or cancelled job again with fresh attempts.

    Raises IllegalTransition, and JobActive where it has not ended or another one makes the same already.
    """
    children = _locked_children(job_id)
    job = _locked(job_id)
    if job.status in ACTIVE:
        raise JobActive(status=job.status)
    ensure_transition(job.status, JobStatus.PENDING)
    if job.dedupe_key is not None:
        other = Job.objects.filter(dedupe_key=job.dedupe_key, status__in=ACTIVE).first()
        if other is not None:
            raise JobActive(status=other.status)
    for child in children:
        if child.status in (JobStatus.FAILED, JobStatus.CANCELLED):
            job_retry(job_id=child.pk)
    _make_pending(job)
    return job


@transaction.atomic
def job_execute(*, job_id: UUID) -> Job:
    """Run a waiting job now, whatever its schedule; raises JobActive when it runs, JobFinal when it ended."""
    job = _locked(job_id)
    if job.status == JobStatus.RUNNING:
        raise JobActive(status=job.status)
    if job.status in FINAL:
        raise JobFinal(status=job.status)
    job.scheduled_for = None
    job.dispatched_at, job.turn = timezone.now(), FIRST_TURN
    job.save(update_fields=["scheduled_for", "dispatched_at", "turn", "updated_at"])
    dispatch_on_commit([job])
    return job


@transaction.atomic
def job_update(
    *,
    job_id: UUID,
    progress: float | None = None,
    status: str | None = None,
    error_message: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> Job:
    """Correct a job by hand; raises IllegalTransition."""
    job = _locked(job_id)
    if status is not None and status != job.status:
        ensure_transition(job.status, status)
        if status == JobStatus.PENDING:
            ledger.attempt_finish(job=job, outcome=JobAttempt.Outcome.LOST, error_code="sent_back", expected=True)
            _make_pending(job)
        elif status == JobStatus.RUNNING:
            job = _claim_by_hand(job)
        else:
            job.status = status
            job.lease_token = job.lease_expires_at = None
            job.completed_at = timezone.now()
    elif job.status in FINAL and progress is not None:
        raise JobFinal(status=job.status)
    if progress is not None:
        job.progress = progress
        if job.lease_token is not None:
            job.lease_expires_at = Now() + timedelta(seconds=ledger.LEASE_SECONDS)  # type: ignore[assignment]
    if error_message is not None:
        job.error_message = error_message
    if metadata is not None:
        job.metadata = {**job.metadata, **metadata}
    job.save()
    if status is not None and status in FINAL:
        ledger.attempt_finish(job=job, outcome=JobAttempt.Outcome(status), error_code=job.error_code, expected=True)
        ledger.after_final(job=job, status=JobStatus(status))
    else:
        transaction.on_commit(lambda: publish_progress(job_id, status=job.status, progress=job.progress))
    return job


def _claim_by_hand(job: Job) -> Job:
    """Take the job for a worker outside; its lease runs out like any other unless it reports progress."""
    claimed = ledger.job_claim(job_id=job.pk, worker="by hand")
    if claimed is None:
        raise JobNotDue
    return claimed


def _make_pending(job: Job) -> None:
    job.status = JobStatus.PENDING
    job.max_attempts = job.attempts + get_kind(job.job_type).max_attempts
    job.progress, job.stage, job.quarantined = 0.0, "", False
    job.error_code = job.error_message = job.result = None
    job.completed_at = job.cancel_requested_at = job.scheduled_for = None
    job.lease_token = job.lease_expires_at = None
    job.dispatched_at = None if job.is_group else timezone.now()
    job.turn = next_turn(owner_id=job.owner_id, queue=job.queue)
    job.save()
    if not job.is_group:
        dispatch_on_commit([job])


def job_cancel_quietly(*, job_id: UUID) -> None:
    """Cancel a job whose object goes away; one that is gone or has ended is fine too."""
    with contextlib.suppress(JobNotFound, JobFinal):
        job_cancel(job_id=job_id)


def jobs_cancel_others(*, session_id: UUID, trigger: str, dedupe_key: str) -> None:
    """Cancel the jobs of a session under way that ``trigger`` had made, except those of the request ``dedupe_key``."""
    under_way = Job.objects.filter(input__session_id=str(session_id), trigger=trigger, status__in=ACTIVE)
    for job_id in under_way.exclude(dedupe_key=dedupe_key).values_list("pk", flat=True):
        job_cancel_quietly(job_id=job_id)


def job_results_forget(*, job_type: str, owner_id: UUID, session_id: UUID) -> int:
    """Blank the results of a session's jobs of this kind, which quote what was deleted; returns their number."""
    jobs = Job.objects.filter(owner_id=owner_id, job_type=job_type, input__session_id=str(session_id))
    return jobs.exclude(result=None).update(result={"deleted": True})

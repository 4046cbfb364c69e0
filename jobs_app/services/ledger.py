"""The ledger's writes for running jobs: claim, lease, finish. Each is one conditional statement.

Leases and due times are compared by the database's clock alone, so the clocks of workers may differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from enum import Enum, auto
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs_app.domain.lifecycle import FINAL, JobStatus
from jobs_app.models import Job, JobAttempt
from jobs_app.registry import get_kind, is_known, kind_names
from jobs_app.services.publishing import publish_progress
from tutor_project.common.errors import DomainError
from tutor_project.common.models import new_id
from tutor_project.common.postgres.prepared import prepared_cursor

LEASE_SECONDS: int = settings.JOB_LEASE_SECONDS
CLAIM_TRIES = 5


class LeaseState(Enum):
    """What a run learns when it touches its row."""

    HELD = auto()
    CANCELLED = auto()
    LOST = auto()


# The claim need not reach the disk by itself: every later commit takes it there, and a claim that a crash of the
# database undoes is a job that waits again.
_CLAIM = """
WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), next AS MATERIALIZED (
    {next}
), claimed AS (
    UPDATE jobs_app_job j SET
        status = 'running', attempts = attempts + 1, worker = %(worker)s, lease_token = %(token)s,
        lease_expires_at = statement_timestamp() + %(lease)s * interval '1 second',
        started_at = statement_timestamp(), updated_at = statement_timestamp(),
        stage = '', error_code = NULL, error_message = NULL
    FROM next
    WHERE j.id = next.id AND j.status = 'pending' AND NOT j.is_group AND j.job_type = ANY(%(kinds)s)
      AND (j.scheduled_for IS NULL OR j.scheduled_for <= statement_timestamp())
    RETURNING {columns}
), attempt AS (
    INSERT INTO jobs_app_jobattempt (job_id, number, lease_token, worker, claimed_at, outcome)
    SELECT id, attempts, lease_token, worker, started_at, 'running' FROM claimed
)
SELECT claimed.* FROM claimed, unsynced
"""
_FIELDS = Job._meta.concrete_fields
_COLUMNS = ", ".join(f"j.{field.column}" for field in _FIELDS)
_CLAIM_ONE = _CLAIM.format(columns=_COLUMNS, next="SELECT %(id)s::uuid AS id")
# Read from job_queue_turn_idx in its order: what a claim costs does not depend on how many wait.
_CLAIM_NEXT = _CLAIM.format(
    columns=_COLUMNS,
    next="""
    SELECT j.id FROM jobs_app_job j
    WHERE j.status = 'pending' AND NOT j.is_group AND j.dispatched_at IS NOT NULL AND j.queue = %(queue)s
      AND j.job_type = ANY(%(kinds)s) AND (j.scheduled_for IS NULL OR j.scheduled_for <= statement_timestamp())
      AND (j.exclusive_key IS NULL OR NOT EXISTS (
          SELECT 1 FROM jobs_app_job r
          WHERE r.exclusive_key = j.exclusive_key AND r.status = 'running' AND NOT r.is_group))
    ORDER BY j.turn, j.id LIMIT 1 FOR UPDATE SKIP LOCKED
""",
)


def _own_savepoint() -> AbstractContextManager[Any]:
    """A savepoint inside a transaction of the caller's; else nothing, since one statement is a transaction by itself."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def job_claim(*, job_id: UUID | str, worker: str) -> Job | None:
    """Take this pending job; returns None when it is gone, taken, final, not due, or its exclusive key is busy.

    A job of a kind that this version does not know is left to the workers of another.
    """
    try:
        return _claim(_CLAIM_ONE, worker=worker, id=job_id)
    except IntegrityError:
        # Another job of the same exclusive key runs; its end dispatches this one, and the sweeper backs that up.
        Job.objects.filter(pk=job_id, status=JobStatus.PENDING).update(dispatched_at=None)
        return None


def job_claim_next(*, queue: str, worker: str) -> Job | None:
    """Take the job of this queue whose owner's turn it is; returns None when none can be taken."""
    for _ in range(CLAIM_TRIES):
        try:
            return _claim(_CLAIM_NEXT, worker=worker, queue=queue)
        except IntegrityError:
            continue  # in the same moment another worker took one of its exclusive key: the next in line is free
    return None


def _claim(statement: str, *, worker: str, **which: Any) -> Job | None:
    parameters = {**which, "worker": worker, "token": new_id(), "lease": LEASE_SECONDS, "kinds": kind_names()}
    with _own_savepoint(), prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return None if row is None else _job_of(row)


def _job_of(row: tuple[Any, ...]) -> Job:
    """Return the job of a row of all columns."""
    values = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(_FIELDS, row, strict=True)
    ]
    return Job.from_db(connection.alias, [field.attname for field in _FIELDS], values)


_RENEW = """
UPDATE jobs_app_job SET progress = %s, stage = %s, updated_at = statement_timestamp(),
    lease_expires_at = statement_timestamp() + %s * interval '1 second'
WHERE id = %s AND lease_token = %s AND status = 'running'
RETURNING cancel_requested_at IS NOT NULL
"""


def lease_renew(*, job_id: UUID, lease_token: UUID, progress: float, stage: str) -> LeaseState:
    """Write progress and renew the lease in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [progress, stage, LEASE_SECONDS, job_id, lease_token])
        row = cursor.fetchone()
    return _lease_state(row)


_EXTEND = """
WITH free AS (
    SELECT id FROM jobs_app_job WHERE lease_token = ANY(%(tokens)s) AND status = 'running' FOR UPDATE SKIP LOCKED
), extended AS (
    UPDATE jobs_app_job SET lease_expires_at = statement_timestamp() + %(lease)s * interval '1 second'
    WHERE id IN (SELECT id FROM free)
)
SELECT count(*) = (SELECT count(*) FROM free) FROM jobs_app_job
WHERE lease_token = ANY(%(tokens)s) AND status = 'running'
"""


def leases_extend(*, lease_tokens: Iterable[UUID]) -> bool:
    """Renew the leases of runs that are alive, without touching their progress; returns whether all were free.

    A row that another transaction holds is passed over, so that the leases of the other runs need not wait for it.
    """
    tokens = list(lease_tokens)
    if not tokens:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_EXTEND, {"tokens": tokens, "lease": LEASE_SECONDS})
        (all_free,) = cursor.fetchone()
    return bool(all_free)


def run_stopped(*, job_id: UUID, lease_token: UUID, error: DomainError) -> None:
    """End a run whose process was ended because it exceeded a limit; it is not tried elsewhere."""
    job = Job.objects.filter(pk=job_id, lease_token=lease_token).first()
    if job is not None:
        job_finish(
            job=job, status=JobStatus.FAILED, outcome=JobAttempt.Outcome.FAILED,
            error_code=error.code, error_message=error.message, expected=False,
        )  # fmt: skip


def runs_cancelled(*, lease_tokens: Iterable[UUID]) -> set[UUID]:
    """Return those of the runs whose job somebody cancelled."""
    tokens = list(lease_tokens)
    if not tokens:
        return set()
    cancelled = Job.objects.filter(lease_token__in=tokens, cancel_requested_at__isnull=False, status=JobStatus.RUNNING)
    return {token for token in cancelled.values_list("lease_token", flat=True) if token is not None}


def run_end_cancelled(*, job_id: UUID, lease_token: UUID) -> None:
    """End a cancelled run whose process was killed because it did not stop by itself."""
    job = Job.objects.filter(pk=job_id, lease_token=lease_token).first()
    if job is not None:
        job_end_cancelled(job=job)


def lease_lock(*, job_id: UUID, lease_token: UUID) -> LeaseState:
    """Lock the job's row inside the present transaction and tell whether the run still owns it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cancel_requested_at IS NOT NULL FROM jobs_app_job "
            "WHERE id = %s AND lease_token = %s AND status = 'running' FOR UPDATE",
            [job_id, lease_token],
        )
        row = cursor.fetchone()
    return _lease_state(row)


def dedupe_release(*, job_id: UUID, lease_token: UUID) -> None:
    """Give up the dedupe key of a running job."""
    Job.objects.filter(pk=job_id, lease_token=lease_token, status=JobStatus.RUNNING).update(dedupe_key=None)


def _lease_state(row: tuple[bool] | None) -> LeaseState:
    if row is None:
        return LeaseState.LOST
    return LeaseState.CANCELLED if row[0] else LeaseState.HELD


_FINISH = """
WITH ended AS (
    UPDATE jobs_app_job SET
        status = %(status)s, completed_at = statement_timestamp(), updated_at = statement_timestamp(),
        lease_token = NULL, lease_expires_at = NULL, error_code = %(error_code)s, error_message = %(error_message)s,
        quarantined = %(quarantined)s, result = coalesce(%(result)s::jsonb, result),
        progress = CASE WHEN %(completed)s THEN 100 ELSE progress END,
        stage = CASE WHEN %(completed)s THEN 'done' ELSE stage END
    WHERE id = %(id)s AND lease_token = %(token)s AND status = 'running'
    RETURNING id
), attempt AS (
    UPDATE jobs_app_jobattempt SET
        finished_at = statement_timestamp(), outcome = %(outcome)s, error_code = %(error_code)s,
        error_detail = %(error_detail)s, expected = %(expected)s
    WHERE job_id IN (SELECT id FROM ended) AND number = %(number)s AND finished_at IS NULL
)
SELECT 1 FROM ended
"""


def job_finish(
    *,
    job: Job,
    status: JobStatus,
    outcome: JobAttempt.Outcome,
    result: dict[str, Any] | None = None,
    error_code: str | None = None,
    error_message: str | None = None,
    error_detail: str | None = None,
    expected: bool | None = None,
    quarantined: bool = False,
) -> bool:
    """End a run; returns False when the run had lost its job and nothing was written."""
    completed = status == JobStatus.COMPLETED
    parameters = {
        "id": job.pk, "token": job.lease_token, "number": job.attempts, "status": str(status), "outcome": str(outcome),
        "completed": completed, "result": json.dumps(result or {}) if completed else None, "expected": expected,
        "error_code": error_code, "error_message": error_message, "error_detail": error_detail,
        "quarantined": quarantined,
    }  # fmt: skip
    nobody_follows = completed and not job.exclusive_key and job.parent_id is None
    with nullcontext() if nobody_follows else transaction.atomic():
        with prepared_cursor() as cursor:
            cursor.execute(_FINISH, parameters)
            if cursor.fetchone() is None:
                return False
        after_final(job=job, status=status, error_code=error_code, error_message=error_message)
    return True


@transaction.atomic
def job_wait_again(
    *,
    job: Job,
    delay_seconds: float,
    outcome: JobAttempt.Outcome,
    error_code: str,
    error_detail: str | None,
    expected: bool,
) -> bool:
    """Send a running job back to wait, to be dispatched after ``delay_seconds``; one that was cancelled ends instead."""
    running = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, status=JobStatus.RUNNING)
    owned = running.filter(cancel_requested_at=None).update(
        status=JobStatus.PENDING,
        stage="",
        scheduled_for=Now() + timedelta(seconds=delay_seconds) if delay_seconds else None,
        dispatched_at=None,
        lease_token=None,
        lease_expires_at=None,
        updated_at=Now(),
        error_code=error_code,
    )
    if not owned:
        return job_end_cancelled(job=job, outcome=outcome)
    attempt_finish(job=job, outcome=outcome, error_code=error_code, error_detail=error_detail, expected=expected)
    return True


def job_end_cancelled(*, job: Job, outcome: JobAttempt.Outcome = JobAttempt.Outcome.CANCELLED) -> bool:
    """End a run whose job somebody cancelled; returns False when the run had lost its job."""
    return job_finish(
        job=job,
        status=JobStatus.CANCELLED,
        outcome=outcome,
        error_code="cancelled",
        error_message="The job was cancelled.",
        expected=True,
    )


def attempt_finish(
    *,
    job: Job,
    outcome: JobAttempt.Outcome,
    error_code: str | None = None,
    error_detail: str | None = None,
    expected: bool | None = None,
) -> None:
    """Close the attempt row of the job's present run."""
    JobAttempt.objects.filter(job_id=job.pk, number=job.attempts, finished_at=None).update(
        finished_at=Now(), outcome=outcome, error_code=error_code, error_detail=error_detail, expected=expected
    )


def after_final(
    *, job: Job, status: JobStatus, error_code: str | None = None, error_message: str | None = None
) -> None:
    """What follows a final state, in its transaction: the kind's own end, the next in line, the group, listeners.

    Rows are locked in one order everywhere: jobs before their group, so that an end and a cancel cannot wait for
    each other.
    """
    from jobs_app.services.dispatch import dispatch_next_exclusive

    if status != JobStatus.COMPLETED and is_known(job.job_type):
        get_kind(job.job_type).on_end(job, error_code or str(status), error_message or f"The job was {status}.")
    if job.exclusive_key:
        dispatch_next_exclusive(job.exclusive_key)
    if job.parent_id is not None:
        group_refresh(parent_id=job.parent_id)
    transaction.on_commit(lambda: publish_progress(job.pk, status=str(status)))


def group_progress(*, parent_id: UUID) -> None:
    """Set a group's progress to the mean of its children's, and mark it running."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_app_job SET status = 'running', started_at = coalesce(started_at, now()), updated_at = now(),"
            " progress = greatest(progress, least(99.9, (SELECT avg(CASE WHEN c.status IN ('completed', 'failed',"
            " 'cancelled') THEN 100 ELSE c.progress END) FROM jobs_app_job c WHERE c.parent_id = jobs_app_job.id)))"
            " WHERE id = %s AND status IN ('pending', 'running') RETURNING progress",
            [parent_id],
        )
        row = cursor.fetchone()
    if row:
        publish_progress(parent_id, status="running", progress=row[0])


@transaction.atomic
def group_refresh(*, parent_id: UUID) -> None:
    """Complete a group whose children are all final; otherwise bring its progress up to date."""
    parent = Job.objects.select_for_update().get(pk=parent_id)
    if parent.status in FINAL:
        return
    children = list(parent.children.order_by("id"))
    if any(child.status not in FINAL for child in children):
        group_progress(parent_id=parent_id)
        return
    kind = get_kind(parent.job_type)
    assert kind.summarise is not None
    outcome = kind.summarise(parent, children)
    cancelled = parent.cancel_requested_at is not None
    failed = outcome.error_code is not None
    parent.status = JobStatus.CANCELLED if cancelled else JobStatus.FAILED if failed else JobStatus.COMPLETED
    parent.result, parent.error_code, parent.error_message = outcome.result, outcome.error_code, outcome.error_message
    parent.progress, parent.stage, parent.completed_at = 100.0, "done", timezone.now()
    parent.started_at = parent.started_at or parent.completed_at
    parent.save()
    kind.after_group(parent)
    transaction.on_commit(lambda: publish_progress(parent_id, status=parent.status))

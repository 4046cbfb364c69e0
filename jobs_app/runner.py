"""Running one job: claim, hand over to the kind, end in a named state whatever happens."""

from __future__ import annotations

import random
import traceback
from uuid import UUID

import structlog

from jobs_app.context import JobContext
from jobs_app.domain.lifecycle import JobStatus, backoff_seconds
from jobs_app.errors import JobCancelled, JobKindUnknown, JobSurprise, LeaseLost
from jobs_app.leases import lease_kept
from jobs_app.limits import bounded
from jobs_app.models import Job, JobAttempt
from jobs_app.registry import JobKind, get_kind
from jobs_app.services import ledger
from tutor_project.common.errors import DomainError
from tutor_project.common.observability import report_error, span

log = structlog.get_logger(__name__)

_jitter = random.SystemRandom()


def job_run(*, job_id: UUID | str, worker: str) -> str:
    """Run this job if it is due and free; returns its state afterwards (``not_claimed`` when there was nothing to do)."""
    return _run_claimed(ledger.job_claim(job_id=job_id, worker=worker))


def job_run_next(*, queue: str, worker: str) -> str:
    """Run the job of this queue whose owner's turn it is; returns as ``job_run`` does."""
    return _run_claimed(ledger.job_claim_next(queue=queue, worker=worker))


def _run_claimed(job: Job | None) -> str:
    if job is None:
        return "not_claimed"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        job_id=str(job.pk), job_type=job.job_type, user_id=str(job.owner_id), request_id=job.metadata.get("request_id")
    )
    try:
        kind = get_kind(job.job_type)
    except JobKindUnknown as error:
        return _fail(job, error)
    return _run(job, kind)


def _run(job: Job, kind: JobKind) -> str:
    assert kind.handler is not None
    try:
        traced = span("job", carrier=job.metadata.get("trace"), job_type=job.job_type)
        with lease_kept(job, kind.limits), traced, bounded(kind.limits):
            result = kind.handler(JobContext(job))
        kept = ledger.job_finish(
            job=job, status=JobStatus.COMPLETED, outcome=JobAttempt.Outcome.COMPLETED, result=result
        )
        # What a schedule asked for runs day and night; its row tells enough unless it goes wrong.
        note = log.debug if job.trigger == "schedule" else log.info
        note("job_completed", kept=kept)
        return "completed" if kept else "lease_lost"
    except JobCancelled:
        return _cancel(job)
    except LeaseLost:
        log.warning("job_lease_lost")
        return "lease_lost"
    except kind.transient as error:
        return _retry_or_fail(job, kind, error)
    except DomainError as error:
        return _fail(job, error)
    except Exception as error:
        # A surprise ends the job in a named state; its traceback goes to the attempt and the log.
        log.exception("job_surprise")
        report_error(error, job_id=str(job.pk), job_type=job.job_type)
        return _fail(job, JobSurprise(), detail=traceback.format_exc())


def _cancel(job: Job) -> str:
    ledger.job_end_cancelled(job=job)
    log.info("job_cancelled")
    return "cancelled"


def _retry_or_fail(job: Job, kind: JobKind, error: BaseException) -> str:
    code = error.code if isinstance(error, DomainError) else type(error).__name__
    if job.attempts >= job.max_attempts:
        known = error if isinstance(error, DomainError) else JobSurprise()
        return _fail(job, known, detail=f"{code}: {error}")
    delay = backoff_seconds(job.attempts, base=kind.backoff_base, ceiling=kind.backoff_ceiling, rng=_jitter)
    ledger.job_wait_again(
        job=job,
        delay_seconds=delay,
        outcome=JobAttempt.Outcome.RETRIED,
        error_code=code,
        error_detail=str(error),
        expected=True,
    )
    log.warning("job_retried", code=code, delay=round(delay, 1))
    return "pending"


def _fail(job: Job, error: DomainError, *, detail: str | None = None) -> str:
    """End a run; a refusal of what it was given (4xx) is expected, a fault of ours (5xx) is not."""
    ledger.job_finish(
        job=job,
        status=JobStatus.FAILED,
        outcome=JobAttempt.Outcome.FAILED,
        error_code=error.code,
        error_message=error.message,
        error_detail=detail,
        expected=error.status < 500,
    )
    log.info("job_failed", code=error.code)
    return "failed"

"""The sweeper: what a killed worker or a flushed Redis left behind is found in the ledger and set going again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import redis
import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.errors import JobKindUnknown, WorkerLost
from jobs_app.models import Job, JobAttempt, ProcessHeartbeat
from jobs_app.registry import kind_names
from jobs_app.services import ledger
from jobs_app.services.dispatch import dispatch_on_commit
from jobs_app.services.privacy import erasure_checks_create
from tutor_project.common.locks import try_advisory_lock
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)

BATCH = 1000
LOST_AFTER = timedelta(seconds=10)
"""A dispatched job that nobody claimed for this long may have lost its message."""
HEARTBEAT_KEPT = timedelta(hours=1)
UNKNOWN_AFTER = timedelta(minutes=5)
"""While versions change, a job may be older than the first worker that knows its kind."""
LIVING_WITHIN = timedelta(minutes=1)
LOCK_WAIT = "2s"
"""A sweep gives up a row that somebody holds; the next one comes within seconds."""
MOST_LOCKED = 5


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did."""

    reclaimed: int = 0
    quarantined: int = 0
    dispatched: int = 0
    redispatched: int = 0
    unknown_kind: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the counts."""
        return asdict(self)


def sweep() -> SweepReport:
    """Reclaim expired leases, dispatch what is due, have erasures checked; one sweep at a time, others return at once."""
    with transaction.atomic(), try_advisory_lock("sweeper") as held:
        if not held:
            return SweepReport()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        unknown = _fail_unknown_kinds()
        reclaimed, quarantined = _reclaim_expired()
        dispatched = _dispatch_due()
        redispatched = _redispatch_lost()
        erasure_checks_create()
        ProcessHeartbeat.objects.filter(seen_at__lt=Now() - HEARTBEAT_KEPT).delete()
    report = SweepReport(reclaimed, quarantined, dispatched, redispatched, unknown)
    if any(report.as_dict().values()):
        log.info("jobs_swept", **report.as_dict())
    return report


def _reclaim_expired() -> tuple[int, int]:
    expired = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        status=JobStatus.RUNNING, is_group=False, lease_expires_at__lt=Now()
    )
    done = Counter(_unless_locked(expired.order_by("lease_expires_at")[:BATCH], _reclaim))
    return done["reclaimed"], done["quarantined"]


def _reclaim(job: Job) -> str:
    if job.cancel_requested_at is not None:
        ledger.job_end_cancelled(job=job, outcome=JobAttempt.Outcome.LOST)
        return "cancelled"
    if job.attempts >= job.max_attempts:
        _quarantine(job)
        return "quarantined"
    ledger.job_wait_again(
        job=job,
        delay_seconds=0,
        outcome=JobAttempt.Outcome.LOST,
        error_code="worker_lost",
        error_detail=None,
        expected=False,
    )
    return "reclaimed"


def _unless_locked(jobs: Iterable[Job], settle: Callable[[Job], str]) -> Iterator[str]:
    """Settle each job by itself; one that needs a row which somebody holds too long is left to the next sweep."""
    locked = 0
    for job in jobs:
        try:
            with transaction.atomic():
                done = settle(job)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            log.warning("job_not_swept", job_id=str(job.pk), reason="locked")
            locked += 1
            if locked == MOST_LOCKED:
                return
        else:
            yield done


def _quarantine(job: Job) -> None:
    error = WorkerLost(attempts=job.attempts)
    ledger.job_finish(
        job=job,
        status=JobStatus.FAILED,
        outcome=JobAttempt.Outcome.LOST,
        error_code=error.code,
        error_message=error.message,
        expected=False,
        quarantined=True,
    )


def _dispatch_due() -> int:
    due = list(
        Job.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(
            Q(scheduled_for=None) | Q(scheduled_for__lte=Now()),
            status=JobStatus.PENDING,
            is_group=False,
            dispatched_at=None,
            job_type__in=kind_names(),
        )
        .order_by("id")[:BATCH]
    )
    Job.objects.filter(pk__in=[job.pk for job in due]).update(dispatched_at=Now())
    dispatch_on_commit(due)
    return len(due)


def _redispatch_lost() -> int:
    """Send again as many of the oldest waiting jobs as the broker's queues hold fewer messages than the ledger.

    All that was dispatched is counted, or new messages would hide an old lost one as long as the load lasts. A message
    too many is harmless, since claiming is conditional; a message too few would wait for ever.
    """
    total = 0
    sent = Job.objects.filter(status=JobStatus.PENDING, is_group=False, dispatched_at__isnull=False)
    for queue, count in sent.values_list("queue").annotate(count=Count("pk")).order_by():
        try:
            missing = count - int(client().llen(queue))  # type: ignore[arg-type]
        except redis.RedisError as error:
            log.warning("queue_depth_unknown", error=type(error).__name__)
            return total
        if missing <= 0:
            continue
        lost = list(
            sent.filter(queue=queue, dispatched_at__lt=Now() - LOST_AFTER, job_type__in=kind_names()).order_by(
                "dispatched_at"
            )[: min(missing, BATCH)]
        )
        Job.objects.filter(pk__in=[job.pk for job in lost]).update(dispatched_at=Now())
        dispatch_on_commit(lost)
        total += len(lost)
    return total


def _fail_unknown_kinds() -> int:
    """Name the jobs that no living worker can run, instead of sending them round and round."""
    heartbeats = ProcessHeartbeat.objects.filter(seen_at__gte=Now() - LIVING_WITHIN, kinds__isnull=False)
    known = {*kind_names(), *(kind for kinds in heartbeats.values_list("kinds", flat=True) for kind in kinds or ())}
    unknown = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        status=JobStatus.PENDING, created_at__lt=Now() - UNKNOWN_AFTER
    )
    return len(list(_unless_locked(unknown.exclude(job_type__in=known).order_by("id")[:BATCH], _fail_unknown)))


def _fail_unknown(job: Job) -> str:
    error = JobKindUnknown(job_type=job.job_type)
    job.status, job.error_code, job.error_message = JobStatus.FAILED, error.code, error.message
    job.completed_at = timezone.now()
    job.save(update_fields=["status", "error_code", "error_message", "completed_at", "updated_at"])
    ledger.after_final(job=job, status=JobStatus.FAILED, error_code=error.code, error_message=error.message)
    return "failed"

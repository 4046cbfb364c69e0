"""Creating jobs: validated by their kind, deduplicated by key, dispatched on commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone

from jobs_app.domain.lifecycle import ACTIVE
from jobs_app.errors import JobKindForbidden, JobScheduleInvalid
from jobs_app.models import Job
from jobs_app.registry import JobKind, get_kind
from jobs_app.services.dispatch import dispatch_on_commit
from jobs_app.services.turns import next_turn, turn_expression
from tutor_project.common.observability import trace_carrier
from tutor_project.common.postgres.prepared import prepared_cursor

LATEST_SCHEDULE = timedelta(days=366)
CLOCK_TOLERANCE = timedelta(minutes=2)
JOINED = "joined"
"""Set in the metadata of a job that a second request got instead of one of its own: more than one may wait for it."""


def job_create(
    *,
    job_type: str,
    job_data: dict[str, Any] | None = None,
    owner_id: UUID | None = None,
    priority: str | None = None,
    scheduled_for: datetime | None = None,
    dedupe_key: str | None = None,
    parent: Job | None = None,
    trigger: str = "system",
    metadata: dict[str, Any] | None = None,
) -> Job:
    """Create a job, or return the active one of the same ``dedupe_key``.

    Raises JobKindUnknown, JobDataInvalid, JobScheduleInvalid.
    """
    kind = get_kind(job_type)
    job = _build(
        kind,
        kind.validate(job_data or {}),
        owner_id=owner_id,
        priority=priority or kind.priority,
        scheduled_for=_checked_schedule(scheduled_for),
        dedupe_key=dedupe_key,
        parent=parent,
        trigger=trigger,
        metadata=metadata or {},
    )
    if dedupe_key is None:
        _insert(job)  # one statement: it needs no transaction around it
        if job.dispatched_at is not None:
            dispatch_on_commit([job])
        return job
    with transaction.atomic():
        existing = _insert_unless_active(job)
        if existing is None and job.dispatched_at is not None:
            dispatch_on_commit([job])
    return existing or job


@transaction.atomic
def job_create_many(
    *,
    job_type: str,
    items: Sequence[dict[str, Any]],
    owner_id: UUID | None,
    parent: Job | None,
    priority: str | None = None,
) -> list[Job]:
    """Create jobs of one kind in one statement, in the order of ``items``."""
    kind = get_kind(job_type)
    jobs = [
        _build(
            kind,
            kind.validate(item),
            owner_id=owner_id,
            priority=priority or kind.priority,
            scheduled_for=None,
            dedupe_key=None,
            parent=parent,
            trigger="system",
            metadata={},
        )
        for item in items
    ]
    turn = next_turn(owner_id=owner_id, queue=kind.queue(priority or kind.priority))
    for position, job in enumerate(jobs):
        job.turn = turn + position
    Job.objects.bulk_create(jobs)
    dispatch_on_commit(jobs)
    return jobs


def ensure_may_create(*, kind: JobKind, is_staff: bool) -> None:
    """Raise JobKindForbidden unless the kind may be created through the API by this caller."""
    allowed = "learner" in kind.creators or (is_staff and "staff" in kind.creators)
    if not allowed:
        raise JobKindForbidden(job_type=kind.name)


def _build(kind: JobKind, data: dict[str, Any], *, scheduled_for: datetime | None, **fields: Any) -> Job:
    due = not kind.is_group and scheduled_for is None
    fields["metadata"] = {**_origin(), **fields["metadata"]}
    return Job(
        job_type=kind.name,
        input=data,
        queue=kind.queue(fields["priority"]),
        is_group=kind.is_group,
        max_attempts=kind.max_attempts,
        exclusive_key=kind.exclusive(data),
        scheduled_for=scheduled_for,
        dispatched_at=timezone.now() if due else None,
        **fields,
    )


def _origin() -> dict[str, Any]:
    """Return the request and the trace the job comes from, so that its log lines and spans join theirs."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    carrier = trace_carrier()
    return {**({"request_id": request_id} if request_id else {}), **({"trace": carrier} if carrier else {})}


def _insert_unless_active(job: Job) -> Job | None:
    """Insert ``job``; returns the active job that already holds its key instead, if there is one."""
    for _ in range(5):
        if _insert(job):
            return None
        holder = Job.objects.filter(dedupe_key=job.dedupe_key, status__in=ACTIVE)
        if holder.filter(cancel_requested_at__isnull=False).update(dedupe_key=None):
            continue  # what is being cancelled makes nothing any more for whoever asks now
        active = holder.first()
        if active is not None:
            holder.exclude(metadata__has_key=JOINED).update(
                metadata=RawSQL("metadata || %s", [json.dumps({JOINED: True})])
            )
            return active
        # The holder of the key ended between the two statements: insert again.
    raise RuntimeError(f"the active job of {job.dedupe_key} kept changing")


_INSERT = """
INSERT INTO jobs_app_job (
    id, created_at, updated_at, owner_id, parent_id, job_type, priority, queue, is_group, input, metadata, trigger,
    dedupe_key, exclusive_key, max_attempts, scheduled_for, dispatched_at,
    status, progress, stage, attempts, quarantined, worker, turn
) VALUES (
    %(id)s, %(now)s, %(now)s, %(owner)s, %(parent)s, %(job_type)s, %(priority)s, %(queue)s::varchar, %(is_group)s, %(input)s,
    %(metadata)s, %(trigger)s, %(dedupe_key)s, %(exclusive_key)s, %(max_attempts)s, %(scheduled_for)s, %(dispatched_at)s,
    'pending', 0, '', 0, false, '', {turn}
) ON CONFLICT DO NOTHING RETURNING turn
"""


def _insert(job: Job) -> bool:
    """Insert ``job`` with its turn in one statement; returns False when an active job holds its dedupe key."""
    job.created_at = job.updated_at = timezone.now()
    parameters = {
        "id": job.pk, "now": job.created_at, "owner": job.owner_id, "parent": job.parent_id, "job_type": job.job_type,
        "priority": job.priority, "queue": job.queue, "is_group": job.is_group, "input": json.dumps(job.input),
        "metadata": json.dumps(job.metadata), "trigger": job.trigger, "dedupe_key": job.dedupe_key,
        "exclusive_key": job.exclusive_key, "max_attempts": job.max_attempts, "scheduled_for": job.scheduled_for,
        "dispatched_at": job.dispatched_at,
    }  # fmt: skip
    with prepared_cursor() as cursor:
        cursor.execute(_INSERT.format(turn=turn_expression(job.owner_id)), parameters)
        row = cursor.fetchone()
    if row is None:
        return False
    (job.turn,) = row
    job._state.adding, job._state.db = False, connection.alias
    return True


def _checked_schedule(moment: datetime | None) -> datetime | None:
    """Return when the job is due, None for at once; raises JobScheduleInvalid."""
    if moment is None:
        return None
    now = timezone.now()
    if not now - CLOCK_TOLERANCE <= moment <= now + LATEST_SCHEDULE:
        raise JobScheduleInvalid(attr="scheduled_for")
    return moment if moment > now else None

"""Reads of the ledger for the staff console; not scoped to an owner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Sum

from jobs_app.models import Job, JobHour

HOUR = timedelta(hours=1)
RESOLUTION = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """The latest job of a schedule; times are None while it waits or runs."""

    job_id: UUID
    status: str
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    @property
    def seconds(self) -> float | None:
        """How long it ran."""
        if self.started_at is None or self.completed_at is None:
            return None
        return (self.completed_at - self.started_at).total_seconds()


_LATEST = """
    SELECT DISTINCT ON (asked.schedule) asked.schedule, job.*
    FROM unnest(%s::text[], %s::text[]) AS asked(schedule, job_type)
    CROSS JOIN unnest(%s::text[]) AS state
    CROSS JOIN LATERAL (
        SELECT id, status, error_code, created_at, started_at, completed_at FROM jobs_app_job
        WHERE job_type = asked.job_type AND status = state AND metadata->>'schedule' = asked.schedule
        ORDER BY id DESC LIMIT 1
    ) AS job
    ORDER BY asked.schedule, job.id DESC
"""


def schedule_runs(*, job_types: Mapping[str, str]) -> dict[str, ScheduleRun]:
    """Return the latest job of each schedule, given the job type of each; schedules that never ran are absent.

    One probe of the type and status index for each schedule and status, whatever the size of the ledger.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [list(job_types), list(job_types.values()), list(Job.Status.values)])
        return {row[0]: ScheduleRun(*row[1:]) for row in cursor.fetchall()}


def outcomes(*, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    """Return ``{job type: {status: number}}``: jobs that ended in ``[start, end)``, and those that wait or run now.

    Groups are left out: their children count. Whole hours that were counted already are read from their counts.
    """
    jobs = Job.objects.filter(is_group=False).order_by()
    active = jobs.filter(status__in=[Job.Status.PENDING, Job.Status.RUNNING])
    ended = jobs.filter(status__in=[Job.Status.COMPLETED, Job.Status.FAILED, Job.Status.CANCELLED])
    first, last = _hour(start + HOUR - RESOLUTION), min(_hour(end), rolled_until() or start)
    if first < last:
        edges = [(start, first), (last, end)]
        hours = JobHour.objects.filter(hour__gte=first, hour__lt=last).order_by()
    else:
        edges, hours = [(start, end)], JobHour.objects.none()
    live = [ended.filter(completed_at__gte=begin, completed_at__lt=until) for begin, until in edges]
    counts: list[Any] = [part.values_list("job_type", "status").annotate(total=Count("*")) for part in (active, *live)]
    counts.append(hours.values_list("job_type", "status").annotate(total=Sum("number")))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for job_type, status, number in chain.from_iterable(counts):
        found[job_type][status] += number
    return {job_type: dict(statuses) for job_type, statuses in found.items()}


def rolled_until() -> datetime | None:
    """Return the end of the last hour whose jobs were counted; None before the first."""
    last: datetime | None = JobHour.objects.aggregate(last=Max("hour"))["last"]
    return None if last is None else last + HOUR


def _hour(moment: datetime) -> datetime:
    """Return the beginning of the hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

"""Figures of the ledger."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from jobs_app.models import Job
from tutor_project.common.api.time_range import TimeRange

_TIMES = """
SELECT avg(w), percentile_cont(0.5) WITHIN GROUP (ORDER BY w), percentile_cont(0.95) WITHIN GROUP (ORDER BY w),
       avg(r), percentile_cont(0.5) WITHIN GROUP (ORDER BY r), percentile_cont(0.95) WITHIN GROUP (ORDER BY r)
FROM (
    SELECT extract(epoch FROM a.claimed_at - greatest(j.created_at, j.scheduled_for)) AS w,
           extract(epoch FROM a.finished_at - a.claimed_at) AS r
    FROM jobs_app_jobattempt a JOIN jobs_app_job j ON j.id = a.job_id
    WHERE a.number = 1 AND j.created_at >= %s AND j.created_at < %s AND (%s::uuid IS NULL OR j.owner_id = %s)
) t
"""


def job_statistics(*, jobs: QuerySet[Job], span: TimeRange, owner_id: Any | None) -> dict[str, Any]:
    """Return counts by status and type, and wait and run times in seconds, of the jobs created in the range."""
    rows = jobs.filter(created_at__gte=span.start, created_at__lt=span.end).order_by()
    by_status = dict(rows.values_list("status").annotate(n=Count("pk")))
    by_type: dict[str, dict[str, int]] = {}
    for job_type, status, number in rows.values_list("job_type", "status").annotate(n=Count("pk")):
        by_type.setdefault(job_type, {})[status] = number
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, [span.start, span.end, owner_id, owner_id])
        wait_mean, wait_p50, wait_p95, run_mean, run_p50, run_p95 = cursor.fetchone()
    return {
        "total": sum(by_status.values()),
        "by_status": {status: by_status.get(status, 0) for status in Job.Status.values},
        "by_type": by_type,
        "wait_seconds": {"mean": _number(wait_mean), "p50": wait_p50, "p95": wait_p95},
        "run_seconds": {"mean": _number(run_mean), "p50": run_p50, "p95": run_p95},
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

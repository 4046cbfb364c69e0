"""Ended jobs counted by the hour: months of millions are read from a few rows, also when the jobs are gone."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from jobs_app.models import JobHour
from jobs_app.selectors.console import rolled_until

KEPT = timedelta(days=400)

# An hour is closed five minutes after its end: by then whatever ended in it has been committed.
_ROLL = """
INSERT INTO jobs_app_jobhour (hour, job_type, status, number)
SELECT date_trunc('hour', completed_at, 'UTC'), job_type, status, count(*) FROM jobs_app_job
WHERE status IN ('completed', 'failed', 'cancelled') AND NOT is_group
  AND (%(start)s::timestamptz IS NULL OR completed_at >= %(start)s)
  AND completed_at < date_trunc('hour', now() - interval '5 minutes', 'UTC')
GROUP BY 1, 2, 3
ON CONFLICT (hour, job_type, status) DO UPDATE SET number = greatest(jobs_app_jobhour.number, excluded.number)
"""


@transaction.atomic
def hours_roll() -> int:
    """Count the closed hours since the last count; returns the number of rows written. May be done again."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLL, {"start": rolled_until()})
        written = cursor.rowcount
    JobHour.objects.filter(hour__lt=Now() - KEPT).delete()
    return int(written)

"""Retention of finished jobs. Aggregates live in the facts and stay."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jobs_app.domain.lifecycle import FINAL
from jobs_app.models import Job
from tutor_project.common import runtime
from tutor_project.common.models import IdempotencyRecord

BATCH = 2000
IDEMPOTENCY_KEPT = timedelta(hours=24)


def completed_jobs_cleanup() -> dict[str, int]:
    """Delete jobs that ended before the retention, and idempotency records of yesterday; returns the counts."""
    days = runtime.get_int("JOB_RETENTION_DAYS")
    ended = Job.objects.filter(status__in=FINAL, completed_at__lt=timezone.now() - timedelta(days=days))
    deleted = 0
    while ids := list(ended.values_list("pk", flat=True)[:BATCH]):
        deleted += Job.objects.filter(pk__in=ids).delete()[1].get("jobs_app.Job", 0)
    old = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - IDEMPOTENCY_KEPT)
    return {"jobs_deleted": deleted, "idempotency_records_deleted": old.delete()[0], "retention_days": days}

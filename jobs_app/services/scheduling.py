"""Periodic tasks: seeded once, fired as ledger jobs, never on top of themselves."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.models import Job
from jobs_app.schedules import Schedule, all_schedules, get_schedule
from jobs_app.services.creation import job_create

FIRE_TASK = "jobs.schedule_fire"


@transaction.atomic
def schedules_seed() -> list[str]:
    """Create the rows of schedules that have none yet; returns their names. Existing rows are never touched."""
    existing = set(PeriodicTask.objects.values_list("name", flat=True))
    created = []
    for position, schedule in enumerate(all_schedules()):
        if schedule.name not in existing:
            _create(schedule, position)
            created.append(schedule.name)
    return created


def _create(schedule: Schedule, position: int) -> None:
    interval, _ = IntervalSchedule.objects.get_or_create(every=schedule.seconds, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(
        name=schedule.name,
        task=schedule.task or FIRE_TASK,
        args=json.dumps([] if schedule.task else [schedule.name]),
        interval=interval,
        queue=schedule.priority if schedule.priority != "medium" else "default",
        expire_seconds=max(schedule.seconds - 1, 1),
        description=schedule.description,
        # The first run lies a few seconds apart from the others'.
        last_run_at=timezone.now() - timedelta(seconds=max(schedule.seconds - 5 - 2 * position, 0)),
    )


@transaction.atomic
def schedule_fire(*, schedule: str, trigger: str = "schedule") -> str:
    """Create the schedule's job. While the previous one is active, record a skip instead; returns the job's id."""
    declared = get_schedule(schedule)
    if declared is None or declared.job_type is None:
        return "unknown_schedule"
    key = f"schedule:{schedule}"
    metadata = {"schedule": schedule}
    active = Job.objects.filter(dedupe_key=key, status__in=["pending", "running"]).first()
    if active is not None:
        return str(_record_skip(declared, active).pk)
    return str(
        job_create(
            job_type=declared.job_type, dedupe_key=key, trigger=trigger, metadata=metadata, priority=declared.priority
        ).pk
    )


def _record_skip(schedule: Schedule, active: Job) -> Job:
    assert schedule.job_type is not None
    return Job.objects.create(
        job_type=schedule.job_type,
        status=JobStatus.CANCELLED,
        trigger="schedule",
        metadata={"schedule": schedule.name, "skipped_for": str(active.pk)},
        completed_at=timezone.now(),
        error_code="schedule_overlap",
        error_message="Skipped: the previous run of this schedule has not ended.",
    )

"""Periodic tasks: seeded once, fired as ledger jobs, never on top of themselves."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.models import Job
from jobs_app.registry import QUEUE_OF_PRIORITY
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
        queue=QUEUE_OF_PRIORITY[schedule.priority],
        expire_seconds=max(schedule.seconds - 1, 1),
        description=schedule.description,
        # The first run lies a few seconds apart from the others'.
        last_run_at=timezone.now() - timedelta(seconds=max(schedule.seconds - 5 - 2 * position, 0)),
    )


def fired_schedule(*, task: str, args: str) -> str | None:
    """Return the name of the schedule that a row of beat fires; None for a plain task and for arguments that name none."""
    given = _json(args or "[]")
    if task != FIRE_TASK or not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], str):
        return None
    return given[0]


def schedule_problems(*, task: str, args: str, kwargs: str, queue: str) -> list[tuple[str, str]]:
    """Return what is wrong with a row of beat as ``(field, sentence)``: what it could not send, or no worker could run."""
    problems = []
    given, named = _json(args), _json(kwargs)
    if not isinstance(given, list):
        problems.append(("args", 'Give a JSON list, for example ["name"].'))
    if not isinstance(named, dict):
        problems.append(("kwargs", 'Give a JSON object, for example {"name": 1}.'))
    if queue and queue not in settings.JOB_QUEUES:
        problems.append(("queue", f"No worker serves this queue. There are: {', '.join(settings.JOB_QUEUES)}."))
    if task not in _tasks():
        problems.append(("task", "No worker knows this task. Choose one of the list."))
    elif task not in _scheduled_tasks():
        problems.append(("task", "This is no task of a schedule: what it does is asked for where it belongs."))
    elif not problems and (fault := _call_fault(task, given, named)):
        problems.append(("args", fault))
    return problems


def _call_fault(task: str, args: list[Any], kwargs: dict[str, Any]) -> str:
    if task == FIRE_TASK and (kwargs or get_schedule(fired_schedule(task=task, args=json.dumps(args)) or "") is None):
        return f"Give the name of one schedule. There are: {', '.join(schedule.name for schedule in all_schedules())}."
    try:
        _tasks()[task].__header__(*args, **kwargs)
    except TypeError as error:
        return f"The task does not take this: {error}."
    return ""


def _scheduled_tasks() -> set[str]:
    """Return what runs by the clock; any other task, a mail or the library's own, could be asked for without end so."""
    return {FIRE_TASK, *(schedule.task for schedule in all_schedules() if schedule.task)}


def _tasks() -> Any:
    """Return the tasks that workers know, by name."""
    from tutor_project.celery import app

    app.loader.import_default_modules()
    return app.tasks


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


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

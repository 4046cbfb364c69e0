"""Schedules in the console: django-celery-beat's tables with the theme, their last run and their next one."""

from __future__ import annotations

from calendar import monthrange
from typing import Any

from celery import schedules
from django import forms
from django.contrib import admin
from django.core.validators import MaxLengthValidator
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timeuntil
from django_celery_beat.admin import CrontabScheduleAdmin as BeatCrontabAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm as BeatTaskForm
from django_celery_beat.admin import TaskSelectWidget
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from jobs_app.schedules import get_schedule
from jobs_app.selectors.console import ScheduleRun, schedule_runs
from jobs_app.services.scheduling import fired_schedule, schedule_fire, schedule_problems
from tutor_project.common.console import ConsoleAdmin, object_link, row_action
from tutor_project.common.errors import Conflict, DomainError

LEAP_YEAR = 2024
LONGEST_ARGUMENTS = 500
MAY_CHANGE = "django_celery_beat.change_periodictask"
OUTCOMES = {
    "completed": "success", "failed": "danger", "cancelled": "warning", "running": "primary", "pending": "info",
}  # fmt: skip

for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule):
    admin.site.unregister(model)


class ScheduleNotInLedger(Conflict):
    """409: the task is no job of the ledger and is sent by beat alone."""

    code = "schedule_not_in_ledger"
    detail = "{name} is no job of the ledger; beat sends it by itself."


class CrontabInvalid(DomainError):
    """400: a crontab that cannot be read, or that no day of any year meets."""

    code = "crontab_invalid"
    detail = "{reason}"


def crontab_validate(
    *, minute: str, hour: str, day_of_month: str, month_of_year: str, day_of_week: str
) -> schedules.crontab:
    """Return the crontab; raises CrontabInvalid when it cannot be read or never fires, such as on 31 February."""
    try:
        cron: Any = schedules.crontab(
            minute=minute,
            hour=hour,
            day_of_month=day_of_month,
            month_of_year=month_of_year,
            day_of_week=day_of_week,
        )
    except (schedules.ParseException, ValueError) as error:
        raise CrontabInvalid(reason=f"This is no crontab: {error}.") from error
    if not all((cron.minute, cron.hour, cron.day_of_week)):
        raise CrontabInvalid(reason="This crontab never fires: a field of it matches nothing.")
    longest = {month: monthrange(LEAP_YEAR, month)[1] for month in cron.month_of_year}
    if not any(day <= length for length in longest.values() for day in cron.day_of_month):
        raise CrontabInvalid(reason="This crontab never fires: no month it names has such a day.")
    return cron


class CrontabForm(forms.ModelForm):  # type: ignore[type-arg]
    """A crontab that some day meets."""

    class Meta:
        model = CrontabSchedule
        fields = ["minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone"]

    def clean(self) -> dict[str, Any]:
        """Refuse what never fires."""
        data: dict[str, Any] = super().clean() or {}
        parts = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
        if all(part in data for part in parts):
            try:
                crontab_validate(**{part: data[part] for part in parts})
            except CrontabInvalid as error:
                raise forms.ValidationError(error.message) from error
        return data


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The registered tasks, in the theme."""


class TaskForm(BeatTaskForm):
    """A schedule; the sentence of an error names the cure."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("args", "kwargs"):
            if name in self.fields:  # before anything reads them: brackets in brackets are no schedule's
                self.fields[name].validators.append(MaxLengthValidator(LONGEST_ARGUMENTS))
        if "task" in self.fields:
            self.fields["task"].widget = UnfoldAdminTextInputWidget()
            self.fields["regtask"].widget = TaskSelect()

    def clean(self) -> dict[str, Any]:
        """Refuse what beat could not send, or no worker could run."""
        data: dict[str, Any] = super().clean() or {}
        for field, problem in schedule_problems(
            task=data.get("task") or "",
            args=data.get("args") or "[]",
            kwargs=data.get("kwargs") or "{}",
            queue=data.get("queue") or "",
        ):
            self.add_error(field if field in self.fields else None, problem)
        return data


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatTaskAdmin, ConsoleAdmin):  # type: ignore[misc]
    """What runs by itself, when it last ran, how that ended, and when it runs next."""

    form = TaskForm
    change_form_template = None  # beat's own needs an inline script, which the console's policy forbids
    date_hierarchy = None
    list_display = [
        "name", "enabled", "shown_when", "last_run_at", "shown_outcome", "shown_duration", "shown_next", "shown_job",
    ]  # fmt: skip
    list_filter = ["enabled", "queue"]
    search_fields = ["name", "description"]
    actions = ["enable_tasks", "disable_tasks", "run_now"]
    fieldsets = [
        (None, {"fields": ["name", "description", "enabled"]}),
        (
            "When",
            {
                "fields": ["interval", "crontab", "start_time", "one_off"],
                "description": "Choose an interval or a crontab, not both; the pencil edits one, the plus makes one.",
            },
        ),
        ("What", {"fields": ["regtask", "task", "args", "kwargs"], "classes": ["collapse"]}),
        ("How", {"fields": ["queue", "expire_seconds", "expires", "priority"], "classes": ["collapse"]}),
    ]
    readonly_fields = ["last_run_at"]

    def get_queryset(self, request: Any) -> Any:
        """Keep the latest job of each schedule beside the rows."""
        return super().get_queryset(request).select_related("interval", "crontab")

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        """Read the latest runs once for the whole page."""
        self._runs = _latest_runs()
        return super().changelist_view(request, extra_context)

    def _run(self, task: PeriodicTask) -> ScheduleRun | None:
        return self._runs.get(task.name)

    @display(description="When")
    def shown_when(self, task: PeriodicTask) -> str:
        """How often it runs, in the unit that people would say."""
        if task.interval is not None:
            return interval_words(task.interval.every, task.interval.period)
        if task.crontab is not None:
            return str(task.crontab.human_readable)
        return str(task.scheduler or "–")

    @display(description="Last outcome", label=OUTCOMES)
    def shown_outcome(self, task: PeriodicTask) -> str | None:
        """How the latest run ended; tasks outside the ledger have none."""
        run = self._run(task)
        return run.status if run else None

    @display(description="Duration")
    def shown_duration(self, task: PeriodicTask) -> str:
        """How long the latest run took."""
        run = self._run(task)
        return "–" if run is None or run.seconds is None else f"{run.seconds:.1f} s"

    @display(description="Next run")
    def shown_next(self, task: PeriodicTask) -> str:
        """When it is due."""
        if not task.enabled:
            return "switched off"
        if task.scheduler is None:
            return "–"
        now = timezone.now()
        try:
            due = now + task.schedule.remaining_estimate(task.last_run_at or task.date_changed or now)
        except (ValueError, OverflowError):  # a row that was not written here
            return "never: correct its times"
        seconds = (due - now).total_seconds()
        if seconds <= 0:
            return "due now"
        return f"in {seconds:.0f} s" if seconds < 120 else f"in {timeuntil(due, now, depth=1)}"

    @display(description="Runs")
    def shown_job(self, task: PeriodicTask) -> Any:
        """The latest run, and the way to all that are kept."""
        run = self._run(task)
        if run is None:
            return "–"
        declared = get_schedule(_schedule_name(task))
        every = f"{reverse('admin:jobs_app_job_changelist')}?job_type={declared.job_type}" if declared else ""
        return format_html(
            '<span class="console-row">{}<a class="console-link" href="{}">all runs</a></span>',
            object_link("jobs_app.job", run.job_id, "latest"), every,
        )  # fmt: skip

    @row_action(description="Switch on", done="switched on", permission=MAY_CHANGE, icon="toggle_on")
    def enable_tasks(self, request: Any, task: PeriodicTask) -> None:
        """Let schedules run again; takes the place of the library's action, which asks for no permission."""
        task.enabled = True
        task.save()

    @row_action(description="Switch off", done="switched off", permission=MAY_CHANGE, icon="toggle_off")
    def disable_tasks(self, request: Any, task: PeriodicTask) -> None:
        """Keep schedules from running until they are switched on."""
        task.enabled = False
        task.save()

    @row_action(description="Run now", done="started", permission=MAY_CHANGE, icon="play_arrow")
    def run_now(self, request: Any, task: PeriodicTask) -> None:
        """Create the schedule's job now."""
        declared = get_schedule(_schedule_name(task))
        if declared is None or declared.job_type is None:
            raise ScheduleNotInLedger(name=task.name)
        schedule_fire(schedule=declared.name, trigger="staff")


def interval_words(every: int, period: str) -> str:
    """Return an interval in the largest unit that says it without a fraction: 900 seconds are *every 15 minutes*."""
    units = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
    if period not in units:
        return f"every {every} {period}"
    seconds = every * units[period]
    unit = next(name for name, size in units.items() if seconds % size == 0)
    count = seconds // units[unit]
    return f"every {count} {unit}" if count != 1 else f"every {unit[:-1]}"


def _schedule_name(task: PeriodicTask) -> str:
    """The declared schedule a row fires, '' for a plain task and for a row that nobody can send."""
    return fired_schedule(task=task.task, args=task.args) or ""


def _latest_runs() -> dict[str, ScheduleRun]:
    names = {task.name: _schedule_name(task) for task in PeriodicTask.objects.only("name", "task", "args")}
    types = {}
    for schedule in set(names.values()):
        declared = get_schedule(schedule)
        if declared is not None and declared.job_type is not None:
            types[schedule] = declared.job_type
    runs = schedule_runs(job_types=types)
    return {name: runs[schedule] for name, schedule in names.items() if schedule in runs}


@admin.register(IntervalSchedule)
class IntervalAdmin(ConsoleAdmin):
    """Intervals that schedules use."""

    list_display = ["__str__", "every", "period"]
    search_fields = ["every"]


@admin.register(CrontabSchedule)
class CrontabAdmin(BeatCrontabAdmin, ConsoleAdmin):  # type: ignore[misc]
    """Crontabs that schedules use, in words."""

    form = CrontabForm
    inlines: list[Any] = []
    list_display = ["human_readable", "minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone"]
    fields = ["human_readable", ("minute", "hour"), ("day_of_month", "month_of_year", "day_of_week"), "timezone"]


__all__ = ["CrontabInvalid", "crontab_validate"]

"""Jobs in the console: what waits, what runs, what failed and why; schedules are in ``schedules``."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from unfold.admin import TabularInline
from unfold.decorators import display

from jobs_app.models import Job, JobAttempt, ProcessHeartbeat, SystemStatus
from jobs_app.services.control import job_cancel, job_execute, job_retry
from tutor_project.common.console import ReadOnly, ReadOnlyAdmin, object_link, person_link, row_action
from tutor_project.common.readable import bytes_words, name_words, value_words

STATUS_COLOURS = {
    "pending": "info",
    "running": "primary",
    "completed": "success",
    "failed": "danger",
    "cancelled": "warning",
}
PERMISSION = "jobs_app.change_job"
SUBJECTS = {
    "document_id": "documents_app.document",
    "session_id": "sessions_app.learningsession",
    "quiz_id": "sessions_app.quiz",
    "space_id": "documents_app.embeddingspace",
}


class JobAttemptInline(ReadOnly, TabularInline):
    """The runs of a job, each with its worker, end and error."""

    model = JobAttempt
    extra = 0
    fields = ["number", "worker", "claimed_at", "finished_at", "outcome", "error_code", "error_detail"]
    ordering = ["number"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """The ledger of background work."""

    list_display = [
        "shown_kind", "shown_status", "stage", "shown_progress", "priority", "attempts", "error_code", "shown_owner",
        "created_at", "shown_time",
    ]  # fmt: skip
    list_filter = ["status", "priority", "quarantined", "trigger", "created_at", "error_code"]
    linked_by = ("job_type",)
    search_fields = ["id__exact", "owner__username", "error_code__exact", "job_type__startswith"]
    search_help_text = "Id, user name, error code, or the beginning of a job type."
    list_select_related = ["owner"]
    inlines = [JobAttemptInline]
    actions = ["retry", "cancel", "run_now"]
    fieldsets = [
        (None, {"fields": ["shown_kind", "shown_status", "shown_owner", "shown_subjects", "shown_parent"]}),
        ("What went wrong", {"fields": ["error_code", "error_message", "quarantined", ("attempts", "max_attempts")]}),
        (
            "Course",
            {
                "fields": [
                    ("stage", "progress"), ("created_at", "scheduled_for"), ("dispatched_at", "started_at"),
                    ("completed_at", "cancel_requested_at"), ("worker", "lease_expires_at"),
                ]
            },
        ),
        ("Data", {"fields": ["priority", "trigger", "input", "result", "metadata"]}),
        ("For support", {"fields": ["id", "dedupe_key", "exclusive_key"], "classes": ["collapse"]}),
    ]  # fmt: skip

    def get_queryset(self, request: Any) -> Any:
        """Lists leave the inputs and results in the database."""
        jobs = super().get_queryset(request)
        matched = request.resolver_match
        if matched is not None and matched.url_name == "jobs_app_job_changelist":
            return jobs.defer("input", "result", "metadata", "error_message")
        return jobs

    @display(description="Kind", ordering="job_type")
    def shown_kind(self, job: Job) -> str:
        """What it does, in words."""
        return name_words(job.job_type)

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def shown_status(self, job: Job) -> str:
        """The state."""
        return job.status

    @display(description="Progress", ordering="progress")
    def shown_progress(self, job: Job) -> str:
        """Per cent."""
        return f"{job.progress:.0f} %"

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, job: Job) -> Any:
        """Whose job it is."""
        return person_link(job.owner)

    @display(description="Run time")
    def shown_time(self, job: Job) -> str:
        """From start to end."""
        if job.started_at is None or job.completed_at is None:
            return "–"
        return f"{(job.completed_at - job.started_at).total_seconds():.1f} s"

    @display(description="Works on")
    def shown_subjects(self, job: Job) -> Any:
        """Links to what the job is about."""
        from django.utils.html import format_html_join

        links = [
            (object_link(model, job.input[name], name.removesuffix("_id")),)
            for name, model in SUBJECTS.items()
            if isinstance(job.input, dict) and job.input.get(name)
        ]
        return format_html_join(", ", "{}", links) if links else "–"

    @display(description="Part of")
    def shown_parent(self, job: Job) -> Any:
        """The group the job belongs to."""
        return object_link("jobs_app.job", job.parent_id, "group")

    @row_action(description="Retry", done="given back to the workers", permission=PERMISSION, icon="replay")
    def retry(self, request: Any, job: Job) -> None:
        """Run failed and cancelled jobs again."""
        job_retry(job_id=job.pk)

    @row_action(description="Cancel", done="cancelled or asked to stop", permission=PERMISSION, icon="cancel")
    def cancel(self, request: Any, job: Job) -> None:
        """Cancel waiting jobs, ask running ones to stop."""
        job_cancel(job_id=job.pk)

    @row_action(description="Run now", done="put in front", permission=PERMISSION, icon="play_arrow")
    def run_now(self, request: Any, job: Job) -> None:
        """Run waiting jobs whatever their schedule."""
        job_execute(job_id=job.pk)


@admin.register(ProcessHeartbeat)
class ProcessHeartbeatAdmin(ReadOnlyAdmin):
    """Living workers and beat."""

    list_display = ["name", "role", "queues", "concurrency", "started_at", "seen_at"]
    list_filter = ["role"]
    search_fields = ["name"]


@admin.register(SystemStatus)
class SystemStatusAdmin(ReadOnlyAdmin):
    """The history of health."""

    list_display = ["created_at", "shown_status", "shown_findings"]
    list_filter = ["status", "created_at"]
    fields = ["created_at", "shown_status", "shown_findings", "shown_picture"]

    @display(description="Status", label={"healthy": "success", "degraded": "warning", "unhealthy": "danger"})
    def shown_status(self, row: SystemStatus) -> str:
        """The verdict."""
        return row.status

    @display(description="Findings")
    def shown_findings(self, row: SystemStatus) -> str:
        """What was wrong."""
        return "; ".join(finding["message"] for finding in row.picture.get("findings", [])) or "–"

    @display(description="What was measured")
    def shown_picture(self, row: SystemStatus) -> Any:
        """Everything that was measured, each figure with its unit."""
        return value_words(health_with_units(row.picture))


def health_with_units(picture: dict[str, Any]) -> dict[str, Any]:
    """Return a picture of health without what stands beside it already, its sizes, shares and ages in words."""
    told = {name: part for name, part in picture.items() if name not in ("status", "findings")}
    for name, units in HEALTH_UNITS.items():
        if isinstance(told.get(name), dict):
            told[name] = _in_units(told[name], units)
    if "system_load" in told:
        told["system_load"] = _share(told["system_load"])
    told["queues"] = {
        name: _in_units(queue, {"oldest_age": _seconds}) for name, queue in told.get("queues", {}).items()
    }
    return told


def _in_units(part: dict[str, Any], units: dict[str, Any]) -> dict[str, Any]:
    return {name: units[name](value) if name in units and value is not None else value for name, value in part.items()}


def _share(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")


def _seconds(value: float) -> str:
    return f"{value:,.0f} s"


HEALTH_UNITS: dict[str, dict[str, Any]] = {
    "disk": {"free": bytes_words, "total": bytes_words, "free_share": _share},
    "redis": {"memory": bytes_words},
    "load": {"cpu": _share, "load": _share, "memory": _share, "queue_age": _share},
}
"""The units of what health measures, where the number alone does not say them."""

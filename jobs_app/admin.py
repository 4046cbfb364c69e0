"""Jobs in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from jobs_app.models import Job, JobAttempt, ProcessHeartbeat, SystemStatus


class ReadOnly:
    """The ledger is changed by its services only."""

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        """Jobs are created by the API and the system."""
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Rows are changed by actions."""
        return False


class JobAttemptInline(ReadOnly, TabularInline):
    """The runs of a job."""

    model = JobAttempt
    extra = 0


@admin.register(Job)
class JobAdmin(ReadOnly, ModelAdmin):
    """What waits, what runs, what failed and why."""

    list_display = [
        "job_type",
        "status",
        "stage",
        "progress",
        "priority",
        "attempts",
        "error_code",
        "owner",
        "created_at",
    ]
    list_filter = ["status", "job_type", "priority", "quarantined", "created_at"]
    search_fields = ["id", "owner__username", "error_code"]
    list_select_related = ["owner"]
    show_full_result_count = False
    inlines = [JobAttemptInline]


@admin.register(ProcessHeartbeat)
class ProcessHeartbeatAdmin(ReadOnly, ModelAdmin):
    """Living workers and beat."""

    list_display = ["name", "role", "queues", "concurrency", "started_at", "seen_at"]


@admin.register(SystemStatus)
class SystemStatusAdmin(ReadOnly, ModelAdmin):
    """The history of health."""

    list_display = ["created_at", "status"]
    list_filter = ["status"]

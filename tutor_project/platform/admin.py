"""Flags, versions of settings and alerts in the console."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from tutor_project.platform.models import Alert, ConfigVersion, Flag


@admin.register(Flag)
class FlagAdmin(ModelAdmin):
    """Feature flags."""

    list_display = ["name", "everyone", "percent", "staff", "superusers", "owner", "remove_after"]
    search_fields = ["name", "note"]


@admin.register(ConfigVersion)
class ConfigVersionAdmin(ModelAdmin):
    """Changes of runtime settings."""

    list_display = ["key", "version", "old_value", "new_value", "changed_by", "reason", "created_at"]
    list_filter = ["key"]
    list_select_related = ["changed_by"]


@admin.register(Alert)
class AlertAdmin(ModelAdmin):
    """Incidents."""

    list_display = ["code", "severity", "state", "message", "created_at", "resolved_at"]
    list_filter = ["state", "severity", "code"]

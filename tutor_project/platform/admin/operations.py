"""Flags, settings with their history, and alerts in the console."""

from __future__ import annotations

from typing import Any

import waffle.models
from constance.admin import Config
from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from tutor_project.common.console import ConsoleAdmin, ReadOnlyAdmin, person_link, row_action
from tutor_project.common.readable import name_words
from tutor_project.platform.admin.settings import SettingsAdmin
from tutor_project.platform.alerts import alert_acknowledge
from tutor_project.platform.flags import FLAGS
from tutor_project.platform.models import Alert, ConfigVersion, Flag

for unused in (waffle.models.Flag, waffle.models.Switch, waffle.models.Sample):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)
admin.site.unregister([Config])  # type: ignore[list-item]
admin.site.register([Config], SettingsAdmin)  # type: ignore[list-item]


class FlagForm(forms.ModelForm):  # type: ignore[type-arg]
    """A flag: only names that the code declares, a percentage from 0 to 100."""

    class Meta:
        model = Flag
        fields = ["name", "everyone", "percent", "users", "groups", "staff", "superusers", "authenticated", "note"]
        widgets = {"note": UnfoldAdminTextInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            names = sorted({*FLAGS, *([self.instance.name] if self.instance.pk else [])})
            self.fields["name"] = forms.ChoiceField(
                choices=[(name, name) for name in names],
                widget=UnfoldAdminSelectWidget(choices=[(name, name) for name in names]),
                help_text="The flags that the code declares.",
            )

    def clean_name(self) -> str:
        """Refuse a flag that no code asks for."""
        name: str = self.cleaned_data["name"]
        if name not in FLAGS:
            raise forms.ValidationError(
                f"The code declares no flag {name}. Declare it with an owner and a removal date first."
            )
        return name


@admin.register(Flag)
class FlagAdmin(ConsoleAdmin):
    """Feature flags: who has them, and until when they may stay in the code."""

    form = FlagForm
    list_display = ["name", "shown_state", "shown_percent", "staff", "superusers", "owner", "remove_after", "modified"]
    list_filter = ["everyone", "owner"]
    search_fields = ["name", "note"]
    ordering = ["name"]
    autocomplete_fields = ["users", "groups"]
    readonly_fields = ["owner", "remove_after", "modified"]
    fieldsets = [
        (
            "Who has it",
            {
                "fields": ["name", "percent", "everyone", "users", "groups", "staff", "superusers", "authenticated"],
                "description": "“Everyone” overrules the rest; otherwise anybody named below, or within the percentage, "
                "has the flag.",
            },
        ),
        ("About it", {"fields": ["note", "owner", "remove_after", "modified"]}),
    ]

    @display(description="State", label={"everybody": "success", "nobody": "danger", "some": "info", "off": "warning"})
    def shown_state(self, flag: Flag) -> str:
        """For whom the flag is on."""
        if flag.everyone is not None:
            return "everybody" if flag.everyone else "nobody"
        return "some" if flag.percent or flag.staff or flag.superusers or flag.authenticated else "off"

    @display(description="Percent", ordering="percent")
    def shown_percent(self, flag: Flag) -> str:
        """The share of users."""
        return "–" if flag.percent is None else f"{float(flag.percent):g} %"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """A flag keeps its name: users are chosen by a hash of it."""
        return [*self.readonly_fields, *(["name"] if obj else [])]

    def save_model(self, request: Any, obj: Flag, form: Any, change: bool) -> None:
        """Store the flag with the owner and the date its declaration names."""
        declared = FLAGS.get(obj.name)
        if declared is not None:
            obj.owner, obj.remove_after = declared.owner, declared.remove_after
        super().save_model(request, obj, form, change)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Store users and groups, then forget what the processes remember about them."""
        super().save_related(request, form, formsets, change)
        form.instance.flush()


@admin.register(ConfigVersion)
class ConfigVersionAdmin(ReadOnlyAdmin):
    """Every change of a runtime setting."""

    list_display = ["key", "version", "old_value", "new_value", "shown_person", "reason", "created_at"]
    list_filter = ["key", "created_at"]
    search_fields = ["key", "reason", "changed_by__username"]
    list_select_related = ["changed_by"]

    @display(description="Changed by", ordering="changed_by__username")
    def shown_person(self, version: ConfigVersion) -> Any:
        """Who changed it."""
        return person_link(version.changed_by)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Incidents: opened once, acknowledged by a person, resolved when they are over."""

    list_display = [
        "shown_code",
        "shown_severity",
        "shown_state",
        "message",
        "created_at",
        "acknowledged_by",
        "resolved_at",
    ]
    list_filter = ["state", "severity", "code", "created_at"]
    search_fields = ["code", "message"]
    list_select_related = ["acknowledged_by"]
    actions = ["acknowledge"]

    @display(description="What", ordering="code")
    def shown_code(self, alert: Alert) -> str:
        """What is wrong, in words; the page of an alert has the code."""
        return name_words(alert.code)

    @display(description="Severity", ordering="severity", label={"warning": "warning", "critical": "danger"})
    def shown_severity(self, alert: Alert) -> str:
        """How bad it is."""
        return alert.severity

    @display(
        description="State",
        ordering="state",
        label={"open": "danger", "acknowledged": "warning", "resolved": "success"},
    )
    def shown_state(self, alert: Alert) -> str:
        """Whether somebody looks after it."""
        return alert.state

    @row_action(description="Acknowledge", done="acknowledged", permission="platform.change_alert", icon="done")
    def acknowledge(self, request: Any, alert: Alert) -> None:
        """Note that the person looks after the incident."""
        alert_acknowledge(alert=alert, user=request.user)

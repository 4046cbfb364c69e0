"""The settings page: constance's place in the console, with types, bounds, reasons, history and rollback."""

from __future__ import annotations

from typing import Any

from constance.admin import ConstanceAdmin
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import csrf_protect_m
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from tutor_project.common import runtime
from tutor_project.common.console.audit import action_record
from tutor_project.common.console.sizes import SizeField, size_words
from tutor_project.common.errors import DomainError
from tutor_project.common.readable import number_words, value_words
from tutor_project.platform.config import (
    setting_at_version,
    setting_rollback,
    setting_shown,
    setting_versions,
    settings_set,
)
from tutor_project.platform.models import ConfigVersion


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _field(key: str) -> forms.Field:
    """Return the form field of a setting by its type and bounds."""
    declared = settings.RUNTIME_SETTINGS[key]
    low, high = declared.minimum, declared.maximum
    if declared.is_size:
        return SizeField(low=low, high=high)
    match declared.default:
        case bool():
            return forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
        case int():
            return forms.IntegerField(min_value=_whole(low), max_value=_whole(high))
        case float():
            return forms.FloatField(min_value=low, max_value=high, widget=forms.NumberInput(attrs={"step": "any"}))
        case _ if declared.choices:
            choices = [(choice, choice) for choice in declared.choices]
            return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget(choices=choices))
    return forms.CharField(max_length=2000, required=False)


class SettingsForm(forms.Form):
    """All settings, the version each was seen at, and why they change."""

    reason = forms.CharField(
        max_length=500,
        error_messages={"required": "Say why: the next person who wonders will read it."},
        widget=forms.TextInput(attrs={"placeholder": "Why? Kept in the history."}),
    )

    def __init__(self, *args: Any, versions: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in settings.RUNTIME_SETTINGS:
            self.fields[key] = _field(key)
            self.fields[key].initial = runtime.get(key)
            self.fields[f"{key}__version"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=versions.get(key, 0), required=False
            )

    def changes(self) -> dict[str, Any]:
        """Return the values that differ from the present ones."""
        return {
            key: self.cleaned_data[key]
            for key in settings.RUNTIME_SETTINGS
            if key in self.cleaned_data and self.cleaned_data[key] != runtime.get(key)
        }


class SettingsAdmin(ConstanceAdmin):
    """Runtime settings: seen by those who may view their history, changed by those who may add to it."""

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        """Whoever may read the history may read the settings."""
        return bool(request.user.has_perm("platform.view_configversion") or self.has_change_permission(request))

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Changing a setting is adding to its history."""
        return bool(request.user.has_perm("platform.change_configversion"))

    def get_urls(self) -> list[Any]:
        """Put the history of a setting beside the page."""
        mine = [
            path(
                "<str:key>/versions/", self.admin_site.admin_view(self.versions_view), name="constance_config_versions"
            )
        ]
        return [*mine, *super().get_urls()]

    @csrf_protect_m
    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the settings by group; store what was changed, all of it or nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        runtime.invalidate()
        versions = dict(ConfigVersion.objects.order_by().values_list("key").annotate(latest=Max("version")))
        form = SettingsForm(request.POST or None, versions=versions)
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            if form.is_valid() and self._store(request, form):
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "Settings",
            "form": form,
            "groups": _groups(form, versions),
            "may_change": self.has_change_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/settings.html", context)

    def _store(self, request: Any, form: SettingsForm) -> bool:
        changes = form.changes()
        if not changes:
            form.add_error(None, "Nothing was changed.")
            return False
        expected = {key: form.cleaned_data.get(f"{key}__version") for key in changes}
        try:
            stored = settings_set(
                values=changes, user=request.user, reason=form.cleaned_data["reason"], expected=expected
            )
        except DomainError as error:
            key = error.data.get("key")
            form.add_error(key if key in form.fields else None, error.message)
            return False
        for version in stored:
            action_record(user=request.user, target=version, message=f"{version.old_value!r} → {version.new_value!r}")
        messages.success(request, f"Changed {', '.join(sorted(changes))}. Every process follows within five seconds.")
        return True

    @csrf_protect_m
    def versions_view(self, request: Any, key: str) -> HttpResponse:
        """Show who changed a setting, when and why; go back to an earlier value."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if key not in settings.RUNTIME_SETTINGS:
            raise Http404
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            self._roll_back(request, key)
            return HttpResponseRedirect(request.path)
        runtime.invalidate()
        declared = settings.RUNTIME_SETTINGS[key]
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {key}",
            "setting": setting_shown(key),
            "now": setting_words(declared, runtime.get(key)),
            "default": setting_words(declared, declared.default),
            "versions": [
                {
                    "row": version,
                    "old": setting_words(declared, version.old_value),
                    "new": setting_words(declared, version.new_value),
                }
                for version in setting_versions(key)
            ],
            "original": setting_words(declared, setting_at_version(key, 0)),
            "may_change": self.has_change_permission(request),
            "back": reverse("admin:constance_config_changelist"),
        }
        return TemplateResponse(request, "admin/setting_versions.html", context)

    def _roll_back(self, request: Any, key: str) -> None:
        number = request.POST.get("version", "")
        try:
            stored = setting_rollback(
                key=key,
                version=int(number) if number.isascii() and number.isdigit() else -1,
                user=request.user,
                reason=request.POST.get("reason", "")[:500],
            )
        except DomainError as error:
            messages.error(request, error.message)
            return
        action_record(user=request.user, target=stored, message=f"Rolled back to version {number}.")
        messages.success(request, f"{key} is {setting_words(settings.RUNTIME_SETTINGS[key], stored.new_value)} again.")


def _groups(form: SettingsForm, versions: dict[str, int]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for key, declared in settings.RUNTIME_SETTINGS.items():
        groups.setdefault(declared.group, []).append(
            {
                "key": key,
                "field": form[key],
                "version_field": form[f"{key}__version"],
                "help": declared.help,
                "default": setting_words(declared, declared.default),
                "changed": runtime.get(key) != declared.default,
                "versions": versions.get(key, 0),
                "bounds": _bounds(declared),
                "history": reverse("admin:constance_config_versions", args=[key]),
            }
        )
    return [{"title": title, "rows": rows} for title, rows in groups.items()]


def _bounds(declared: Any) -> str:
    low, high = (
        None if bound is None else setting_words(declared, bound) for bound in (declared.minimum, declared.maximum)
    )
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else ""


def setting_words(declared: Any, value: Any) -> str:
    """Return a value of a setting as people read it."""
    if declared.is_size:
        return size_words(int(value))
    return number_words(value) if isinstance(value, float) else str(value_words(value))

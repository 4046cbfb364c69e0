"""Accounts, roles, tokens and the audit trail in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from knox.models import AuthToken
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tutor_project.accounts.models import User
from tutor_project.accounts.services import token_revoke_all
from tutor_project.common.console import ConsoleAdmin, ReadOnlyAdmin, person_link, row_action

admin.site.unregister(Group)
if admin.site.is_registered(AuthToken):
    admin.site.unregister(AuthToken)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ConsoleAdmin):  # type: ignore[type-arg, misc]
    """Learners and staff."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "shown_role", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups", "date_joined"]
    search_fields = ["username__istartswith", "email__istartswith", "id__exact"]
    search_help_text = "The beginning of a user name or address, or an id."
    ordering = ["-date_joined"]
    readonly_fields = ["date_joined", "last_login"]
    actions = ["revoke_tokens"]

    def get_queryset(self, request: Any) -> Any:
        """Read the groups of a page at once."""
        return super().get_queryset(request).prefetch_related("groups")

    @display(
        description="Role",
        label={"superuser": "danger", "administrator": "warning", "operator": "info", "teacher": "success"},
    )
    def shown_role(self, user: User) -> str:
        """The roles of staff."""
        if user.is_superuser:
            return "superuser"
        names = ", ".join(group.name for group in user.groups.all())
        return names or ("staff" if user.is_staff else "learner")

    @row_action(
        description="Revoke all tokens", done="logged out everywhere", permission="accounts.change_user", icon="logout"
    )
    def revoke_tokens(self, request: Any, user: User) -> None:
        """Log the accounts out of the API on every device."""
        token_revoke_all(user=user)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ConsoleAdmin):  # type: ignore[type-arg, misc]
    """Roles: viewer, teacher, operator, administrator, and any others."""

    search_fields = ["name"]


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Who did what in the console."""

    list_display = ["action_time", "shown_person", "content_type", "object_repr", "shown_action", "change_message"]
    list_filter = ["action_flag", "content_type", "action_time"]
    search_fields = ["object_repr__words", "user__username__istartswith", "object_id__exact"]
    list_select_related = ["user", "content_type"]
    ordering = ["-id"]

    @display(description="Who", ordering="user__username")
    def shown_person(self, entry: LogEntry) -> Any:
        """The person."""
        return person_link(entry.user)

    @display(description="Action", label={"added": "success", "changed": "info", "deleted": "danger"})
    def shown_action(self, entry: LogEntry) -> str:
        """What kind of change it was."""
        return {1: "added", 2: "changed", 3: "deleted"}.get(entry.action_flag, "")

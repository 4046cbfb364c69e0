"""Accounts, roles, tokens and the audit trail in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.html import format_html
from knox.models import AuthToken
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm

from tutor_project.accounts.forms import AccountChangeForm, AccountCreationForm, RoleForm
from tutor_project.accounts.links import reset_link
from tutor_project.accounts.models import User
from tutor_project.accounts.rights import exceeds
from tutor_project.accounts.services import token_revoke_all
from tutor_project.common.console import ConsoleAdmin, ReadOnlyAdmin, person_link, row_action
from tutor_project.common.errors import Conflict, PermissionDenied

admin.site.unregister(Group)
if admin.site.is_registered(AuthToken):
    admin.site.unregister(AuthToken)


class _RightsOfOthers(ConsoleAdmin):
    """Rows that hold rights: changed and deleted only by those who have all of these rights themselves."""

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """Tell the form who fills it in."""
        made = super().get_form(request, obj, change=change, **options)
        made.actor = request.user  # type: ignore[attr-defined]
        return made

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Whoever sets the password of an account has its rights."""
        return super().has_change_permission(request, obj) and not (obj and exceeds(request.user, obj))

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """As for changes."""
        return super().has_delete_permission(request, obj) and not (obj and exceeds(request.user, obj))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, _RightsOfOthers):  # type: ignore[type-arg, misc]
    """Learners and staff."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "shown_role", "shown_learning", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups", "date_joined"]
    search_fields = ["username__istartswith", "email__istartswith", "id__exact"]
    search_help_text = "The beginning of a user name or address, or an id."
    ordering = ["-date_joined"]
    readonly_fields = ["date_joined", "last_login", "email_verified_at"]
    actions = ["revoke_tokens", "make_reset_link"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["display_name", "first_name", "last_name", "email", "email_verified_at"]}),
        ("Place", {"fields": ["time_zone", "language"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]

    def get_queryset(self, request: Any) -> Any:
        """Read the groups of a page at once."""
        return super().get_queryset(request).prefetch_related("groups")

    @display(description="Learning")
    def shown_learning(self, user: User) -> Any:
        """The page that shows what they do and know."""
        return format_html('<a class="console-link" href="{}">look</a>', reverse("admin:learner", args=[user.pk]))

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
        _ensure_may_act_on(request, user)
        token_revoke_all(user=user)

    @row_action(
        description="Make a link for a new password",
        done="got a link, shown above: hand it over in person; it works once, within the hour",
        permission="accounts.change_user",
        icon="key",
    )
    def make_reset_link(self, request: Any, user: User) -> None:
        """Show a link for a new password, for places without a mail server."""
        if (user.is_staff or user.is_superuser) and not request.user.is_superuser:
            raise PermissionDenied("Only a superuser makes a link for somebody of the staff.")
        _ensure_may_act_on(request, user)
        if not user.is_active:
            raise Conflict("This account is switched off. Switch it on first.")
        messages.info(request, f"{user.username}: {reset_link(user)}")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Save; an address that staff typed is not verified by that."""
        if "email" in form.changed_data:
            obj.email_verified_at = None
        super().save_model(request, obj, form, change)


def _ensure_may_act_on(request: Any, user: User) -> None:
    if exceeds(request.user, user):
        raise PermissionDenied("This account has rights that you do not have.")


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, _RightsOfOthers):  # type: ignore[type-arg, misc]
    """Roles: viewer, teacher, operator, administrator, and any others."""

    form = RoleForm

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

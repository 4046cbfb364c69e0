"""Who may act on an account or a role: nobody hands out, or takes over, rights that they do not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from tutor_project.accounts.models import User


def rights_named(permissions: Iterable[Permission]) -> set[str]:
    """Return permissions by their full names, such as ``jobs_app.change_job``."""
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


def _held(wanted: Q) -> set[str]:
    return rights_named(Permission.objects.filter(wanted).select_related("content_type").order_by())


def exceeds(actor: Any, subject: Any) -> bool:
    """Tell whether an account or a role has rights that ``actor`` lacks.

    An account that is switched off counts with what it would have again: who sets its password may switch it on.
    """
    if actor.is_superuser:
        return False
    if isinstance(subject, Group):
        return not _held(Q(group=subject)) <= actor.get_all_permissions()
    assert isinstance(subject, User)
    return subject.is_superuser or not _held(Q(user=subject) | Q(group__user=subject)) <= actor.get_all_permissions()


def not_ones_own(actor: Any, given: Iterable[Group | Permission]) -> list[Group | Permission]:
    """Return those of the roles and permissions that ``actor`` cannot give away, lacking rights in them."""
    if actor.is_superuser:
        return []
    own = actor.get_all_permissions()
    return [
        item for item in given if (exceeds(actor, item) if isinstance(item, Group) else not rights_named([item]) <= own)
    ]

"""The roles of staff, as Django groups: viewer, teacher, operator, administrator.

A role is made once with the permissions below; what operators change in a group afterwards stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

APPS = (
    "accounts", "admin", "analytics_app", "auth", "constance", "django_celery_beat", "documents_app", "jobs_app", "knox",
    "platform", "sessions_app",
)  # fmt: skip

TEACHER = ("sessions_app.change_question", "sessions_app.change_answerrecord")
OPERATOR = (
    "jobs_app.change_job",
    "documents_app.change_document",
    "documents_app.change_sessionanalysis",
    "platform.change_alert",
    "platform.change_flag",
    "platform.change_configversion",
    "analytics_app.add_modelprice",
    "analytics_app.change_modelprice",
    *(
        f"django_celery_beat.{action}_{model}"
        for model in ("periodictask", "intervalschedule", "crontabschedule")
        for action in ("add", "change", "delete")
    ),
)


def _named(names: Iterable[str]) -> Q:
    wanted = Q(pk__in=())
    for name in names:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return wanted


def _permissions() -> dict[str, Q]:
    view = Q(content_type__app_label__in=APPS, codename__startswith="view_")
    return {
        "viewer": view,
        "teacher": view | _named(TEACHER),
        "operator": view | _named(OPERATOR),
        "administrator": Q(content_type__app_label__in=APPS),
    }


@transaction.atomic
def roles_seed() -> list[str]:
    """Create the roles that do not exist; returns their names. Existing groups are never touched."""
    created = []
    for name, wanted in _permissions().items():
        group, made = Group.objects.get_or_create(name=name)
        if made:
            group.permissions.set(Permission.objects.filter(wanted))
            created.append(name)
    return created

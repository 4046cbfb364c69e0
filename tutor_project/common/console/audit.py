"""The audit trail of the console: one entry for each object somebody acted on."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType


def action_record(*, user: Any, target: Any, message: str) -> LogEntry:
    """Note that ``user`` did something to ``target`` (a model instance), in the transaction that did it."""
    return LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(target),
        object_id=str(target.pk),
        object_repr=str(target)[:200],
        action_flag=CHANGE,
        change_message=message,
    )


def deed_record(*, user: Any, what: str, message: str) -> LogEntry:
    """Note that ``user`` did something to ``what`` (a name), which is no row of its own."""
    return LogEntry.objects.create(user_id=user.pk, object_repr=what[:200], action_flag=CHANGE, change_message=message)

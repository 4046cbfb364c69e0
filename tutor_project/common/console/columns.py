"""Columns and fields of the console that show a stored value in words instead of as the database holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from tutor_project.common.readable import name_words, number_words, value_words, with_abbreviations

IN_WORDS: tuple[tuple[type[models.Field[Any, Any]], Callable[[Any], Any]], ...] = (
    (models.FloatField, number_words),
    (models.DecimalField, number_words),
    (models.JSONField, value_words),
    (ArrayField, value_words),
)


SUPPORT = "For support"
"""The part of a page that holds what only machines and those who mend them read; it is folded up."""


def name_fields(model: type[models.Model]) -> None:
    """Let the fields that are named after their column be called as people write it: *prompt USD*, *base URL*."""
    for field in model._meta.fields:
        if field._verbose_name is None:  # type: ignore[attr-defined]
            field.verbose_name = with_abbreviations(str(field.verbose_name))


def in_words(admin: Any, name: Any) -> Any:
    """Return what shows the column or field: itself, or a function where the stored value is not for reading."""
    field = _field(admin, name)
    for kind, words in IN_WORDS:
        if isinstance(field, kind):
            return _shown(field, words)
    return name


def is_id(admin: Any, name: Any) -> bool:
    """Tell whether a field holds an id, which machines read."""
    return isinstance(_field(admin, name), models.UUIDField)


def _field(admin: Any, name: Any) -> Any:
    if not isinstance(name, str) or hasattr(admin, name):
        return None
    try:
        return admin.model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _shown(field: Any, words: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def shown(row: Any) -> Any:
        return words(getattr(row, field.attname))

    shown.__name__ = field.name
    shown.short_description = name_words(field.verbose_name)  # type: ignore[attr-defined]
    shown.admin_order_field = field.name  # type: ignore[attr-defined]
    return shown


def for_people(admin: Any, fieldsets: Sequence[Any]) -> list[Any]:
    """Return fieldsets with their values in words, and the ids in a part of their own that is folded up."""
    ids: list[Any] = []
    shown = []
    for title, options in fieldsets:
        face: list[Any] = []
        for entry in options["fields"]:
            line = entry if isinstance(entry, list | tuple) else [entry]
            rest = [in_words(admin, name) for name in line if title == SUPPORT or not is_id(admin, name)]
            ids += [name for name in line if title != SUPPORT and is_id(admin, name)]
            face += rest if len(rest) < 2 else [tuple(rest)]
        if face:
            shown.append((title, {**options, "fields": face}))
    if ids:
        shown.append((SUPPORT, {"fields": ids, "classes": ["collapse"]}))
    return shown

"""Template helpers of the console."""

from __future__ import annotations

from django import template

from tutor_project.common.readable import name_words, value_words

register = template.Library()


@register.filter
def columns(names: str) -> list[str]:
    """Split comma-separated column names."""
    return names.split(",")


register.filter("words", value_words)
register.filter("name_words", name_words)


@register.filter
def item(mapping: dict[str, object], key: str) -> object:
    """Look a key up in a mapping."""
    return mapping.get(key)

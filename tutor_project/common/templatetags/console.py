"""Template helpers of the console."""

from __future__ import annotations

import json

from django import template

register = template.Library()


@register.filter
def columns(names: str) -> list[str]:
    """Split comma-separated column names."""
    return names.split(",")


@register.filter
def json_text(value: object) -> str:
    """Show a value as JSON writes it, so that text, numbers and switches look different."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def item(mapping: dict[str, object], key: str) -> object:
    """Look a key up in a mapping."""
    return mapping.get(key)

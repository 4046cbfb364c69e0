"""Values as people read them: stored structures without their ids, numbers without digits that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.html import format_html, format_html_join

NOTHING = "–"
MOST_ITEMS = 20
MOST_CHARACTERS = 2000
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
_ABBREVIATION = re.compile(r"\b(?:api|id|url|usd)\b", re.IGNORECASE)
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def name_words(name: str) -> str:
    """Return ``quiz_generation`` as *Quiz generation*, ``base_url`` as *Base URL*, ``disk_low:var`` as *Disk low (var)*."""
    plain, _, of = name.partition(":")
    words = with_abbreviations(plain.replace("_", " ").replace("-", " ").strip().capitalize())
    return f"{words} ({of.strip()})" if of.strip() else words


def with_abbreviations(words: str) -> str:
    """Return words with the abbreviations among them in capitals, as people write them."""
    return _ABBREVIATION.sub(lambda found: found[0].upper(), words)


def number_words(value: float | Decimal | None) -> str:
    """Return a number with three significant digits after the point at most, none that are zero."""
    if value is None:
        return NOTHING
    number = float(value)
    digits = 2 if abs(number) >= 1 else 3
    return f"{number:,.{digits}f}".rstrip("0").rstrip(".") if number == number else NOTHING


def bytes_words(count: float) -> str:
    """Return a size in the unit that leaves one to three digits before the point, a unit being 1024 of the one before."""
    size = float(count)
    for unit in _UNITS:
        if abs(size) < 1000 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def value_words(value: Any) -> Any:
    """Return a stored value as text or as nested lists of HTML; ids, which say nothing to a reader, are left out."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float() | Decimal():
            return number_words(value)
        case datetime():
            return f"{value.day} {value:%b %Y, %H:%M}"
        case str() if _MOMENT.fullmatch(value):
            return value_words(datetime.fromisoformat(value))
        case str():
            return value if len(value) <= MOST_CHARACTERS else value[: MOST_CHARACTERS - 1] + "…"
        case Mapping():
            return _mapping_words(value)
        case list() | tuple() | set():
            return _items_words(value)
    return str(value)


def _is_id(value: Any) -> bool:
    return isinstance(value, UUID) or (isinstance(value, str) and _ID.fullmatch(value) is not None)


def _mapping_words(mapping: Mapping[str, Any]) -> Any:
    rows = [(name_words(str(key)), value_words(item)) for key, item in mapping.items() if not _is_id(item)]
    if not rows:
        return NOTHING
    return format_html(
        '<dl class="console-value">{}</dl>', format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
    )


def _items_words(items: Iterable[Any]) -> Any:
    shown = [item for item in items if not _is_id(item)]
    if not shown:
        return NOTHING
    more = f"and {len(shown) - MOST_ITEMS} more" if len(shown) > MOST_ITEMS else ""
    if all(not isinstance(item, Mapping | list) for item in shown):
        return ", ".join([*(str(value_words(item)) for item in shown[:MOST_ITEMS]), *([more] if more else [])])
    rows = [(value_words(item),) for item in shown[:MOST_ITEMS]] + ([(more,)] if more else [])
    return format_html('<ul class="console-value">{}</ul>', format_html_join("", "<li>{}</li>", rows))

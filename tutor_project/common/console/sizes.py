"""Sizes as people write them: *50 MB* for 52428800 bytes, a unit being 1024 of the one before."""

from __future__ import annotations

import re
from typing import Any

from django import forms

UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[KMGTP]?)(?:i?B)?", re.IGNORECASE)


def size_words(count: int) -> str:
    """Return the size in the largest unit that says it exactly with at most two decimals, else in bytes."""
    for power in range(len(UNITS) - 1, 0, -1):
        hundredths, rest = divmod(count * 100, 1024**power)
        if rest == 0 and hundredths >= 100:
            return f"{hundredths / 100:g} {UNITS[power]}"
    return str(count)


def size_read(text: str) -> int | None:
    """Return the bytes of a size with or without a unit; None when it is none."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    power = [unit[0] for unit in UNITS].index(found["unit"].upper() or "B")
    return round(float(found["number"].replace(",", ".")) * 1024**power) if power else _whole(found["number"])


def _whole(number: str) -> int | None:
    return int(number) if number.isdigit() else None


class SizeField(forms.Field):
    """A field for a size; takes *50 MB* as well as 52428800."""

    widget = forms.TextInput

    def __init__(self, *, low: float | None, high: float | None, **options: Any) -> None:
        super().__init__(**options)
        self.low, self.high = low, high

    def prepare_value(self, value: Any) -> Any:
        """Show a stored number as a size, and what was typed as it was typed."""
        return size_words(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Read the size and keep it within its bounds."""
        if value in self.empty_values:
            return None
        size = size_read(str(value))
        if size is None:
            raise forms.ValidationError("Write a size such as 50 MB, or the number of bytes.")
        if self.low is not None and size < self.low:
            raise forms.ValidationError(f"At least {size_words(int(self.low))}.")
        if self.high is not None and size > self.high:
            raise forms.ValidationError(f"At most {size_words(int(self.high))}.")
        return size

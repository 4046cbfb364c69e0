"""Cells that a spreadsheet shows and does not run."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"[\s\x00-\x1f\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""What may make a cell a formula, behind what a spreadsheet skips; in full width too, as Asian editions read it."""
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*( ?[%\w°µ]{1,6})?")
"""A signed number, also with a unit: nothing of it is run."""


def inert(cell: Any) -> Any:
    """Return the cell; a text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if not isinstance(cell, str) or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"

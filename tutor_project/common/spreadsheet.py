"""Cells that a spreadsheet shows and does not run."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"^\s*[=+@\t\r]|^\s*-(?![\d.])")


def inert(cell: Any) -> Any:
    """Return the cell; a text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell

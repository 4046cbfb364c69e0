"""Namespaces of Office Open XML as prefixes of lxml's names."""

from __future__ import annotations

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def local(element: Any) -> str:
    """Return the name of an element without its namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def whole(value: str | None) -> int | None:
    """Return the whole number that an attribute says, or None for anything else."""
    text = (value or "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def is_on(element: Any, name: str) -> bool | None:
    """Return the value of a switch below ``element``: present without a value is on, absent is None."""
    switch = element.find(name) if element is not None else None
    if switch is None:
        return None
    value = switch.get(f"{W}val") or switch.get(f"{M}val") or "1"
    return value not in {"0", "false", "off", "none"}

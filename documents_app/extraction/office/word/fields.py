"""Equation fields of Word (``EQ``), the way formulas were written before it had equations, as LaTeX."""

from __future__ import annotations

import re

from documents_app.extraction.latex import escaped

_EQUATION = re.compile(r"\s*EQ\b", re.IGNORECASE)
_SWITCH = re.compile(r"\\([a-zA-Z]+)\d*\s*")
_MAX_DEPTH = 30


def equation_field(instruction: str) -> str | None:
    """Return the LaTeX of an equation field, or None for a field of another kind or a switch that is not known."""
    found = _EQUATION.match(instruction)
    if found is None:
        return None
    try:
        written, _ = _sequence(instruction, found.end(), "", 0)
    except _Unknown:
        return None
    return " ".join(written.split()) or None


class _Unknown(Exception):
    """A switch that is not read, or brackets that do not close."""


def _sequence(text: str, position: int, stop: str, depth: int) -> tuple[str, int]:
    """Write text and switches up to one of the ``stop`` characters; return the LaTeX and where it stopped."""
    if depth > _MAX_DEPTH:
        raise _Unknown
    written = []
    while position < len(text) and text[position] not in stop:
        if text[position] == "\\" and (switch := _SWITCH.match(text, position)):
            part, position = _switch(switch[1].lower(), text, switch.end(), depth)
            written.append(part)
        else:
            written.append(escaped(text[position]))
            position += 1
    return "".join(written), position


def _switch(name: str, text: str, position: int, depth: int) -> tuple[str, int]:
    scripts = {"up": "^", "do": "_"}
    if name == "s":  # \s\up5(2): what is raised or lowered follows as a switch of its own
        return "", position
    parts, position = _arguments(text, position, depth)
    if name in scripts:
        return f"{scripts[name]}{{{', '.join(parts)}}}", position
    if name == "f" and len(parts) == 2:
        return f"\\frac{{{parts[0]}}}{{{parts[1]}}}", position
    if name == "r":
        degree = f"[{parts[0]}]" if len(parts) == 2 and parts[0].strip() else ""
        return f"\\sqrt{degree}{{{parts[-1]}}}", position
    if name == "i" and len(parts) == 3:
        return f"\\int_{{{parts[0]}}}^{{{parts[1]}}} {parts[2]}", position
    if name == "b":
        return f"\\left( {', '.join(parts)} \\right)", position
    if name in {"a", "x", "o", "l", "al", "ac", "ar"}:
        return ", ".join(parts), position
    raise _Unknown


def _arguments(text: str, position: int, depth: int) -> tuple[list[str], int]:
    """Read the arguments in brackets, parted by commas or semicolons."""
    if text[position : position + 1] != "(":
        raise _Unknown
    parts = []
    while position < len(text) and text[position] != ")":
        part, position = _sequence(text, position + 1, ",;)", depth + 1)
        parts.append(part.strip())
    if position >= len(text):
        raise _Unknown
    return parts, position + 1

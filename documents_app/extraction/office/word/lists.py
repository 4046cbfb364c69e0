"""The numbers of lists and headings as Word counts and writes them (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from documents_app.extraction.office.names import W, is_on, whole
from documents_app.extraction.office.numerals import numeral

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    legal: bool = False
    restarts_after: int | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """What stands before a paragraph of a list: a number as it is written, or a bullet."""

    text: str
    is_bullet: bool


class Lists:
    """The lists of one document, counted as paragraphs are met in the order of the text."""

    def __init__(self, root: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._group: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._seen: set[str] = set()
        if root is not None:
            self._read(root)

    def marker(self, number: str, level: int) -> Marker | None:
        """Count one paragraph and return its marker, or None if the list has none for it."""
        levels = self._levels.get(number)
        if levels is None or not 0 <= level < _LEVELS:
            return None
        own = levels.get(level, _Level(form="bullet"))
        counters = self._counters.setdefault(self._group[number], [None] * _LEVELS)
        self._restart_if_new(number, counters)
        before = counters[level]
        counters[level] = own.start if before is None else before + 1
        for deeper in range(level + 1, _LEVELS):
            after = levels.get(deeper, own).restarts_after
            if after is None or (after and level < after):
                counters[deeper] = None
        if own.form == "bullet":
            return Marker("-", is_bullet=True)
        for higher in range(level):
            if counters[higher] is None and f"%{higher + 1}" in own.text:
                counters[higher] = levels.get(higher, own).start
        written = _PLACE.sub(lambda place: _written(levels, counters, int(place[1]) - 1, own), own.text)
        written = " ".join(written.split())
        return Marker(written, is_bullet=False) if written else None

    def _restart_if_new(self, number: str, counters: list[int | None]) -> None:
        """A list with starts of its own begins there when it is first met, though it shares its counting with others."""
        if number in self._seen:
            return
        self._seen.add(number)
        for level in range(_LEVELS):
            if (number, level) in self._starts:
                counters[level] = self._starts[number, level] - 1

    def _read(self, root: Any) -> None:
        abstract = {entry.get(f"{W}abstractNumId") or "": entry for entry in root.iter(f"{W}abstractNum")}
        styled = {_value(entry, "styleLink"): entry for entry in abstract.values() if _value(entry, "styleLink")}
        for entry in root.iter(f"{W}num"):
            number, group = entry.get(f"{W}numId") or "", _value(entry, "abstractNumId")
            definition = abstract.get(group)
            if definition is None:
                continue
            linked = _value(definition, "numStyleLink")
            definition = styled.get(linked, definition)
            levels = dict(_read_levels(definition))
            for override in entry.findall(f"{W}lvlOverride"):
                levels.update(_read_levels(override))
                level, start = whole(override.get(f"{W}ilvl")), whole(_value(override, "startOverride"))
                if level is not None and start is not None:
                    self._starts[number, level] = start
                    levels[level] = replace(levels.get(level, _Level()), start=start)
            self._levels[number] = levels
            self._group[number] = definition.get(f"{W}abstractNumId") or ""


def _written(levels: dict[int, _Level], counters: list[int | None], level: int, own: _Level) -> str:
    count = counters[level] if level < _LEVELS else None
    form = levels.get(level, own).form
    return numeral(count or 0, "decimal" if own.legal or form == "bullet" else form)


def _read_levels(parent: Any) -> list[tuple[int, _Level]]:
    found = []
    for entry in parent.findall(f"{W}lvl"):
        depth = whole(entry.get(f"{W}ilvl"))
        if depth is not None and 0 <= depth < _LEVELS:
            level = _Level(
                start=whole(_value(entry, "start")) or 0,
                form=_value(entry, "numFmt") or "decimal",
                text=_value(entry, "lvlText"),
                legal=bool(is_on(entry, f"{W}isLgl")),
                restarts_after=whole(_value(entry, "lvlRestart")),
            )
            found.append((depth, level))
    return found


def _value(element: Any, name: str) -> str:
    child = element.find(f"{W}{name}")
    return (child.get(f"{W}val") or "") if child is not None else ""

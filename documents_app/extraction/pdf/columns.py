"""Columns that a PDF draws row by row: "left one right one, left two right two".

pdfium then gives lines that run across the gutter. A few lines are measured first; only where they share
a wide gap at one place is the page taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2.raw as pdfium

from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.lines import Line, PageGeometry

_MIN_LINES = 8
_SAMPLES = 7
_WIDE_SHARE = 0.55
_MIN_SHARE = 0.4
_AGREEING = 0.6
_GUTTER_EMS = 1.15
_MIN_SIDE_CHARS = 15
_MIN_PAIRS = 6
_MAX_DEPTH = 2

Gap = tuple[float, float, int, int]
"""Left and right border of a gap, the last character before it and the first after it."""


def in_columns(textpage: Any, geometry: PageGeometry, text: str, lines: list[Line]) -> list[Line]:
    """Return the lines with row-wise columns taken apart, each column from top to bottom; else unchanged."""
    if len(lines) < _MIN_LINES:
        return lines

    def gaps(line: Line) -> list[Gap]:
        return _gaps(textpage, geometry, text, line)

    return _separate(lines, gaps, 0)


def _separate(lines: list[Line], gaps: Callable[[Line], list[Gap]], depth: int) -> list[Line]:
    if len(lines) < _MIN_LINES or depth > _MAX_DEPTH:
        return lines
    gutter = _gutter_within_lines(lines, gaps)
    if gutter is None:
        gutter = _gutter_between_lines(lines)
    if gutter is None:
        return lines
    result: list[Line] = []
    sides: tuple[list[Line], list[Line]] = ([], [])
    for line in lines:
        parts = _parts(line, gutter, gaps)
        if parts is None:
            result += [*_separate(sides[0], gaps, depth + 1), *_separate(sides[1], gaps, depth + 1), line]
            sides = ([], [])
        else:
            for side, part in parts:
                sides[side].append(part)
    return [*result, *_separate(sides[0], gaps, depth + 1), *_separate(sides[1], gaps, depth + 1)]


def _gutter_within_lines(lines: Sequence[Line], gaps: Callable[[Line], list[Gap]]) -> float | None:
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    wide = [line for line in lines if line.x1 - line.x0 > _WIDE_SHARE * (right - left) and not line.rows]
    if len(wide) < _MIN_LINES or len(wide) < _MIN_SHARE * len(lines):
        return None
    # Most pages have no gutter: two lines show it, and the others need not be measured.
    if not any(gaps(wide[len(wide) * third // 3]) for third in (1, 2)):
        return None
    step = max(1, len(wide) // _SAMPLES)
    samples = [gaps(line) for line in wide[step // 2 :: step][:_SAMPLES]]
    return _shared_gap(samples)


def _shared_gap(samples: Sequence[Sequence[Gap]]) -> float | None:
    """Return the middle of a gap that nearly all of the lines measured have at its place."""
    for place in ((g[0] + g[1]) / 2 for found in samples for g in found):
        if sum(any(g[0] < place < g[1] for g in found) for found in samples) >= _AGREEING * len(samples):
            return place
    return None


def _gutter_between_lines(lines: Sequence[Line]) -> float | None:
    places = []
    for last, line in pairwise(lines):
        overlap = min(last.bottom, line.bottom) - max(last.top, line.top)
        beside = line.x0 > last.x1 + _GUTTER_EMS * line.size and overlap > 0.5 * min(last.height, line.height)
        if beside and min(len(last.text), len(line.text)) >= _MIN_SIDE_CHARS:
            places.append((last.x1 + line.x0) / 2)
    if len(places) < _MIN_PAIRS or 2 * len(places) < _MIN_SHARE * len(lines):
        return None
    place = median(places)
    clear = sum(not (line.x0 < place < line.x1) for line in lines)
    return place if clear >= 0.8 * len(lines) else None


def _parts(line: Line, gutter: float, gaps: Callable[[Line], list[Gap]]) -> list[tuple[int, Line]] | None:
    """Return the parts of a line with their side (0 left, 1 right); None if it spans both columns."""
    if line.x1 <= gutter:
        return [(0, line)]
    if line.x0 >= gutter:
        return [(1, line)]
    if line.rows:
        return None
    gap = next((g for g in gaps(line) if g[0] - 1 <= gutter <= g[1] + 1), None)
    if gap is None:
        return None
    before, after = gap[2] + 1 - line.start, gap[3] - line.start
    left = replace(line, text=line.text[:before].rstrip(), x1=gap[0], end=gap[2] + 1, bold=False)
    right = replace(line, text=line.text[after:].lstrip(), x0=gap[1], start=gap[3], bold=False)
    return [(side, part) for side, part in ((0, left), (1, right)) if part.text]


def _gaps(textpage: Any, geometry: PageGeometry, text: str, line: Line) -> list[Gap]:
    """Return the gaps of a line that are wide enough for a gutter."""
    if text[line.start : line.end] != line.text:
        return []
    rect = pdfium.FS_RECTF()
    found: list[Gap] = []
    position = text.find(" ", line.start, line.end)
    while position >= 0:
        after = position + 1
        while after < line.end and text[after] == " ":
            after += 1
        if after >= line.end:
            break
        x1 = _displayed(textpage, geometry, rect, position - 1)[2]
        x0 = _displayed(textpage, geometry, rect, after)[0]
        if x0 - x1 > _GUTTER_EMS * line.size:
            found.append((x1, x0, position - 1, after))
        position = text.find(" ", after, line.end)
    return found


def _displayed(textpage: Any, geometry: PageGeometry, rect: Any, index: int) -> tuple[float, float, float, float]:
    calls.loose_box(calls.address(textpage), index, calls.address(rect))
    return geometry.box(rect.left, rect.top, rect.right, rect.bottom)

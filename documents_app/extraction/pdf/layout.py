"""From the lines of one page, in content order, to paragraphs in reading order.

Content order is right on most pages, so it is kept within runs of lines that follow each other downwards;
only the runs are put in order (columns, boxes, headers drawn last). The order of runs follows Breuel,
"Two Geometric Algorithms for Layout Analysis" (DAS 2002), section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.pdf.lines import Line, LineMark

_MAX_RUNS = 60
_SMALLER = 0.82
_SHIFTED = 0.1
_LONGEST_NOTE = 4
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_ENDS = (".", "!", "?", ":", "。", "！", "？", "؟", "”", '"', ")")
_ITEM = re.compile(r"(?:[-*•‣◦▪●○■□–·➢✓]|\(?[a-z0-9]{1,3}[.)])\s")


def arrange(lines: list[Line]) -> list[Line]:
    """Return the lines with fragments joined, in reading order, starts of paragraphs marked."""
    ordered = _in_reading_order(_join_fragments(lines))
    _mark_paragraphs(ordered)
    return ordered


def is_right_to_left(lines: Sequence[Line]) -> bool:
    """Whether most letters of the lines are of a right-to-left script."""
    text = "".join(line.text for line in lines)
    if text.isascii():
        return False
    return 2 * len(_RTL.findall(text)) > sum(map(str.isalpha, text))


def _join_fragments(lines: list[Line]) -> list[Line]:
    """Join pieces of one visual line: raised and lowered characters, bullets, cells of a row without rules."""
    if len(lines) < 2:
        return lines
    joined = [lines[0]]
    for line in lines[1:]:
        last = joined[-1]
        separator = _separator(last, line)
        if separator is None:
            joined.append(line)
        else:
            last.marks = _joined_marks(last, separator, line)
            if len(line.text) > len(last.text) and line.size > last.size:
                last.top, last.bottom, last.size = line.top, line.bottom, line.size
            last.text = f"{last.text}{separator}{line.text}"
            last.x1 = max(last.x1, line.x1)
            last.bold = last.bold and line.bold
            last.monospaced = last.monospaced and line.monospaced
    return joined


def _joined_marks(last: Line, separator: str, line: Line) -> tuple[LineMark, ...]:
    """Return the marks of two fragments that become one line; a small one beside a large one is raised or lowered."""
    offset = len(last.text) + len(separator)
    before, after = last.marks, line.marks
    if not separator and not after and (kind := _script(line, last)):
        after = ((0, len(line.text), kind),)
    elif not before and len(last.text) <= _LONGEST_NOTE and _script(last, line) == MarkKind.SUPERSCRIPT:
        before = ((0, len(last.text), MarkKind.SUPERSCRIPT.value),)
    return (*before, *((start + offset, end + offset, kind) for start, end, kind in after))


def _script(small: Line, large: Line) -> str:
    """Return whether a fragment is raised or lowered beside another, an empty string if neither."""
    middle = (small.top + small.bottom) / 2 - (large.top + large.bottom) / 2
    if small.size > _SMALLER * large.size or abs(middle) < _SHIFTED * large.size:
        return ""
    return (MarkKind.SUPERSCRIPT if middle < 0 else MarkKind.SUBSCRIPT).value


def _separator(last: Line, line: Line) -> str | None:
    overlap = min(last.bottom, line.bottom) - max(last.top, line.top)
    if last.rows or line.rows or overlap < 0.35 * min(last.height, line.height) or last.height <= 0:
        return None
    size = max(last.size, line.size)
    gap = line.x0 - last.x1
    if gap < -0.3 * size or last.text.endswith("-"):
        return None
    if gap < 0.12 * size:
        return ""
    if gap < 1.5 * size:
        return " "
    return "\t" if len(line.text) < 40 and max(map(len, last.text.split("\t"))) < 40 else None


def _in_reading_order(lines: list[Line]) -> list[Line]:
    runs = _runs(lines)
    if len(runs) < 2:
        return lines
    if len(runs) > _MAX_RUNS:
        upwards = sum(line.top < last.top for last, line in pairwise(lines))
        return sorted(lines, key=lambda line: line.top) if upwards > 0.6 * len(lines) else lines
    boxes = [
        (min(r.x0 for r in run), min(r.top for r in run), max(r.x1 for r in run), max(r.bottom for r in run))
        for run in runs
    ]
    order = _order(boxes, is_right_to_left(lines))
    return [line for index in order for line in runs[index]]


def _runs(lines: list[Line]) -> list[list[Line]]:
    """Cut the content order where it jumps up, sideways, or far down."""
    runs: list[list[Line]] = []
    last: Line | None = None
    for line in lines:
        if last is None or _jumps(last, line):
            runs.append([])
        runs[-1].append(line)
        last = line
    return runs


def _jumps(last: Line, line: Line) -> bool:
    step = line.top - last.top
    reach = max(last.size, line.size, 6.0)
    if step < -0.95 * reach or step > 6 * reach + last.height:
        return True
    apart = line.x0 > last.x1 or line.x1 < last.x0
    return apart and abs(step) < 0.5 * reach and abs(line.x0 - last.x0) > 8 * reach


def _order(boxes: list[tuple[float, float, float, float]], right_to_left: bool) -> list[int]:
    """Order boxes: above goes first where columns overlap; else the left (right) one, if nothing spans both."""
    count = len(boxes)
    before: list[set[int]] = [set() for _ in range(count)]
    for a in range(count):
        for b in range(count):
            if a != b and _precedes(boxes, a, b, right_to_left):
                before[b].add(a)
    order: list[int] = []
    waiting = list(range(count))
    done: set[int] = set()
    while waiting:
        # With contradictory relations (overlapping boxes) the first in content order goes first.
        ready = next((index for index in waiting if before[index] <= done), waiting[0])
        waiting.remove(ready)
        done.add(ready)
        order.append(ready)
    return order


def _precedes(boxes: list[tuple[float, float, float, float]], a: int, b: int, right_to_left: bool) -> bool:
    ax0, atop, ax1, abottom = boxes[a]
    bx0, btop, bx1, bbottom = boxes[b]
    if ax0 < bx1 and bx0 < ax1:
        return atop < btop and abottom <= btop + 0.5 * (bbottom - btop)
    a_side_first = ax0 >= bx1 if right_to_left else ax1 <= bx0
    if not a_side_first:
        return False
    low, high = min(abottom, bbottom), max(atop, btop)
    for c, (cx0, ctop, cx1, cbottom) in enumerate(boxes):
        if c in (a, b) or not (cx0 < ax1 and ax0 < cx1 and cx0 < bx1 and bx0 < cx1):
            continue
        middle = (ctop + cbottom) / 2
        if low <= middle <= high:
            return False
    return True


def _mark_paragraphs(lines: list[Line]) -> None:
    """Mark the first line of each paragraph: wider spacing, indentation, a short last line, a change of size."""
    if not lines:
        return
    width = max(line.x1 for line in lines) - min(line.x0 for line in lines)
    # The distance of lines is taken below full lines; fragments of formulas and table cells say little about it.
    full = 0.6 * sorted(line.x1 - line.x0 for line in lines)[3 * len(lines) // 4]
    steps = [
        line.top - last.top
        for last, line in pairwise(lines)
        if last.x1 - last.x0 >= full and 0 < line.top - last.top < 3 * last.size + 4
    ]
    pitch = median(steps) if steps else 0.0
    lines[0].blank_before = True
    for last, line in pairwise(lines):
        line.blank_before = _starts_paragraph(last, line, pitch, width)


def _starts_paragraph(last: Line, line: Line, pitch: float, width: float) -> bool:
    step = line.top - last.top
    if line.rows or last.rows:
        return True
    ends = last.text.endswith(_ENDS)
    runs_on = not ends and line.text[:1].islower()
    if step < 0:
        # A new column or box: prose that runs on is not cut.
        return not runs_on
    if pitch and step > (2.2 if runs_on else 1.35) * max(pitch, 1.1 * last.size):
        return True
    if abs(last.size - line.size) > 0.12 * max(last.size, line.size) and abs(step) > 0.5 * last.size:
        return len(line.text) > 3 and len(last.text) > 3 and not runs_on
    if not ends or _ITEM.match(line.text):
        return False
    indented = 0.8 * line.size < line.x0 - last.x0 < 5 * line.size
    short = line.x1 - last.x1 > max(0.15 * width, 3 * line.size)
    return indented or short

"""What each line of a page belongs to: furniture, a heading, a table, a list item, code, a caption, a footnote, prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.extraction.pdf.lines import Line
from documents_app.extraction.pdf.structure import has_caption_sign, is_caption

_BULLET = re.compile(r"[•‣◦▪●○■□➢➤✓✔☐☑·]\s*\S")
_DASH = re.compile(r"[-–—*]\s+\S")
_NUMBER = re.compile(r"(?P<open>\(?)(?P<value>\d{1,3}|[A-Za-z])(?P<close>[.)])\s+\S")
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "؟", "”", '"', ")")
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡¶]{1,3}|[a-z])[.)]?\s?\S")
_NOTE_SIZE = 0.93
_CAPTION_SIZE = 0.96
_NOTE_TOP = 0.45
_ALIGNED = 1.2
_HANGING = 0.3
_COLUMN_POINTS = 60.0
_TYPED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class LinePlace:
    """The kind of a line, and whether a block of that kind begins with it."""

    kind: BlockKind
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What is usual in the document: the size of its text in points, and whether it is typed in one width."""

    body: float
    typed: bool


def look_of(pages: Sequence[Sequence[Line]], body: float) -> Look:
    """Return what is usual in a document."""
    lines = [line for page in pages for line in page]
    return Look(body, sum(line.monospaced for line in lines) > _TYPED_SHARE * len(lines))


def places(lines: Sequence[Line], height: float, look: Look) -> list[LinePlace]:
    """Return the place of each line of a page of ``height`` points."""
    items = _items(lines)
    columns = _Columns(lines)
    result: list[LinePlace] = []
    item: Line | None = None
    for index, line in enumerate(lines):
        last = result[-1] if result else None
        place = _fixed(lines, index, height, look, last)
        if place is None and index in items:
            place = LinePlace(BlockKind.LIST_ITEM, begins=True)
            item = line
        elif place is None and item is not None and last is not None and last.kind is BlockKind.LIST_ITEM:
            goes_on = _continues_item(item, lines[index - 1], line, columns.right(item))
            place = LinePlace(BlockKind.LIST_ITEM) if goes_on else None
        result.append(place or LinePlace(BlockKind.PARAGRAPH))
    return result


def _fixed(lines: Sequence[Line], index: int, height: float, look: Look, last: LinePlace | None) -> LinePlace | None:
    """Return the place of a line that does not depend on lists; None if it is an item or prose."""
    line = lines[index]
    if line.boilerplate:
        return LinePlace(BlockKind.FURNITURE)
    if line.rows:
        return LinePlace(BlockKind.TABLE, begins=True)
    if line.level:
        return LinePlace(BlockKind.HEADING)
    if not look.typed and _is_code(lines, index):
        return LinePlace(BlockKind.CODE)
    starts = line.blank_before or last is None or last.kind in (BlockKind.TABLE, BlockKind.FURNITURE)
    if starts and is_caption(line.text) and _is_set_apart(line, look):
        return LinePlace(BlockKind.CAPTION, begins=True)
    if last is not None and last.kind is BlockKind.CAPTION and not starts and _alike(lines[index - 1], line):
        return LinePlace(BlockKind.CAPTION)
    return _note(line, height, look, last, starts=starts)


def _is_code(lines: Sequence[Line], index: int) -> bool:
    """Whether a typed line stands with others, or alone between paragraphs; else it is code inside a sentence."""
    if not lines[index].monospaced:
        return False
    around = [*lines[max(index - 1, 0) : index], *lines[index + 1 : index + 2]]
    following = lines[index + 1] if index + 1 < len(lines) else None
    alone = lines[index].blank_before and (following is None or following.blank_before)
    return alone or any(line.monospaced and not line.boilerplate for line in around)


def _is_set_apart(line: Line, look: Look) -> bool:
    """Whether a line that begins "Figure 3" is a caption and not a sentence about the figure."""
    emphasised = any(start == 0 and kind == MarkKind.EMPHASIS for start, _, kind in line.marks)
    return emphasised or line.size <= _CAPTION_SIZE * look.body or has_caption_sign(line.text)


def _alike(last: Line, line: Line) -> bool:
    return abs(last.size - line.size) < 0.3 and line.top > last.top


def _note(line: Line, height: float, look: Look, last: LinePlace | None, *, starts: bool) -> LinePlace | None:
    if line.size > _NOTE_SIZE * look.body or line.top < _NOTE_TOP * height:
        return None
    continues = last is not None and last.kind is BlockKind.FOOTNOTE
    raised = any(start == 0 and kind == MarkKind.SUPERSCRIPT for start, _, kind in line.marks)
    if _NOTE.match(line.text) and (raised or (starts and line.text[:1] in "*†‡¶") or (continues and starts)):
        return LinePlace(BlockKind.FOOTNOTE, begins=True)
    return LinePlace(BlockKind.FOOTNOTE) if continues and not starts else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    index: int
    style: str
    value: int
    x0: float
    size: float


def _items(lines: Sequence[Line]) -> set[int]:
    """Return which lines begin a list item: bullets, and numbers or dashes that stand below one another in order.

    A line of prose may begin with "12." or with a dash by chance; a list has a neighbour.
    """
    found: set[int] = set()
    candidates: list[_Candidate] = []
    for index, line in enumerate(lines):
        if line.boilerplate or line.rows or line.level:
            continue
        if not line.text[:1].isalnum() and _BULLET.match(line.text):
            found.add(index)
        elif _may_begin(lines, index, found, candidates) and (candidate := _candidate(index, line)) is not None:
            candidates.append(candidate)
    for place, one in enumerate(candidates):
        for other in candidates[place + 1 : place + 4]:
            in_order = one.style == other.style and other.value in (
                one.value + 1,
                one.value if one.style == "-" else -1,
            )
            if in_order and abs(one.x0 - other.x0) <= _ALIGNED * max(one.size, other.size):
                found |= {one.index, other.index}
                break
    return found


def _candidate(index: int, line: Line) -> _Candidate | None:
    number = _NUMBER.match(line.text) if "." in line.text[:6] or ")" in line.text[:6] else None
    if number is not None:
        value = number["value"]
        style = number["open"] + ("1" if value.isdigit() else "a" if value.islower() else "A") + number["close"]
        return _Candidate(index, style, int(value) if value.isdigit() else ord(value), line.x0, line.size)
    return _Candidate(index, "-", 0, line.x0, line.size) if _DASH.match(line.text) else None


def _may_begin(lines: Sequence[Line], index: int, found: set[int], candidates: Sequence[_Candidate]) -> bool:
    line = lines[index]
    if index == 0 or line.blank_before or index - 1 in found:
        return True
    last = lines[index - 1]
    return (
        last.text.endswith(_ENDS)
        or bool(candidates and candidates[-1].index == index - 1)
        or line.x0 < last.x0 - _HANGING * line.size
        or last.x1 < line.x1 - 3 * line.size
    )


class _Columns:
    """How far the lines reach that begin near one place across the page."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._reach: dict[int, float] = {}
        for line in lines:
            for column in self._around(line):
                self._reach[column] = max(self._reach.get(column, 0.0), line.x1)

    def right(self, line: Line) -> float:
        """Return the right border of what stands where a line begins."""
        return self._reach.get(self._around(line)[1], line.x1)

    def _around(self, line: Line) -> tuple[int, int, int]:
        column = int(line.x0 // _COLUMN_POINTS)
        return column - 1, column, column + 1


def _continues_item(item: Line, last: Line, line: Line, right: float) -> bool:
    """Whether a line goes on with an item; ``right`` is how far the lines below the item's beginning reach."""
    if line.top <= last.top or (line.blank_before and line.x0 <= item.x0 + _HANGING * line.size):
        return line.top <= last.top and line.text[:1].islower()
    if line.x0 > item.x0 + _HANGING * line.size:
        return not line.blank_before
    # A line that had room for the next word was ended on purpose.
    word = line.text.split(maxsplit=1)[0]
    full = last.x1 + (line.x1 - line.x0) * (len(word) + 1) / max(len(line.text), 1) > right
    return line.x0 > item.x0 - _HANGING * line.size and full and not last.text.endswith(_ENDS)

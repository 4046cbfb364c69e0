"""From the lines of a page to the blocks of the stored text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.inline import Run
from documents_app.extraction.pdf import signs
from documents_app.extraction.pdf.hyphens import WordBreaks
from documents_app.extraction.pdf.kinds import LinePlace, Look, places
from documents_app.extraction.pdf.lines import Line, LineMark
from documents_app.extraction.pdf.structure import HEADING_PITCH

_INDENTED = 0.6
_BLANK_LINE = 1.7
_MAX_INDENT = 60


def write_page(lines: Sequence[Line], height: float, look: Look, breaks: WordBreaks, builder: TextBuilder) -> None:
    """Write the lines of a page of ``height`` points as blocks; lines of one kind that no space parts are one block."""
    writer = _PageWriter(builder, breaks)
    for line, place in zip(lines, places(lines, height, look), strict=True):
        writer.add(line, place)
    writer.flush()


class _PageWriter:
    """Collects lines until a block is complete."""

    def __init__(self, builder: TextBuilder, breaks: WordBreaks) -> None:
        self._builder = builder
        self._breaks = breaks
        self._kind = BlockKind.PARAGRAPH
        self._lines: list[Line] = []
        self._tight = False
        self._indents: list[float] = []

    def add(self, line: Line, place: LinePlace) -> None:
        """Take the next line of the page."""
        if self._lines and self._begins(line, place):
            last = self._lines[-1]
            self.flush()
            self._tight = not _parted(last, line)
        self._kind = place.kind
        self._lines.append(line)

    def flush(self) -> None:
        """Write the block that was collected."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        first = lines[0]
        if self._kind is not BlockKind.LIST_ITEM:
            self._indents = []
        if self._kind is BlockKind.TABLE and first.rows:
            box = (round(first.x0, 2), round(first.top, 2), round(first.x1, 2), round(first.bottom, 2))
            self._builder.table([[signs.runs(cell) for cell in row] for row in first.rows], tight=self._tight, bbox=box)
        elif self._kind is BlockKind.CODE:
            self._builder.block(BlockKind.CODE, _code(lines), tight=self._tight)
        else:
            runs = _runs(lines, self._kind, self._breaks)
            self._builder.block(self._kind, runs, level=self._level(first), tight=self._tight)

    def _begins(self, line: Line, place: LinePlace) -> bool:
        """Whether a line begins a block."""
        if place.begins or place.kind is not self._kind:
            return True
        last = self._lines[-1]
        if place.kind in (BlockKind.CODE, BlockKind.LIST_ITEM, BlockKind.CAPTION, BlockKind.FOOTNOTE):
            return place.kind is BlockKind.CODE and line.top < last.top
        return not _continues_heading(last, line) if line.level else _parted(last, line)

    def _level(self, first: Line) -> int | None:
        """Return the level of a heading, or how deep an item is indented among those before it."""
        if self._kind is BlockKind.HEADING:
            return first.level
        if self._kind is not BlockKind.LIST_ITEM:
            return None
        reach = _INDENTED * first.size
        while self._indents and self._indents[-1] > first.x0 + reach:
            self._indents.pop()
        if not self._indents or first.x0 > self._indents[-1] + reach:
            self._indents.append(first.x0)
        return len(self._indents)


def _runs(lines: Sequence[Line], kind: BlockKind, breaks: WordBreaks) -> str | list[Run]:
    """Return lines as runs, a newline between them where no word runs on, or as a string if nothing is marked."""
    runs: list[Run] = []
    plain: list[str] = []
    for number, line in enumerate(lines):
        if number:
            plain.append(breaks.joint(lines[number - 1].text, line.text))
        position = 0
        for start, end, mark in _marks(line, kind):
            plain.append(line.text[position:start])
            if text := "".join(plain):
                runs.append(Run(text))
            plain.clear()
            runs.append(Run(line.text[max(start, position) : end], frozenset({MarkKind(mark)})))
            position = max(end, position)
        plain.append(line.text[position:])
    text = "".join(plain)
    if not runs:
        return text
    return [*runs, Run(text)] if text else runs


def _marks(line: Line, kind: BlockKind) -> Sequence[LineMark]:
    """Return the marks of a line; a heading is emphasised as a whole, so nothing in it is."""
    if line.monospaced and any(map(str.isalpha, line.text)):
        return ((0, len(line.text), MarkKind.CODE.value),)
    if kind in (BlockKind.HEADING, BlockKind.FURNITURE):
        return [mark for mark in line.marks if mark[2] != MarkKind.EMPHASIS]
    return line.marks


def _code(lines: Sequence[Line]) -> str:
    """Return the lines of a listing with their indentation, counted in characters of their one width."""
    widest = max(lines, key=lambda line: len(line.text))
    width = (widest.x1 - widest.x0) / max(len(widest.text), 1) or 1.0
    left = min(line.x0 for line in lines)
    steps = [line.top - last.top for last, line in pairwise(lines) if line.top > last.top]
    pitch = median(steps) if steps else 0.0
    parts: list[str] = []
    for number, line in enumerate(lines):
        if number:
            gap = line.top - lines[number - 1].top > _BLANK_LINE * pitch
            parts.append("\n\n" if gap else "\n")
        indent = min(round((line.x0 - left) / width), _MAX_INDENT)
        parts.append(" " * indent + line.text)
    return "".join(parts)


def _continues_heading(last: Line, line: Line) -> bool:
    return bool(last.level == line.level and abs(last.size - line.size) < 0.3 and not _parted(last, line))


def _parted(last: Line, line: Line) -> bool:
    if line.boilerplate != last.boilerplate:
        return True
    if line.level and last.level == line.level:
        near = 0 < line.top - last.top < HEADING_PITCH * max(line.size, last.size)
        return not near or abs(last.size - line.size) >= 0.3
    return bool(line.blank_before or line.level or last.level)

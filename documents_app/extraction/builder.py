"""Collects the stored text of a document together with its pages, blocks and warnings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from documents_app.domain.blocks import Block, BlockKind, Box, ExtractionWarning, Mark, MarkKind
from documents_app.domain.errors import ExpandedTooLarge, TooManyPages
from documents_app.domain.material import DocumentText, Figure, PageSpan
from documents_app.extraction.inline import Inline, plain, render
from documents_app.extraction.limits import ExtractionLimits

PAGE_BREAK = "\n\f"
INDENT = "  "
_MAX_LEVEL = 9
_MAX_WARNINGS = 200
_MAX_TERM_WORDS = 8
_LIST_MARKER = re.compile(r"(?:[-*•☐☑]|\w{1,6}[.)])[ \t]+(?:[☐☑][ \t]+)?")
_PARTED = re.compile(r"[ \t]*[:–—]|[ \t]+-[ \t]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table over several rows or columns."""

    content: Inline
    rowspan: int = 1
    colspan: int = 1


class TextBuilder:
    """Appends blocks of text and keeps every span exact.

    Blocks are parted by a blank line (by a newline only if ``tight``), pages by a newline and a form feed.
    """

    def __init__(self, limits: ExtractionLimits) -> None:
        self._limits = limits
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[PageSpan] = []
        self._page_start = 0
        self._blocks: list[Block] = []
        self._warnings: dict[ExtractionWarning, None] = {}
        self._first_heading = ""
        self._cells = 0

    @property
    def page(self) -> int:
        """The 1-based number of the page being written."""
        return len(self._pages) + 1

    @property
    def first_heading(self) -> str:
        """The text of the first heading written, or an empty string."""
        return self._first_heading

    def block(
        self,
        kind: BlockKind,
        content: Inline,
        *,
        level: int | None = None,
        code_language: str | None = None,
        latex: str | None = None,
        tight: bool = False,
    ) -> Span | None:
        """Append a block and return its span, or None if it is blank.

        A list item of level n is indented n - 1 times. A formula without content is written as its LaTeX.
        """
        text, marks = render(content)
        if kind is BlockKind.FORMULA and latex and not text.strip():
            text, marks = render(f"$${latex}$$")
        block = Block(kind, self.page, 0, 0, level, latex, code_language or None, marks=marks)
        return self._append(block, text, tight=tight)

    def heading(self, level: int, content: Inline) -> Span | None:
        """Append a heading on a line of its own."""
        text, marks = render(content, one_line=True)
        block = Block(BlockKind.HEADING, self.page, 0, 0, max(1, min(level, _MAX_LEVEL)), marks=marks)
        return self._append(block, text)

    def table(
        self, rows: Iterable[Sequence[Inline | Cell]], *, tight: bool = False, bbox: Box | None = None
    ) -> Span | None:
        """Append a table as one line per row, cells parted by tabs; rows without any text are dropped.

        A cell over several rows or columns stands in each of them, so that every row can be read alone; one as wide
        as the table stands once in its row.
        """
        parts: list[str] = []
        marks: list[Mark] = []
        cells: list[tuple[str, ...]] = []
        length = 0
        for row in self._grid(rows):
            rendered = [render(content, one_line=True) for content in row]
            texts = tuple(text.strip() for text, _ in rendered)
            if not any(texts):
                continue
            at = length
            for text, own in rendered:
                marks += [_moved(mark, at) for mark in own]
                at += len(text.strip()) + 1
            line = "\t".join(texts).rstrip("\t")
            parts.append(line)
            cells.append(texts)
            length += len(line) + 1
        block = Block(BlockKind.TABLE, self.page, 0, 0, rows=tuple(cells), marks=tuple(marks), bbox=bbox)
        return self._append(block, "\n".join(parts), tight=tight)

    def warn(self, code: str, detail: str, page: int | None = None) -> None:
        """Say that something could not be read; the same is said once."""
        if len(self._warnings) < _MAX_WARNINGS:
            self._warnings[ExtractionWarning(code, detail, page)] = None

    def end_page(self) -> None:
        """Close the page; the next block begins the following one. A page may be blank.

        Raises TooManyPages when the following page would be one too many.
        """
        if self.page >= self._limits.max_pages:
            raise TooManyPages(pages=f"more than {self.page}", limit=self._limits.max_pages)
        self._pages.append(PageSpan(self.page, self._page_start, self._length))
        self._write(PAGE_BREAK)
        self._page_start = self._length

    def build(
        self,
        metadata: Mapping[str, Any],
        *,
        language: str | None = None,
        figures: tuple[Figure, ...] = (),
        blank_last_page: bool = False,
    ) -> DocumentText:
        """Return the document; a blank last page counts only where the file says so (``blank_last_page``)."""
        if self._length > self._page_start or not self._pages or blank_last_page:
            self._pages.append(PageSpan(self.page, self._page_start, self._length))
        text = "".join(self._parts)[: self._pages[-1].char_end]
        return DocumentText(
            text,
            tuple(self._pages),
            tuple(self._blocks),
            tuple(self._warnings),
            language=language,
            metadata=dict(metadata),
            figures=figures,
        )

    def _append(self, block: Block, text: str, *, tight: bool = False) -> Span | None:
        """Write ``text`` as ``block``, whose marks count from the beginning of ``text``."""
        lead = _blank_lead(text, block.kind)
        content = text[lead:].rstrip()
        if not content.strip():
            return None
        if self._length > self._page_start:
            self._write("\n" if tight else "\n\n")
        if block.kind is BlockKind.LIST_ITEM and block.level:
            self._write(INDENT * (min(block.level, _MAX_LEVEL) - 1))
        start = self._length
        self._write(content)
        if block.kind is BlockKind.LIST_ITEM:
            block = replace(block, marks=_with_term(content, lead, block.marks))
        if block.kind is BlockKind.HEADING and not self._first_heading:
            self._first_heading = plain(content)
        marks = tuple(_moved(mark, start - lead) for mark in block.marks)
        self._blocks.append(replace(block, char_start=start, char_end=self._length, marks=marks))
        return start, self._length

    def _grid(self, rows: Iterable[Sequence[Inline | Cell]]) -> list[list[Inline]]:
        """Lay cells out in columns; raises ExpandedTooLarge for more cells than a document may have."""
        laid_out = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
        # A row of one cell is as wide as the table, whatever it claims.
        width = max((sum(cell.colspan for cell in row) for row in laid_out if len(row) > 1), default=1)
        grid: list[list[Inline]] = []
        from_above: dict[int, tuple[int, Inline]] = {}
        for row in laid_out:
            line: list[Inline] = []
            for cell in row:
                self._lay_from_above(line, from_above)
                columns = max(min(cell.colspan, width - len(line)), 1)
                for part in range(columns):
                    if cell.rowspan > 1:
                        from_above[len(line)] = (cell.rowspan, cell.content)
                    self._lay(line, "" if part and columns == width else cell.content)
            self._lay_from_above(line, from_above, until=max(from_above, default=-1))
            grid.append(line)
            from_above = {column: (left - 1, content) for column, (left, content) in from_above.items() if left > 1}
        return grid

    def _lay_from_above(
        self, line: list[Inline], from_above: Mapping[int, tuple[int, Inline]], until: int = -1
    ) -> None:
        """Fill the columns that cells of earlier rows reach into, up to column ``until`` also over gaps."""
        while len(line) in from_above or len(line) <= until:
            self._lay(line, from_above.get(len(line), (0, ""))[1])

    def _lay(self, line: list[Inline], content: Inline) -> None:
        self._cells += 1
        if self._cells > self._limits.max_table_cells:
            raise ExpandedTooLarge(limit=self._limits.max_table_cells, unit="table cells")
        line.append(content)

    def _write(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.max_chars:
            raise ExpandedTooLarge(limit=self._limits.max_chars, unit="characters of text")
        self._parts.append(text)


def _blank_lead(text: str, kind: BlockKind) -> int:
    """Return how many characters to cut in front: white space, where it is no indentation and no empty cell."""
    if kind is BlockKind.TABLE:
        return 0
    lead = len(text) - len(text.lstrip())
    return text.rfind("\n", 0, lead) + 1 if kind is BlockKind.CODE else lead


def _with_term(content: str, lead: int, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return the marks of a list item; emphasis that begins it and is parted by a colon or dash names a term."""
    marker = _LIST_MARKER.match(content)
    start = lead + (marker.end() if marker else 0)
    first = next((mark for mark in marks if mark.char_start == start and mark.kind is MarkKind.EMPHASIS), None)
    if first is None:
        return marks
    name = content[first.char_start - lead : first.char_end - lead]
    parted = name.endswith(":") or _PARTED.match(content, first.char_end - lead)
    if not parted or len(name.split()) > _MAX_TERM_WORDS:
        return marks
    return (*marks, Mark(MarkKind.TERM, start, first.char_end - len(name) + len(name.rstrip(" :"))))


def _moved(mark: Mark, by: int) -> Mark:
    return Mark(mark.kind, mark.char_start + by, mark.char_end + by, mark.latex)

"""Collects the stored text of a document together with its pages, headings and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from documents_app.domain.errors import ExpandedTooLarge, TooManyPages
from documents_app.domain.material import DocumentText, Heading, PageSpan, Table
from documents_app.domain.normalise import clean
from documents_app.extraction.limits import ExtractionLimits

PAGE_BREAK = "\n\f"


class TextBuilder:
    """Appends blocks of text and keeps every span exact.

    Blocks are parted by a blank line, lines of one block by a newline, pages by a newline and a form feed.
    """

    def __init__(self, limits: ExtractionLimits) -> None:
        self._limits = limits
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[PageSpan] = []
        self._page_start = 0
        self._headings: list[Heading] = []
        self._tables: list[Table] = []
        self._cells = 0

    @property
    def page(self) -> int:
        """The 1-based number of the page being written."""
        return len(self._pages) + 1

    @property
    def first_heading(self) -> str:
        """The text of the first heading written, or an empty string."""
        return self._headings[0].text if self._headings else ""

    def block(self, text: str, *, tight: bool = False) -> tuple[int, int] | None:
        """Append a block (after a newline only if ``tight``) and return its span, or None if it is blank."""
        text = clean(text).rstrip().lstrip("\n\f\t" if tight else "\n\f\t ").replace("\f", "\n")
        if not text:
            return None
        if self._length > self._page_start:
            self._write("\n" if tight else "\n\n")
        start = self._length
        self._write(text)
        return start, self._length

    def heading(self, level: int, text: str) -> None:
        """Append a heading on a line of its own."""
        span = self.block(" ".join(text.split()))
        if span:
            title = clean(" ".join(text.split())).strip()
            self._headings.append(Heading(max(1, min(level, 9)), title, self.page, *span))

    def table(self, rows: Iterable[Sequence[str]], *, tight: bool = False) -> None:
        """Append a table as one line per row, cells parted by tabs; rows without any text are dropped."""
        cells = [tuple(" ".join(clean(cell).split()) for cell in row) for row in rows]
        cells = [row for row in cells if any(row)]
        self._cells += sum(map(len, cells))
        if self._cells > self._limits.max_table_cells:
            raise ExpandedTooLarge(limit=self._limits.max_table_cells, unit="table cells")
        span = self.block("\n".join("\t".join(row).rstrip("\t") for row in cells), tight=tight)
        if span:
            self._tables.append(Table(self.page, *span, tuple(cells)))

    def end_page(self) -> None:
        """Close the page; the next block begins the following one. A page may be blank.

        Raises TooManyPages when the following page would be one too many.
        """
        if self.page >= self._limits.max_pages:
            raise TooManyPages(pages=f"more than {self.page}", limit=self._limits.max_pages)
        self._pages.append(PageSpan(self.page, self._page_start, self._length))
        self._write(PAGE_BREAK)
        self._page_start = self._length

    def build(self, metadata: Mapping[str, Any]) -> DocumentText:
        """Return the document; the page being written is closed unless it is blank and not the only one."""
        if self._length > self._page_start or not self._pages:
            self._pages.append(PageSpan(self.page, self._page_start, self._length))
        text = "".join(self._parts)[: self._pages[-1].char_end]
        return DocumentText(text, tuple(self._pages), tuple(self._headings), tuple(self._tables), dict(metadata))

    def _write(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.max_chars:
            raise ExpandedTooLarge(limit=self._limits.max_chars, unit="characters of text")
        self._parts.append(text)

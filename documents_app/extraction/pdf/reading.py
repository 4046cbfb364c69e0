"""PDF: text, lines and outline by pdfium, ruled tables, recognition of image-only pages where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge, NoPages, NoTextLayer, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.domain.normalise import clean
from documents_app.extraction import ocr, progress
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.columns import in_columns
from documents_app.extraction.pdf.drawings import page_drawings
from documents_app.extraction.pdf.figures import figures_of, give_captions, page_figures
from documents_app.extraction.pdf.layout import arrange
from documents_app.extraction.pdf.lines import Line, page_geometry, page_text, read_lines
from documents_app.extraction.pdf.opening import opened
from documents_app.extraction.pdf.rules import may_hold_table
from documents_app.extraction.pdf.sharing import PageLines, ReadPage, read_pages
from documents_app.extraction.pdf.structure import HEADING_PITCH, OutlineEntry, mark_boilerplate, mark_headings
from documents_app.extraction.pdf.tables import lines_with_tables

_MAX_BOOKMARKS = 5_000


def extract_pdf(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a PDF.

    Raises EncryptedFile, CorruptFile, NoPages, TooManyPages, ExpandedTooLarge, or NoTextLayer when no page has text.
    A document where only some pages lack text succeeds; ``metadata["pages_without_text"]`` lists them.
    """
    with opened(source) as document:
        count = len(document)
        if count == 0:
            raise NoPages
        if count > limits.max_pages:
            raise TooManyPages(pages=count, limit=limits.max_pages)
        read = read_pages(count, _PageReader(document, limits).read, _reopened(source, limits), readers=limits.readers)
        reading = _Reading(read, limits)
        if len(reading.failed) == count:
            raise CorruptFile(reason="no page can be read")
        reading.recognise(document)
        outline = _outline(document)
        metadata = _metadata(document)
    if not any(_has_text(lines) for lines in reading.pages):
        raise NoTextLayer
    mark_boilerplate(reading.pages, reading.heights)
    mark_headings(reading.pages, outline)
    return _assemble(reading, metadata, limits)


def _reopened(source: bytes | Path, limits: ExtractionLimits) -> Callable[[], AbstractContextManager[ReadPage]]:
    @contextmanager
    def reader() -> Iterator[ReadPage]:
        with opened(source) as document:
            yield _PageReader(document, limits).read

    return reader


class _PageReader:
    """Reads pages; raises ExpandedTooLarge when they hold more text together than a document may."""

    def __init__(self, document: pypdfium2.PdfDocument, limits: ExtractionLimits) -> None:
        self._document = document
        self._limits = limits
        self._chars = 0

    def read(self, index: int) -> PageLines:
        """Read one page; one that cannot be loaded has no lines and says so."""
        page = pdfium.FPDF_LoadPage(self._document.raw, index)
        if not page:
            return PageLines([], 1.0, failed=True)
        try:
            found = self._contents(page)
        finally:
            pdfium.FPDF_ClosePage(page)
        self._chars += sum(len(line.text) + 1 for line in found.lines)
        if self._chars > self._limits.max_chars:
            raise ExpandedTooLarge(limit=self._limits.max_chars, unit="characters of text")
        return found

    def _contents(self, page: Any) -> PageLines:
        """Return the page's lines in reading order, its height in points, and its figures."""
        textpage = pdfium.FPDFText_LoadPage(page)
        if not textpage:
            return PageLines([], 1.0)
        try:
            geometry = page_geometry(page, textpage)
            text, aligned = page_text(textpage)
            lines = read_lines(textpage, geometry, text, aligned)
            drawings = page_drawings(page)
            if aligned and may_hold_table(drawings.paths):
                lines = lines_with_tables(drawings.paths, textpage, geometry, text, lines)
            if aligned:
                lines = in_columns(textpage, geometry, text, lines)
        finally:
            pdfium.FPDFText_ClosePage(textpage)
        lines = arrange(lines)
        figures = page_figures(page, drawings.images, geometry, self._limits)
        give_captions(figures.regions, lines)
        blank = not _has_text(lines) and pdfium.FPDFPage_CountObjects(page) > 0
        return PageLines(lines, geometry.height, blank=blank, figures=figures)


class _Reading:
    """The lines of each page and what went wrong on the way; page numbers from 1."""

    def __init__(self, read: Sequence[PageLines], limits: ExtractionLimits) -> None:
        self._limits = limits
        self.pages = [page.lines for page in read]
        self.heights = [page.height for page in read]
        self.failed = [number for number, page in enumerate(read, 1) if page.failed]
        self.without_text = [number for number, page in enumerate(read, 1) if page.blank]
        self.figures = [page.figures for page in read]
        self.recognised: list[int] = []
        self._check_length()

    def recognise(self, document: pypdfium2.PdfDocument) -> None:
        """Read pages without text as images, where that is possible."""
        if not self.without_text or not ocr.is_available(self._limits):
            return
        known = len(self.pages) - len(self.without_text)
        for done, number in enumerate(self.without_text[: self._limits.max_ocr_pages], 1):
            page = pdfium.FPDF_LoadPage(document.raw, number - 1)
            try:
                text = ocr.recognise_pdf_page(page, self._limits)
            finally:
                pdfium.FPDF_ClosePage(page)
            if text:
                self.pages[number - 1] = ocr.as_lines(text)
                self.recognised.append(number)
                self._check_length()
            progress.report(known + done, len(self.pages))
        self.without_text = [number for number in self.without_text if number not in set(self.recognised)]

    def _check_length(self) -> None:
        if sum(len(line.text) + 1 for lines in self.pages for line in lines) > self._limits.max_chars:
            raise ExpandedTooLarge(limit=self._limits.max_chars, unit="characters of text")


def _has_text(lines: list[Line]) -> bool:
    return any(any(map(str.isalnum, line.text)) for line in lines)


def _outline(document: pypdfium2.PdfDocument) -> list[OutlineEntry]:
    entries = []
    for bookmark in islice(document.get_toc(max_depth=8), _MAX_BOOKMARKS):
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        entries.append(OutlineEntry(bookmark.level + 1, clean(bookmark.get_title()), page))
    return entries


def _metadata(document: pypdfium2.PdfDocument) -> dict[str, Any]:
    found = {name.lower(): clean(value).strip() for name, value in document.get_metadata_dict(skip_empty=True).items()}
    return {name: found[name][:1000] for name in ("title", "author", "subject", "keywords") if found.get(name)}


def _assemble(reading: _Reading, metadata: dict[str, Any], limits: ExtractionLimits) -> DocumentText:
    """Join the lines of all pages to blocks."""
    builder = TextBuilder(limits)
    for number, lines in enumerate(reading.pages, 1):
        if number > 1:
            builder.end_page()
        _write_page(lines, builder)
    notes = {
        "pages_without_text": reading.without_text,
        "pages_recognised": reading.recognised,
        "pages_failed": reading.failed,
    }
    metadata.update({name: pages for name, pages in notes.items() if pages})
    return builder.build(metadata, figures=figures_of(reading.figures, limits)[0], blank_last_page=True)


def _write_page(lines: Sequence[Line], builder: TextBuilder) -> None:
    """Write the lines of a page as blocks; lines of one kind that no space parts are one block."""
    block: list[Line] = []
    tight = False
    for line in lines:
        if block and _begins_block(block[-1], line):
            _write_block(block, builder, tight=tight)
            tight = not _parted(block[-1], line)
            block = []
        block.append(line)
    if block:
        _write_block(block, builder, tight=tight)


def _begins_block(last: Line, line: Line) -> bool:
    if last.rows or line.rows or _kind(last) is not _kind(line):
        return True
    return not _continues_heading(last, line) if line.level else _parted(last, line)


def _kind(line: Line) -> BlockKind:
    if line.boilerplate:
        return BlockKind.FURNITURE
    if line.rows:
        return BlockKind.TABLE
    return BlockKind.HEADING if line.level else BlockKind.PARAGRAPH


def _write_block(lines: Sequence[Line], builder: TextBuilder, *, tight: bool) -> None:
    first = lines[0]
    kind = _kind(first)
    if first.rows and kind is BlockKind.TABLE:
        box = (round(first.x0, 2), round(first.top, 2), round(first.x1, 2), round(first.bottom, 2))
        builder.table(first.rows, tight=tight, bbox=box)
    else:
        level = first.level if kind is BlockKind.HEADING else None
        builder.block(kind, "\n".join(line.text for line in lines), level=level, tight=tight)


def _continues_heading(last: Line, line: Line) -> bool:
    return bool(last.level == line.level and abs(last.size - line.size) < 0.3 and not _parted(last, line))


def _parted(last: Line, line: Line) -> bool:
    if line.boilerplate != last.boilerplate:
        return True
    if line.level and last.level == line.level:
        near = 0 < line.top - last.top < HEADING_PITCH * max(line.size, last.size)
        return not near or abs(last.size - line.size) >= 0.3
    return bool(line.blank_before or line.level or last.level)

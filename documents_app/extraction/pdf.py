"""PDF: text, lines and outline by pdfium, ruled tables, recognition of image-only pages where possible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.domain.errors import CorruptFile, EncryptedFile, ExpandedTooLarge, NoPages, NoTextLayer, TooManyPages
from documents_app.domain.material import DocumentText, Heading, PageSpan, Table
from documents_app.domain.normalise import clean
from documents_app.extraction import ocr, progress
from documents_app.extraction.builder import PAGE_BREAK
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf_columns import in_columns
from documents_app.extraction.pdf_layout import arrange
from documents_app.extraction.pdf_lines import Line, page_geometry, page_text, read_lines
from documents_app.extraction.pdf_structure import HEADING_PITCH, OutlineEntry, mark_boilerplate, mark_headings
from documents_app.extraction.pdf_tables import lines_with_tables, may_have_ruled_table

_PASSWORD_ERROR = 4
_SECURITY_ERROR = 5
_MAX_BOOKMARKS = 5_000


def extract_pdf(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a PDF.

    Raises EncryptedFile, CorruptFile, NoPages, TooManyPages, ExpandedTooLarge, or NoTextLayer when no page has text.
    A document where only some pages lack text succeeds; ``metadata["pages_without_text"]`` lists them.
    """
    with _opened(source) as document:
        count = len(document)
        if count == 0:
            raise NoPages
        if count > limits.max_pages:
            raise TooManyPages(pages=count, limit=limits.max_pages)
        reading = _Reading(document, limits)
        for index in range(count):
            reading.read_page(index)
            progress.report(index + 1, count)
        if reading.failed and len(reading.failed) == count:
            raise CorruptFile(reason="no page can be read")
        outline = _outline(document)
        metadata = _metadata(document)
    if not any(_has_text(lines) for lines in reading.pages):
        raise NoTextLayer
    mark_boilerplate(reading.pages, reading.heights)
    mark_headings(reading.pages, outline)
    return _assemble(reading, metadata)


@contextmanager
def _opened(source: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {_PASSWORD_ERROR, _SECURITY_ERROR} or "assword" in str(error):
            raise EncryptedFile from error
        raise CorruptFile(reason="it is not a readable PDF") from error
    try:
        yield document
    finally:
        document.close()


class _Reading:
    """The lines of each page and what went wrong on the way."""

    def __init__(self, document: pypdfium2.PdfDocument, limits: ExtractionLimits) -> None:
        self.document = document
        self.limits = limits
        self.pages: list[list[Line]] = []
        self.heights: list[float] = []
        self.failed: list[int] = []
        self.without_text: list[int] = []
        self.recognised: list[int] = []
        self._chars = 0

    def read_page(self, index: int) -> None:
        """Read one page; a page that cannot be loaded stays blank and is recorded."""
        page = pdfium.FPDF_LoadPage(self.document.raw, index)
        if not page:
            self._add(index, [], 1.0)
            self.failed.append(index + 1)
            return
        try:
            lines, height = self._text_lines(page)
            if not _has_text(lines) and pdfium.FPDFPage_CountObjects(page) > 0:
                lines = self._recognised_lines(page, index)
            self._add(index, lines, height)
        finally:
            pdfium.FPDF_ClosePage(page)

    def _text_lines(self, page: Any) -> tuple[list[Line], float]:
        """Return the page's lines in reading order and its height in points."""
        textpage = pdfium.FPDFText_LoadPage(page)
        if not textpage:
            return [], 1.0
        try:
            geometry = page_geometry(page, textpage)
            text, aligned = page_text(textpage)
            lines = read_lines(textpage, geometry, text, aligned)
            if aligned and may_have_ruled_table(page):
                lines = lines_with_tables(page, textpage, geometry, text, lines)
            if aligned:
                lines = in_columns(textpage, geometry, text, lines)
        finally:
            pdfium.FPDFText_ClosePage(textpage)
        return arrange(lines), geometry.height

    def _recognised_lines(self, page: Any, index: int) -> list[Line]:
        self.without_text.append(index + 1)
        if not ocr.is_available(self.limits) or len(self.recognised) >= self.limits.max_ocr_pages:
            return []
        text = ocr.recognise_pdf_page(page, self.limits)
        if not text:
            return []
        self.without_text.pop()
        self.recognised.append(index + 1)
        return ocr.as_lines(text)

    def _add(self, index: int, lines: list[Line], height: float) -> None:
        self._chars += sum(len(line.text) + 1 for line in lines)
        if self._chars > self.limits.max_chars:
            raise ExpandedTooLarge(limit=self.limits.max_chars, unit="characters of text")
        self.pages.append(lines)
        self.heights.append(height)


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


def _assemble(reading: _Reading, metadata: dict[str, Any]) -> DocumentText:
    """Join the lines of all pages to the stored text and record every span."""
    writer = _Writer()
    for number, lines in enumerate(reading.pages, 1):
        writer.page(number, lines)
    if writer.boilerplate:
        metadata["boilerplate"] = writer.boilerplate
    notes = {
        "pages_without_text": reading.without_text,
        "pages_recognised": reading.recognised,
        "pages_failed": reading.failed,
    }
    metadata.update({name: pages for name, pages in notes.items() if pages})
    return DocumentText(
        "".join(writer.parts), tuple(writer.pages), tuple(writer.headings), tuple(writer.tables), metadata
    )


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.pages: list[PageSpan] = []
        self.headings: list[Heading] = []
        self.tables: list[Table] = []
        self.boilerplate: list[list[int]] = []
        self._length = 0
        self._open_heading: tuple[Line, int] | None = None

    def page(self, number: int, lines: list[Line]) -> None:
        """Append one page."""
        if number > 1:
            self._write(PAGE_BREAK)
        start = self._length
        last: Line | None = None
        for line in lines:
            if last is not None:
                self._write("\n\n" if _parted(last, line) else "\n")
            begin = self._length
            self._write(line.text)
            self._record(number, line, last, begin)
            last = line
        self.pages.append(PageSpan(number, start, self._length))

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)

    def _record(self, number: int, line: Line, last: Line | None, begin: int) -> None:
        if line.boilerplate:
            if last is not None and last.boilerplate and self.boilerplate:
                self.boilerplate[-1][1] = self._length
            else:
                self.boilerplate.append([begin, self._length])
        elif line.rows:
            box = (round(line.x0, 2), round(line.top, 2), round(line.x1, 2), round(line.bottom, 2))
            self.tables.append(Table(number, begin, self._length, line.rows, box))
        elif line.level:
            if last is not None and _continues_heading(last, line):
                begun = self.headings.pop()
                text = f"{begun.text} {line.text}"
                self.headings.append(Heading(line.level, text, number, begun.char_start, self._length))
            else:
                self.headings.append(Heading(line.level, line.text, number, begin, self._length))


def _continues_heading(last: Line, line: Line) -> bool:
    return bool(last.level == line.level and abs(last.size - line.size) < 0.3 and not _parted(last, line))


def _parted(last: Line, line: Line) -> bool:
    if line.boilerplate != last.boilerplate:
        return True
    if line.level and last.level == line.level:
        near = 0 < line.top - last.top < HEADING_PITCH * max(line.size, last.size)
        return not near or abs(last.size - line.size) >= 0.3
    return bool(line.blank_before or line.level or last.level)

"""PDF: text, lines and outline by pdfium, ruled tables, recognition of image-only pages where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.domain.errors import (
    CorruptFile,
    ExpandedTooLarge,
    NoPages,
    NoTextLayer,
    PdfPortfolio,
    TooManyPages,
    UnreadableFonts,
    XfaForm,
)
from documents_app.domain.material import OCR_WORDS, DocumentText
from documents_app.domain.normalise import clean
from documents_app.extraction import ocr, progress
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.figures import figures_of
from documents_app.extraction.pdf.hyphens import WordBreaks
from documents_app.extraction.pdf.kinds import look_of
from documents_app.extraction.pdf.notes import DETAILS, Note
from documents_app.extraction.pdf.opening import opened
from documents_app.extraction.pdf.packaging import PdfPackaging, package_of
from documents_app.extraction.pdf.page import PageReader, has_text
from documents_app.extraction.pdf.sharing import PageLines, ReadPage, read_pages
from documents_app.extraction.pdf.structure import OutlineEntry, body_size, mark_boilerplate, mark_headings
from documents_app.extraction.pdf.writing import write_page

_MAX_BOOKMARKS = 5_000
_COVER_CHARS = 2_000
"""A file that is only a cover around others, or a notice to wait, has no more text than this."""


def extract_pdf(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a PDF; what could not be read of it is among its warnings.

    Raises EncryptedFile, CorruptFile, NoPages, TooManyPages, ExpandedTooLarge, XfaForm, PdfPortfolio, UnreadableFonts,
    or NoTextLayer when no page has text.
    """
    with opened(source) as document:
        count = len(document)
        if count == 0:
            raise NoPages
        if count > limits.max_pages:
            raise TooManyPages(pages=count, limit=limits.max_pages)
        package = package_of(document, source)
        read = read_pages(count, PageReader(document, limits).read, _reopened(source, limits), readers=limits.readers)
        reading = _Reading(read, limits)
        if all(page.failed for page in read):
            raise CorruptFile(reason="no page can be read")
        _require_pages_of_its_own(package, read)
        reading.recognise(document)
        progress.report(count, count)
        outline = _outline(document)
        metadata = _metadata(document)
    if not any(has_text(lines) for lines in reading.pages):
        garbled = any(Note.UNREADABLE_FONT in page.notes for page in read)
        raise UnreadableFonts if garbled else NoTextLayer
    mark_boilerplate(reading.pages, reading.heights)
    mark_headings(reading.pages, outline)
    return _assemble(reading, package, metadata, limits)


def _require_pages_of_its_own(package: PdfPackaging, read: Sequence[PageLines]) -> None:
    """Refuse a file whose pages only say that what it holds is elsewhere."""
    if sum(len(line.text) for page in read for line in page.lines) > _COVER_CHARS:
        return
    if package.xfa and (package.built or not any(page.fields for page in read)):
        raise XfaForm
    if package.portfolio:
        raise PdfPortfolio(names=package.names)


def _reopened(source: bytes | Path, limits: ExtractionLimits) -> Callable[[], AbstractContextManager[ReadPage]]:
    @contextmanager
    def reader() -> Iterator[ReadPage]:
        with opened(source) as document:
            yield PageReader(document, limits).read

    return reader


class _Reading:
    """The lines of each page and what is to be said about it; page numbers from 1."""

    def __init__(self, read: Sequence[PageLines], limits: ExtractionLimits) -> None:
        self._limits = limits
        self.pages = [page.lines for page in read]
        self.heights = [page.height for page in read]
        self.figures = [page.figures for page in read]
        self.notes = [list(page.notes) for page in read]
        self.confidence: dict[int, int] = {}
        self.words: dict[int, list[ocr.RecognisedWord]] = {}
        self._blank = [number for number, page in enumerate(read, 1) if page.blank]
        for number in self._blank:
            if Note.UNREADABLE_FONT not in self.notes[number - 1]:
                self.notes[number - 1].append(Note.PAGE_WITHOUT_TEXT)
        self._check_length()

    def recognise(self, document: pypdfium2.PdfDocument) -> None:
        """Read pages without text as images, where that is possible."""
        if not self._blank or not ocr.is_available(self._limits):
            return
        known = len(self.pages) - len(self._blank)
        for done, number in enumerate(self._blank[: self._limits.max_ocr_pages], 1):
            page = pdfium.FPDF_LoadPage(document.raw, number - 1)
            try:
                found = ocr.recognise_pdf_page(page, self._limits)
            finally:
                pdfium.FPDF_ClosePage(page)
            if found.lines:
                self.pages[number - 1] = ocr.as_lines(found)
                self.notes[number - 1] = [Note.PAGE_RECOGNISED]
                self.confidence[number] = found.confidence
                self.words[number] = found.words
                self._check_length()
            progress.report(known + done, len(self.pages), slow=True)

    def _check_length(self) -> None:
        if sum(len(line.text) + 1 for lines in self.pages for line in lines) > self._limits.max_chars:
            raise ExpandedTooLarge(limit=self._limits.max_chars, unit="characters of text")


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


def _pages_noted(reading: _Reading) -> dict[str, Any]:
    """Return which pages were recognised in their pictures and how surely, and which could not be read."""
    kinds = {
        "pages_without_text": (Note.PAGE_WITHOUT_TEXT, Note.UNREADABLE_FONT),
        "pages_recognised": (Note.PAGE_RECOGNISED,),
        "pages_failed": (Note.PAGE_UNREADABLE,),
    }
    noted: dict[str, Any] = {
        name: [number for number, found in enumerate(reading.notes, 1) if any(note in found for note in notes)]
        for name, notes in kinds.items()
    }
    if reading.confidence:
        noted["ocr_confidence"] = {str(page): value for page, value in reading.confidence.items()}
        noted[OCR_WORDS] = {str(page): value for page, value in reading.words.items()}
    return {name: value for name, value in noted.items() if value}


def _assemble(
    reading: _Reading, package: PdfPackaging, metadata: dict[str, Any], limits: ExtractionLimits
) -> DocumentText:
    """Join the lines of all pages to blocks, and say what was left out."""
    builder = TextBuilder(limits)
    look = look_of(reading.pages, body_size(reading.pages))
    breaks = WordBreaks([line.text for lines in reading.pages for line in lines])
    for number, (lines, height) in enumerate(zip(reading.pages, reading.heights, strict=True), 1):
        if number > 1:
            builder.end_page()
        write_page(lines, height, look, breaks, builder)
    figures, left_out = figures_of(reading.figures, limits)
    if package.attached:
        builder.warn(Note.ATTACHMENTS, DETAILS[Note.ATTACHMENTS].format(names=package.names))
    if package.xfa:
        builder.warn(Note.XFA, DETAILS[Note.XFA])
    if left_out:
        builder.warn(Note.FIGURES_LEFT_OUT, DETAILS[Note.FIGURES_LEFT_OUT].format(count=left_out))
    for number, notes in enumerate(reading.notes, 1):
        for note in notes:
            detail = DETAILS[Note(note)].format(confidence=reading.confidence.get(number))
            builder.warn(note, detail, number)
    metadata |= _pages_noted(reading)
    return builder.build(metadata, figures=figures, blank_last_page=True)

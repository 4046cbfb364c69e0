"""One page: its lines in reading order, its figures, and what was left out."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.domain.errors import ExpandedTooLarge
from documents_app.domain.legibility import is_doubtful, is_garbled
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.annotations import page_annotations, with_written
from documents_app.extraction.pdf.columns import in_columns
from documents_app.extraction.pdf.drawings import page_drawings
from documents_app.extraction.pdf.figures import give_captions, page_figures
from documents_app.extraction.pdf.layout import arrange
from documents_app.extraction.pdf.lines import Line, PageGeometry, page_geometry, page_text, read_lines
from documents_app.extraction.pdf.notes import Note
from documents_app.extraction.pdf.rules import may_hold_table
from documents_app.extraction.pdf.sharing import PageLines
from documents_app.extraction.pdf.styles import PageStyles
from documents_app.extraction.pdf.tables import lines_with_tables
from documents_app.extraction.pdf.vectors import drawn_regions
from documents_app.extraction.pdf.visibility import on_page, seen


class PageReader:
    """Reads pages; raises ExpandedTooLarge when they hold more text together than a document may."""

    def __init__(self, document: pypdfium2.PdfDocument, limits: ExtractionLimits) -> None:
        document.init_forms()
        self._document = document
        self._limits = limits
        self._chars = 0

    def read(self, index: int) -> PageLines:
        """Read one page; one that cannot be loaded has no lines and says so."""
        page = pdfium.FPDF_LoadPage(self._document.raw, index)
        if not page:
            return PageLines([], 1.0, failed=True, notes=[Note.PAGE_UNREADABLE])
        try:
            found = self._contents(page)
        finally:
            pdfium.FPDF_ClosePage(page)
        self._chars += sum(len(line.text) + 1 for line in found.lines)
        if self._chars > self._limits.max_chars:
            raise ExpandedTooLarge(limit=self._limits.max_chars, unit="characters of text")
        return found

    def _contents(self, page: Any) -> PageLines:
        textpage = pdfium.FPDFText_LoadPage(page)
        if not textpage:
            return PageLines([], 1.0)
        notes: list[str] = []
        try:
            geometry = page_geometry(page, textpage)
            drawings = page_drawings(page)
            text, aligned = page_text(textpage)
            lines = self._lines(page, textpage, geometry, text, aligned, notes)
            if aligned:
                styles = PageStyles(textpage, text)
                if may_hold_table(drawings.paths):
                    lines = lines_with_tables(drawings.paths, textpage, geometry, text, lines, styles)
                lines = in_columns(textpage, geometry, text, lines)
                styles.apply(lines)
        finally:
            pdfium.FPDFText_ClosePage(textpage)
        annotations = page_annotations(page, self._document.formenv)
        if annotations.comments:
            notes.append(Note.COMMENTS)
        lines = arrange(with_written(lines, annotations.written, geometry))
        figures = page_figures(page, drawings.images, geometry, self._limits)
        if figures.oversized:
            notes.append(Note.FIGURE_TOO_LARGE)
        give_captions(figures.regions, lines)
        figures.regions += drawn_regions(page, drawings.paths, lines, geometry, figures.regions)
        blank = not has_text(lines) and pdfium.FPDFPage_CountObjects(page) > 0
        return PageLines(lines, geometry.height, blank=blank, figures=figures, notes=notes, fields=annotations.fields)

    def _lines(
        self, page: Any, textpage: Any, geometry: PageGeometry, text: str, aligned: bool, notes: list[str]
    ) -> list[Line]:
        """Return the lines that are seen and can be read; what is left out is noted."""
        if is_garbled(text):
            notes.append(Note.UNREADABLE_FONT)
            return []
        if is_doubtful(text):
            notes.append(Note.DOUBTFUL_CHARACTERS)
        lines = read_lines(textpage, geometry, text, aligned)
        inside = on_page(textpage, geometry, text if aligned else "", lines)
        if sum(len(line.text) for line in inside) < sum(len(line.text) for line in lines):
            notes.append(Note.OFF_PAGE_TEXT)
        visible = seen(page, textpage, geometry, inside) if aligned else inside
        if len(visible) < len(inside):
            notes.append(Note.HIDDEN_TEXT)
        return visible


def has_text(lines: list[Line]) -> bool:
    """Whether the lines hold a letter or a digit."""
    return any(any(map(str.isalnum, line.text)) for line in lines)

"""OpenDocument spreadsheets (ODS): one page a sheet, cells as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents_app.domain.errors import ExpandedTooLarge, FormulasNotComputed, NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction.grid import write_grid
from documents_app.extraction.inline import Inline, plain
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.notes import NOT_COMPUTED
from documents_app.extraction.odf.package import OFFICE, TABLE, OpenDocument, number, opened
from documents_app.extraction.odf.writer import Writer, rows_of

_MAX_REPEATED = 1_000


def extract_ods(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a spreadsheet.

    Raises NoPages if no sheet is visible, FormulasNotComputed if there is nothing but formulas without results.
    """
    with opened(source, limits) as document:
        sheets = [
            sheet for sheet in document.body("spreadsheet").findall(f"{TABLE}table") if _is_visible(sheet, document)
        ]
        if not sheets:
            raise NoPages
        if len(sheets) > limits.max_pages:
            raise TooManyPages(pages=len(sheets), limit=limits.max_pages)
        reading = _Reading(Writer(document, limits), limits)
        for place, sheet in enumerate(sheets):
            if place:
                reading.writer.end_page()
            reading.sheet(sheet)
        if reading.unknown and not reading.filled:
            raise FormulasNotComputed
        return reading.writer.build(blank_last_page=True)


def _is_visible(sheet: Any, document: OpenDocument) -> bool:
    style = document.style("table", sheet.get(f"{TABLE}style-name"))
    properties = (
        style.find("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}table-properties") if style is not None else None
    )
    return properties is None or properties.get(f"{TABLE}display") != "false"


class _Reading:
    def __init__(self, writer: Writer, limits: ExtractionLimits) -> None:
        self.writer = writer
        self.filled = 0
        self.unknown = 0
        self._limit = limits.max_table_cells

    def sheet(self, sheet: Any) -> None:
        """Write one sheet."""
        builder = self.writer.builder
        name = sheet.get(f"{TABLE}name") or ""
        builder.heading(1, name)
        before = self.unknown
        write_grid(self._rows(sheet), builder)
        if self.unknown > before:
            builder.warn(
                "formulas_not_computed",
                NOT_COMPUTED.format(count=self.unknown - before, name=name),
                builder.page,
            )
        for shapes in sheet.findall(f"{TABLE}shapes"):
            self.writer.blocks(shapes)

    def _rows(self, sheet: Any) -> Iterator[list[Inline]]:
        for row in rows_of(sheet):
            cells = self._cells(row)
            times = number(row, f"{TABLE}number-rows-repeated")
            # A blank row is repeated to the end of the sheet; one is enough to part two regions.
            for _ in range(min(times, _MAX_REPEATED) if any(cells) else 1):
                self.filled += sum(1 for cell in cells if cell)
                if self.filled > self._limit:
                    raise ExpandedTooLarge(limit=self._limit, unit="table cells")
                yield cells

    def _cells(self, row: Any) -> list[Inline]:
        cells: list[Inline] = []
        for cell in row:
            if cell.tag not in {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}:
                continue
            content = self._content(cell)
            cells += [content] * min(number(cell, f"{TABLE}number-columns-repeated"), _MAX_REPEATED)
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def _content(self, cell: Any) -> Inline:
        if not len(cell) and cell.get(f"{OFFICE}value") is None:
            self.unknown += cell.get(f"{TABLE}formula") is not None
            return ""
        shown = self.writer.line(cell, 0)
        return shown if plain(shown) else cell.get(f"{OFFICE}value") or ""

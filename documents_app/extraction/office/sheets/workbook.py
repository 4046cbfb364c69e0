"""Workbooks: one page a sheet, its name as heading, its filled regions as tables, what is drawn on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge, FormulasNotComputed, NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.embedded_pictures import EmbeddedFigures
from documents_app.extraction.grid import write_grid
from documents_app.extraction.inline import Inline, plain
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.notes import NOT_COMPUTED_IN
from documents_app.extraction.office.names import R, S
from documents_app.extraction.office.objects import ObjectWriter, drawn_objects
from documents_app.extraction.office.package import Package, opened
from documents_app.extraction.office.sheets.cells import (
    Book,
    SheetCells,
    column_name,
    number_formats,
    read_sheet,
    shared_strings,
)
from documents_app.extraction.office.slides.text import paragraphs

_NAMED_COLUMNS = 5
_SPARSE = 20


def extract_xlsx(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a workbook: what its cells show, with the results last computed for formulas.

    Raises NoPages if no sheet is visible, FormulasNotComputed if there is nothing but formulas without results.
    """
    with opened(source, limits) as package:
        main = package.main_part("xl/workbook.xml")
        root = package.xml(main)
        sheets = [sheet for sheet in root.iter(f"{S}sheet") if (sheet.get("state") or "visible") == "visible"]
        if not sheets:
            raise NoPages
        if len(sheets) > limits.max_pages:
            raise TooManyPages(pages=len(sheets), limit=limits.max_pages)
        reading = _Reading(package, _book(package, main, root), TextBuilder(limits), limits)
        for place, sheet in enumerate(sheets):
            if place:
                reading.builder.end_page()
            reading.sheet(sheet.get("name") or "", package.target(main, sheet.get(f"{R}id")))
        if not reading.says_something and reading.unknown:
            raise FormulasNotComputed
        return reading.builder.build(package.properties(), figures=reading.figures.found, blank_last_page=True)


def _book(package: Package, main: str, root: Any) -> Book:
    def related(kind: str) -> Any:
        names = package.related(main, kind)
        return package.optional_xml(names[0]) if names else None

    properties = root.find(f"{S}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    return Book(shared_strings(related("sharedStrings")), number_formats(related("styles")), from_1904)


class _Reading:
    def __init__(self, package: Package, book: Book, builder: TextBuilder, limits: ExtractionLimits) -> None:
        self.builder = builder
        self.figures = EmbeddedFigures(builder, limits)
        self.says_something = False
        self.unknown = False
        self._package = package
        self._book = book
        self._limits = limits
        self._cells_left = limits.max_table_cells
        self._chars_left = limits.max_chars

    def sheet(self, name: str, part: str | None) -> None:
        """Write one sheet."""
        self.builder.heading(1, name)
        data = self._package.content(part) if part else None
        if part is None or data is None:
            raise CorruptFile(reason="a sheet is listed and not in the file")
        cells = read_sheet(self._package.normalised(data), self._book, self._cells_left, self._chars_left)
        self._cells_left -= cells.filled
        self._chars_left -= cells.chars
        _fill_merged(cells)
        write_grid(_rows(cells, self._limits.max_table_cells), self.builder)
        self.says_something |= bool(cells.rows)
        if cells.unknown:
            self.unknown = True
            self._warn_of_unknown(name, cells)
        for drawing in self._package.related(part, "drawing"):
            self._drawing(drawing)

    def _warn_of_unknown(self, name: str, cells: SheetCells) -> None:
        columns = sorted({column for _, column in cells.unknown})
        named = [_column_title(cells, column) for column in columns[:_NAMED_COLUMNS]]
        more = " …" if len(columns) > _NAMED_COLUMNS else ""
        self.builder.warn(
            "formulas_not_computed",
            NOT_COMPUTED_IN.format(count=len(cells.unknown), name=name, columns=f"{', '.join(named)}{more}"),
            self.builder.page,
        )

    def _drawing(self, part: str) -> None:
        """Write the text boxes, charts and described pictures that lie over the cells."""
        root = self._package.optional_xml(part)
        if root is None:
            return
        for body in root.iter("{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}txBody"):
            for paragraph in paragraphs(body, self.builder):
                self.builder.block(BlockKind.PARAGRAPH, paragraph.runs)
                self.says_something = True
        objects = ObjectWriter(self._package, self.builder, self.figures)
        for drawn in drawn_objects(root):
            objects.write(drawn, part)


def _column_title(cells: SheetCells, column: int) -> str:
    first = min(row for row, at in cells.unknown if at == column)
    above = next(
        (cells.rows[row][column] for row in sorted(cells.rows) if row < first and column in cells.rows[row]), ""
    )
    title = plain(above)[:60]
    return f"column {column_name(column)}, {title}" if title else f"column {column_name(column)}"


def _fill_merged(cells: SheetCells) -> None:
    """Let a cell over several rows stand in each of them, so that every row can be read alone."""
    numbers = sorted(cells.rows)
    for top, left, bottom, _ in cells.merged:
        value: Inline | None = cells.rows.get(top, {}).get(left)
        if value and bottom > top:
            for row in numbers[bisect_right(numbers, top) : bisect_right(numbers, bottom)]:
                cells.rows[row].setdefault(left, value)


def _rows(cells: SheetCells, limit: int) -> Iterator[list[Inline]]:
    """Yield the rows in order over the columns that are used, with a blank row where rows are left free.

    Raises ExpandedTooLarge for cells strewn so widely that a table of them would be mostly holes.
    """
    columns = sorted({column for row in cells.rows.values() for column in row})
    if len(columns) * len(cells.rows) > _SPARSE * limit:
        raise ExpandedTooLarge(limit=limit, unit="table cells")
    before = 0
    for number in sorted(cells.rows):
        if before and number > before + 1:
            yield []
        row = cells.rows[number]
        yield [row.get(column, "") for column in columns]
        before = number

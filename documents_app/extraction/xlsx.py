"""Workbooks: one page per sheet, the sheet's name as heading, its filled regions as tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge, NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction import archive
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits


def extract_xlsx(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a workbook: the values last computed, not the formulas."""
    archive.check(source, limits)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    unreadable = (
        InvalidFileException,
        *archive.UNREADABLE,
        KeyError,
        AttributeError,
        TypeError,
        IndexError,
        SyntaxError,
    )
    try:
        file = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        with file:
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise NoPages
            if len(sheets) > limits.max_pages:
                raise TooManyPages(pages=len(sheets), limit=limits.max_pages)
            builder = TextBuilder(limits)
            for place, sheet in enumerate(sheets):
                if place:
                    builder.end_page()
                builder.heading(1, sheet.title)
                sheet.reset_dimensions()
                write_grid(_rows(sheet, limits), builder)
            return builder.build({"title": str(workbook.properties.title)[:1000]} if workbook.properties.title else {})
    except unreadable as error:
        raise CorruptFile(reason="its parts do not make up a workbook") from error


def write_grid(rows: Iterable[Sequence[str]], builder: TextBuilder) -> None:
    """Write rows as tables, one per region between blank rows; columns blank in a whole region are dropped."""
    region: list[Sequence[str]] = []
    for row in rows:
        if any(row):
            region.append(row)
        elif region:
            _write_region(region, builder)
            region = []
    if region:
        _write_region(region, builder)


def _write_region(region: list[Sequence[str]], builder: TextBuilder) -> None:
    filled = sorted({column for row in region for column, cell in enumerate(row) if cell})
    rows = [[row[column] if column < len(row) else "" for column in filled] for row in region]
    if len(filled) == 1:
        builder.block(BlockKind.PARAGRAPH, "\n".join(row[0] for row in rows))
    else:
        builder.table(rows)


def _rows(sheet: Any, limits: ExtractionLimits) -> Iterator[list[str]]:
    cells = 0
    for row in sheet.iter_rows(values_only=True):
        values = [_as_text(value) for value in row]
        cells += sum(1 for value in values if value)
        if cells > limits.max_table_cells:
            raise ExpandedTooLarge(limit=limits.max_table_cells, unit="table cells")
        yield values


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return " ".join(str(value).split())

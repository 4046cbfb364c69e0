"""The cells of a sheet: values as they are shown, in the number formats of the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from documents_app.domain.blocks import MarkKind
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge
from documents_app.extraction.inline import Inline, Run
from documents_app.extraction.office.names import S, whole
from documents_app.extraction.office.number_format import BUILT_IN, general, shown

_SCRIPTS = {"superscript": MarkKind.SUPERSCRIPT, "subscript": MarkKind.SUBSCRIPT}
_COLUMNS = 16_384
_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Book:
    """What the sheets of a workbook share: strings, the number format of each cell style, the first day of dates."""

    strings: tuple[Inline, ...]
    formats: tuple[str, ...]
    from_1904: bool


@dataclass(slots=True)
class SheetCells:
    """The filled cells of a sheet by row and column (from 1), merged ranges, and formulas without a result."""

    rows: dict[int, dict[int, Inline]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)
    filled: int = 0
    chars: int = 0

    def add(self, row: int, cells: dict[int, Inline], max_cells: int, max_chars: int) -> None:
        """Keep a row; raises ExpandedTooLarge beyond the limits: one long string may stand in every cell."""
        self.filled += len(cells)
        self.chars += sum(len(cell) for cell in cells.values() if isinstance(cell, str))
        if self.filled > max_cells:
            raise ExpandedTooLarge(limit=max_cells, unit="table cells")
        if self.chars > max_chars:
            raise ExpandedTooLarge(limit=max_chars, unit="characters of text")
        if cells:
            self.rows[row] = cells


def shared_strings(root: Any) -> tuple[Inline, ...]:
    """Return the strings of a workbook's table."""
    return tuple(_rich_text(entry) for entry in root.iter(f"{S}si")) if root is not None else ()


def number_formats(root: Any) -> tuple[str, ...]:
    """Return the number format of each cell style; what the styles part says beyond that does not matter here."""
    if root is None:
        return ()
    codes = dict(BUILT_IN)
    for entry in root.iter(f"{S}numFmt"):
        number = whole(entry.get("numFmtId"))
        if number is not None:
            codes[number] = entry.get("formatCode") or "General"
    styles = root.find(f"{S}cellXfs")
    entries = (entry for entry in (styles if styles is not None else ()) if entry.tag == f"{S}xf")
    return tuple(codes.get(whole(entry.get("numFmtId")) or 0, "General") for entry in entries)


def read_sheet(data: bytes, book: Book, max_cells: int, max_chars: int) -> SheetCells:
    """Read the cells of a sheet part, row by row; raises CorruptFile, or ExpandedTooLarge beyond the limits."""
    from lxml import etree

    sheet = SheetCells()
    row_number = 0
    try:
        for _, element in etree.iterparse(
            BytesIO(data), tag=(f"{S}row", f"{S}mergeCell"), resolve_entities=False, no_network=True, huge_tree=True
        ):
            if element.tag == f"{S}mergeCell":
                span = _range(element.get("ref") or "")
                if span:
                    sheet.merged.append(span)
                continue
            number = whole(element.get("r"))
            row_number = number if number is not None and 0 < number <= _ROWS else row_number + 1
            sheet.add(row_number, dict(_read_row(element, row_number, book, sheet)), max_cells, max_chars)
            element.clear()
    except etree.XMLSyntaxError as error:
        raise CorruptFile(reason="the markup of a sheet is not well formed") from error
    return sheet


def _read_row(row: Any, row_number: int, book: Book, sheet: SheetCells) -> Iterator[tuple[int, Inline]]:
    column = 0
    for cell in row:
        if cell.tag != f"{S}c":
            continue
        place = _place(cell.get("r") or "")
        column = place[1] if place else column + 1
        if not 0 < column <= _COLUMNS:
            continue
        value = _value(cell, book)
        if value is None and cell.find(f"{S}f") is not None:
            sheet.unknown.append((row_number, column))
        elif value:
            yield column, value


def _shared_string(value: str, book: Book) -> Inline:
    """Return the string that a cell names by its place in the workbook's table, empty where there is none."""
    place = whole(value)
    return book.strings[place] if place is not None and 0 <= place < len(book.strings) else ""


def _value(cell: Any, book: Book) -> Inline | None:
    """Return what a cell shows, or None if it holds no value."""
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        inside = cell.find(f"{S}is")
        return _rich_text(inside) if inside is not None else None
    value = cell.findtext(f"{S}v")
    if value is None or (not value and kind != "str"):
        return None
    code = _format(cell, book)
    if kind == "s":
        text = _shared_string(value, book)
        return shown(text, code) if isinstance(text, str) else text
    if kind == "b":
        return "TRUE" if value.strip() == "1" else "FALSE"
    if kind == "d":
        return _iso_date(value)
    if kind in {"str", "e"}:
        return shown(" ".join(value.split()), code)
    try:
        return general(float(value)) if code == "General" else shown(float(value), code, from_1904=book.from_1904)
    except (ValueError, OverflowError):
        return value


def _format(cell: Any, book: Book) -> str:
    place = whole(cell.get("s")) or 0
    return book.formats[place] if 0 <= place < len(book.formats) else "General"


def _iso_date(value: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(" ")


def _rich_text(element: Any) -> Inline:
    """Return the text of a string, with raised and lowered runs; how Japanese words are read is left out."""
    runs: list[str | Run] = []
    for child in element:
        if child.tag == f"{S}t":
            runs.append(child.text or "")
        elif child.tag == f"{S}r":
            aligned = child.find(f"{S}rPr/{S}vertAlign")
            script = _SCRIPTS.get((aligned.get("val") or "") if aligned is not None else "")
            text = child.findtext(f"{S}t") or ""
            runs.append(Run(text, frozenset({script})) if script else text)
    if any(isinstance(run, Run) for run in runs):
        return runs
    return " ".join("".join(run for run in runs if isinstance(run, str)).split())


def _place(reference: str) -> tuple[int, int] | None:
    """Return (row, column) of a reference like "BC12"."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3 or not digits or len(digits) > 7:
        return None
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits), column


def _range(reference: str) -> tuple[int, int, int, int] | None:
    """Return (first row, first column, last row, last column) of a reference like "A1:C2"."""
    first, _, last = reference.partition(":")
    begin, end = _place(first), _place(last)
    return (*begin, *end) if begin and end else None


def column_name(column: int) -> str:
    """Return the letters of a column, from 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name

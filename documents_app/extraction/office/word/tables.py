"""Tables of Word documents: cells over several rows and columns, tables in cells, tables that only lay out a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from documents_app.extraction.builder import Cell
from documents_app.extraction.inline import Inline
from documents_app.extraction.office.names import W, is_on, whole

_WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "smartTag"))
_MAX_SPAN = 1_000


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell with its first column, how many it covers, and whether it goes on one from above."""

    element: Any
    column: int
    columns: int
    goes_on: bool


def rows_of(table: Any) -> list[Any]:
    """Return the rows of a table itself, not those of tables inside it; deleted ones are left out."""
    return [row for row in _unwrapped(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None]


def cells_of(row: Any) -> list[Any]:
    """Return the cells of a row."""
    return list(_unwrapped(row, f"{W}tc"))


def is_layout(table: Any, is_heading: Callable[[Any], bool]) -> bool:
    """Whether a table only arranges a page: it has one cell, or there are headings in it."""
    rows = rows_of(table)
    if len(rows) == 1 and len(cells_of(rows[0])) == 1:
        return True
    return any(is_heading(paragraph) for paragraph in table.iter(f"{W}p"))


def grid(table: Any, content: Callable[[Any], Inline]) -> Iterator[list[Inline | Cell]]:
    """Yield the rows of a table for the builder; ``content`` reads one cell."""
    rows = [list(_placed(row)) for row in rows_of(table)]
    heights, covered = _heights(rows)
    for at, row in enumerate(rows):
        line: list[Inline | Cell] = []
        column = 0
        for cell in row:
            if cell.column > column:
                line.append(Cell("", colspan=cell.column - column))
            column = cell.column + cell.columns
            if (at, cell.column) not in covered:
                height = heights.get((at, cell.column), 1)
                line.append(Cell(content(cell.element), rowspan=height, colspan=cell.columns))
        yield line


def _heights(rows: list[list[_Placed]]) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Return how many rows the cells that begin at (row, column) cover, and the places that such cells cover."""
    heights: dict[tuple[int, int], int] = {}
    covered: set[tuple[int, int]] = set()
    open_cells: dict[int, int] = {}
    for at, row in enumerate(rows):
        still_open = {}
        for cell in row:
            begun = open_cells.get(cell.column) if cell.goes_on else None
            if begun is None:
                still_open[cell.column] = at
                continue
            still_open[cell.column] = begun
            heights[begun, cell.column] = at - begun + 1
            covered.add((at, cell.column))
        open_cells = still_open
    return heights, covered


def _placed(row: Any) -> Iterator[_Placed]:
    before = row.find(f"{W}trPr/{W}gridBefore")
    column = min(_number(before), _MAX_SPAN)
    for cell in cells_of(row):
        properties = cell.find(f"{W}tcPr")
        span = merge = None
        for child in properties if properties is not None else ():
            if child.tag == f"{W}gridSpan":
                span = child
            elif child.tag == f"{W}vMerge":
                merge = child
        columns = max(min(_number(span), _MAX_SPAN), 1)
        yield _Placed(cell, column, columns, merge is not None and (merge.get(f"{W}val") or "continue") == "continue")
        column += columns


def _unwrapped(element: Any, tag: str) -> Iterator[Any]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS and not is_on(child.find(f"{W}sdtPr"), f"{W}showingPlcHdr"):
            yield from _unwrapped(child, tag)


def _number(element: Any) -> int:
    return max(whole(element.get(f"{W}val")) or 0, 0) if element is not None else 0

"""Ruled tables of a PDF page.

Whether a page can hold one is decided by its drawn lines alone (``pdf.rules``). On those pages the cells come from
pdfplumber's lattice functions, fed with pdfium's lines, and the cell texts from pdfium's characters, so no
second PDF parser runs and every character of the page is used once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from documents_app.domain.normalise import clean
from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.drawings import Drawn
from documents_app.extraction.pdf.lines import HYPHEN, Line, PageGeometry
from documents_app.extraction.pdf.rules import MAX_EDGES, SNAP, RuledLines, page_rules
from documents_app.extraction.pdf.signs import signed, unsigned
from documents_app.extraction.pdf.styles import PageStyles

Box = tuple[float, float, float, float]

_MAX_POINTS = 2_500
_SPACES = re.compile(r"\s+")


def lines_with_tables(
    paths: Sequence[Drawn], textpage: Any, geometry: PageGeometry, text: str, lines: list[Line], styles: PageStyles
) -> list[Line]:
    """Return ``lines`` with each ruled table's lines replaced by one line that holds its rows.

    ``text`` is the page's text, its offsets equal to pdfium's character indexes.
    """
    tables = _tables(paths, geometry) if lines else []
    if not tables:
        return lines
    centers = _centers(textpage, geometry, text)
    taken = np.full(len(text), -1, dtype=np.int32)
    found: list[Line] = []
    for cells in tables:
        rows = _rows(cells)
        reader = _CellReader(text, centers, taken, styles, len(found))
        texts = [[reader.text(cell) if cell else "" for cell in row] for row in rows]
        if _is_table(texts):
            found.append(_table_line(cells, texts))
        else:
            taken[taken == len(found)] = -1
    return _replace(lines, text, taken, centers, found) if found else lines


def _tables(paths: Sequence[Drawn], geometry: PageGeometry) -> list[list[Box]]:
    """Return the cells of each ruled table, in displayed coordinates."""
    rules = page_rules(paths, geometry)
    if rules is None:
        return []
    across, along = rules
    if len(across) + len(along) > MAX_EDGES:
        return []
    points = _crossings(across, along)
    if not 6 <= len(points) <= _MAX_POINTS:
        return []
    from pdfplumber import table as lattice  # costs 0.2 s, needed for few documents

    return [list(cells) for cells in lattice.cells_to_tables(lattice.intersections_to_cells(points))]


def _crossings(across: RuledLines, along: RuledLines) -> dict[tuple[float, float], dict[str, list[dict[str, float]]]]:
    """Return pdfplumber's form of the points where rules meet: the rules through each, by direction."""
    meet = (along.start[:, None] <= across.at + SNAP) & (along.end[:, None] >= across.at - SNAP)
    meet &= (along.at[:, None] >= across.start - SNAP) & (along.at[:, None] <= across.end + SNAP)
    level = [
        {"x0": x0, "x1": x1, "top": top, "bottom": top}
        for top, x0, x1 in zip(across.at.tolist(), across.start.tolist(), across.end.tolist(), strict=True)
    ]
    upright = [
        {"x0": x, "x1": x, "top": top, "bottom": bottom}
        for x, top, bottom in zip(along.at.tolist(), along.start.tolist(), along.end.tolist(), strict=True)
    ]
    points: dict[tuple[float, float], dict[str, list[dict[str, float]]]] = {}
    for v, h in np.argwhere(meet).tolist():
        through = points.setdefault((upright[v]["x0"], level[h]["top"]), {"v": [], "h": []})
        through["v"].append(upright[v])
        through["h"].append(level[h])
    return points


def _centers(textpage: Any, geometry: PageGeometry, text: str) -> npt.NDArray[np.float64]:
    """Return the boxes of all characters as ``float64 [n, 4]`` (x0, top, x1, bottom); white space is NaN."""
    boxes = np.full((len(text), 4), np.nan)
    rect = pdfium.FS_RECTF()
    handle, place, loose = calls.address(textpage), calls.address(rect), calls.loose_box
    for index, char in enumerate(text):
        if not char.isspace():
            loose(handle, index, place)
            boxes[index] = geometry.box(rect.left, rect.top, rect.right, rect.bottom)
    return boxes


def _rows(cells: list[Box]) -> list[list[Box | None]]:
    """Arrange cells in rows and columns; a cell that spans several columns stands in the first."""
    tops = sorted({cell[1] for cell in cells})
    lefts = sorted({cell[0] for cell in cells})
    place = {(cell[1], cell[0]): cell for cell in cells}
    return [[place.get((top, left)) for left in lefts] for top in tops]


class _CellReader:
    """Reads the cells of one table and notes the characters it takes."""

    def __init__(
        self,
        text: str,
        boxes: npt.NDArray[np.float64],
        taken: npt.NDArray[np.int32],
        styles: PageStyles,
        number: int,
    ) -> None:
        self._text = text
        self._x, self._y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
        self._taken = taken
        self._styles = styles
        self._number = number

    def text(self, cell: Box) -> str:
        """Return the text whose characters have their middle in the cell."""
        x, y = self._x, self._y
        inside = (x >= cell[0]) & (x < cell[2]) & (y >= cell[1]) & (y < cell[3]) & (self._taken < 0)
        indexes = np.flatnonzero(inside)
        if not len(indexes):
            return ""
        self._taken[indexes] = self._number
        scripts = self._styles.scripts(int(indexes[0]), int(indexes[-1]) + 1)
        pieces = []
        previous = int(indexes[0])
        for index in indexes.tolist():
            if index > previous + 1:
                pieces.append(" ")
            pieces.append(signed(self._text[index], scripts.get(index)))
            previous = index
        return _SPACES.sub(" ", clean("".join(pieces).replace(HYPHEN, "-"))).strip()


def _is_table(texts: list[list[str]]) -> bool:
    rows = [row for row in texts if any(row)]
    columns = sum(1 for column in zip(*texts, strict=True) if any(column))
    longest = max((len(cell) for row in texts for cell in row), default=0)
    total = sum(len(cell) for row in texts for cell in row)
    return len(rows) >= 2 and columns >= 2 and (longest < 0.7 * total or total < 200)


def _table_line(cells: list[Box], texts: list[list[str]]) -> Line:
    kept = [column for column in range(len(texts[0])) if any(row[column] for row in texts)]
    rows = tuple(tuple(row[column] for column in kept) for row in texts if any(row))
    rendered = unsigned("\n".join("\t".join(row).rstrip("\t") for row in rows))
    x0, top = min(cell[0] for cell in cells), min(cell[1] for cell in cells)
    x1, bottom = max(cell[2] for cell in cells), max(cell[3] for cell in cells)
    return Line(rendered.strip("\t"), x0, top, x1, bottom, 0.0, rows=rows)


def _replace(
    lines: list[Line],
    text: str,
    taken: npt.NDArray[np.int32],
    boxes: npt.NDArray[np.float64],
    tables: list[Line],
) -> list[Line]:
    """Drop the characters that tables took from the lines; put each table where its first character stood."""
    result: list[Line] = []
    placed: set[int] = set()
    for line in lines:
        owners = taken[line.start : line.end]
        if (owners < 0).all():
            result.append(line)
            continue
        for start, end, owner in _stretches(owners, line.start):
            if owner >= 0:
                if owner not in placed:
                    placed.add(owner)
                    result.append(replace(tables[owner], size=line.size))
            elif text[start:end].strip():
                result.append(_part(line, text, boxes, start, end))
    return result


def _stretches(owners: npt.NDArray[np.int32], offset: int) -> Iterator[tuple[int, int, int]]:
    borders = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(owners)]
    for start, end in pairwise(borders):
        yield offset + start, offset + end, int(owners[start])


def _part(line: Line, text: str, boxes: npt.NDArray[np.float64], start: int, end: int) -> Line:
    own = boxes[start:end]
    piece = clean(text[start:end].replace(HYPHEN, "-")).strip()
    x0, x1 = float(np.nanmin(own[:, 0])), float(np.nanmax(own[:, 2]))
    return replace(line, text=piece, x0=x0, x1=x1, start=start, end=end, bold=False)

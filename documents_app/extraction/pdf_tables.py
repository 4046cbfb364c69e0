"""Ruled tables of a PDF page.

Whether a page can hold one is decided by its drawn lines alone. On those pages the cells come from
pdfplumber's lattice functions, fed with pdfium's lines, and the cell texts from pdfium's characters, so no
second PDF parser runs and every character of the page is used once.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from documents_app.domain.normalise import clean
from documents_app.extraction.pdf_lines import HYPHEN, Line, PageGeometry

Box = tuple[float, float, float, float]

_THIN = 3.0
_MIN_RULE = 12.0
_MIN_RULES = 4
_MAX_OBJECTS = 5_000
_MAX_SEGMENTS = 600
_MAX_EDGES = 1_500
_MAX_POINTS = 2_500
_MAX_FORM_DEPTH = 3
_SNAP = 3.0
_RULE_RATIO = 4.0
_SLANT = 0.5
_JOINT = 1.0
_SPACES = re.compile(r"\s+")


def may_have_ruled_table(page: Any) -> bool:
    """Cheap test: at least four drawn objects that could be rules or boxes, in both directions."""
    across = along = 0
    bounds = [ctypes.c_float() for _ in range(4)]
    for drawn, _ in _paths(page):
        if not pdfium.FPDFPageObj_GetBounds(drawn, *bounds):
            continue
        left, bottom, right, top = (value.value for value in bounds)
        width, height = right - left, top - bottom
        if width >= _MIN_RULE and (height <= _THIN or height >= 6):
            across += 1
        if height >= 6 and (width <= _THIN or width >= _MIN_RULE):
            along += 1
        if across >= 2 and along >= 2 and across + along >= _MIN_RULES + 2:
            return True
    return False


def lines_with_tables(page: Any, textpage: Any, geometry: PageGeometry, text: str, lines: list[Line]) -> list[Line]:
    """Return ``lines`` with each ruled table's lines replaced by one line that holds its rows.

    ``text`` is the page's text, its offsets equal to pdfium's character indexes.
    """
    tables = _tables(page, geometry) if lines else []
    if not tables:
        return lines
    centers = _centers(textpage, geometry, text)
    taken = np.full(len(text), -1, dtype=np.int32)
    found: list[Line] = []
    for cells in tables:
        rows = _rows(cells)
        texts = [[_cell_text(text, centers, taken, cell, len(found)) if cell else "" for cell in row] for row in rows]
        if _is_table(texts):
            found.append(_table_line(cells, texts))
        else:
            taken[taken == len(found)] = -1
    return _replace(lines, text, taken, centers, found) if found else lines


def _paths(page: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield path objects with the matrices of the forms they stand in, innermost first."""
    count = pdfium.FPDFPage_CountObjects(page)
    roots = ((pdfium.FPDFPage_GetObject(page, index), ()) for index in range(min(count, _MAX_OBJECTS)))
    yield from chain.from_iterable(_unfold(drawn, forms, 0) for drawn, forms in roots)


def _unfold(drawn: Any, forms: tuple[Any, ...], depth: int) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        yield drawn, forms
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_FORM_DEPTH:
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(drawn, matrix)
        for index in range(min(pdfium.FPDFFormObj_CountObjects(drawn), _MAX_OBJECTS)):
            inner = pdfium.FPDFFormObj_GetObject(drawn, index)
            yield from _unfold(inner, (matrix, *forms), depth + 1)


def _tables(page: Any, geometry: PageGeometry) -> list[list[Box]]:
    """Return the cells of each ruled table, in displayed coordinates."""
    edges = _edges(page, geometry)
    if edges is None or len(edges) < _MIN_RULES:
        return []
    from pdfplumber import table as lattice  # costs 0.2 s, needed for few documents

    merged = lattice.merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP)
    merged = [edge for edge in merged if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _SNAP]
    if len(merged) > _MAX_EDGES:
        return []
    points = lattice.edges_to_intersections(merged, _SNAP, _SNAP)
    if not 6 <= len(points) <= _MAX_POINTS:
        return []
    return [list(cells) for cells in lattice.cells_to_tables(lattice.intersections_to_cells(points))]


def _edges(page: Any, geometry: PageGeometry) -> list[dict[str, Any]] | None:
    edges: list[dict[str, Any]] = []
    bounds = [ctypes.c_float() for _ in range(4)]
    for drawn, forms in _paths(page):
        if not forms and _is_mark(drawn, bounds):
            continue
        points = _axis_lines(drawn, forms)
        for (ax, ay), (bx, by) in points:
            x0, top, x1, bottom = geometry.box(min(ax, bx), max(ay, by), max(ax, bx), min(ay, by))
            edges.extend(_edge(x0, top, x1, bottom))
        if len(edges) > 10 * _MAX_EDGES:
            return None
    return edges


def _is_mark(drawn: Any, bounds: list[Any]) -> bool:
    """Whether a path is too small for a cell and too stout for a piece of a rule: plots hold thousands of these."""
    if not pdfium.FPDFPageObj_GetBounds(drawn, *bounds):
        return False
    left, bottom, right, top = (value.value for value in bounds)
    length, thickness = max(right - left, top - bottom), min(right - left, top - bottom)
    # Word processors draw a joint where rules meet, a square as small as the rules are thin: it is part of them.
    return thickness > _JOINT and length < _MIN_RULE and length < _RULE_RATIO * thickness


def _is_straight(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) <= _SLANT or abs(a[1] - b[1]) <= _SLANT


def _edge(x0: float, top: float, x1: float, bottom: float) -> Iterator[dict[str, Any]]:
    width, height = x1 - x0, bottom - top
    if height <= _THIN and width > height:
        top = bottom = (top + bottom) / 2
        orientation = "h"
    elif width <= _THIN and height > width:
        x0 = x1 = (x0 + x1) / 2
        orientation = "v"
    else:
        return
    size = {"width": x1 - x0, "height": bottom - top}
    yield {"x0": x0, "x1": x1, "top": top, "bottom": bottom, "orientation": orientation, **size}


def _axis_lines(drawn: Any, forms: tuple[Any, ...]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight pieces of a path in page space; a thin filled box counts as one line."""
    count = pdfium.FPDFPath_CountSegments(drawn)
    if not 2 <= count <= _MAX_SEGMENTS:
        return
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, own)
    points: list[tuple[float, float]] = []
    pieces: list[tuple[tuple[float, float], tuple[float, float]]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    start: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = _transform(x.value, y.value, (own, *forms))
        points.append(point)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            pieces.append((last, point))
        last = point
        if start is not None and pdfium.FPDFPathSegment_GetClose(segment):
            pieces.append((point, start))
            last = start
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    low, high = (min(xs), min(ys)), (max(xs), max(ys))
    if 2 < len(points) <= 6 and min(high[0] - low[0], high[1] - low[1]) <= _THIN:
        yield low, high
    else:
        yield from (piece for piece in pieces if _is_straight(*piece))


def _transform(x: float, y: float, matrices: tuple[Any, ...]) -> tuple[float, float]:
    for m in matrices:
        x, y = m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f
    return x, y


def _centers(textpage: Any, geometry: PageGeometry, text: str) -> npt.NDArray[np.float64]:
    """Return the boxes of all characters as ``float64 [n, 4]`` (x0, top, x1, bottom); white space is NaN."""
    boxes = np.full((len(text), 4), np.nan)
    rect = pdfium.FS_RECTF()
    loose = pdfium.FPDFText_GetLooseCharBox
    for index, char in enumerate(text):
        if not char.isspace():
            loose(textpage, index, rect)
            boxes[index] = geometry.box(rect.left, rect.top, rect.right, rect.bottom)
    return boxes


def _rows(cells: list[Box]) -> list[list[Box | None]]:
    """Arrange cells in rows and columns; a cell that spans several columns stands in the first."""
    tops = sorted({cell[1] for cell in cells})
    lefts = sorted({cell[0] for cell in cells})
    place = {(cell[1], cell[0]): cell for cell in cells}
    return [[place.get((top, left)) for left in lefts] for top in tops]


def _cell_text(text: str, boxes: npt.NDArray[np.float64], taken: npt.NDArray[np.int32], cell: Box, number: int) -> str:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    inside = (x >= cell[0]) & (x < cell[2]) & (y >= cell[1]) & (y < cell[3]) & (taken < 0)
    indexes = np.flatnonzero(inside)
    if not len(indexes):
        return ""
    taken[indexes] = number
    pieces = []
    previous = int(indexes[0])
    for index in indexes.tolist():
        if index > previous + 1:
            pieces.append(" ")
        pieces.append(text[index])
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
    rendered = "\n".join("\t".join(row).rstrip("\t") for row in rows)
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

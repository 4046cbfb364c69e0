"""The straight rules drawn on a PDF page, joined to the lines a reader sees.

Merging follows pdfplumber's ``merge_edges`` (snap to the mean of near positions, then join what touches), on arrays:
a plot holds thousands of short strokes, and a dictionary for each of them would cost more than reading the page.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.drawings import Drawn, Matrix, matrix_of, placed
from documents_app.extraction.pdf.lines import PageGeometry

Point = tuple[float, float]

THIN = 3.0
SNAP = 3.0
MAX_EDGES = 1_500
_MIN_RULE = 12.0
_MIN_RULES = 4
_MAX_SEGMENTS = 600
_BOX_POINTS = 6
_MIN_POSITIONS = 3
_RULE_RATIO = 4.0
_SLANT = 0.5
_JOINT = 1.0
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

# Where pdfium writes what is read at once; one process reads one page at a time.
_point = (ctypes.c_float * 2)()
_POINT_AT = ctypes.addressof(_point)
_POINT = struct.Struct("2f")


def may_hold_table(paths: Sequence[Drawn]) -> bool:
    """Cheap test: at least four drawn objects that could be rules or boxes, in both directions."""
    across = along = 0
    for _, _, bounds in paths:
        if bounds is None:
            continue
        width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
        if width >= _MIN_RULE and (height <= THIN or height >= 6):
            across += 1
        if height >= 6 and (width <= THIN or width >= _MIN_RULE):
            along += 1
        if across >= 2 and along >= 2 and across + along >= _MIN_RULES + 2:
            return True
    return False


class RuledLines:
    """The rules of one direction: ``at`` is where each stands, ``start`` to ``end`` how far it reaches (points)."""

    def __init__(self, at: Sequence[float], start: Sequence[float], end: Sequence[float]) -> None:
        self.at: npt.NDArray[np.float64] = np.asarray(at, dtype=np.float64)
        self.start: npt.NDArray[np.float64] = np.asarray(start, dtype=np.float64)
        self.end: npt.NDArray[np.float64] = np.asarray(end, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.at)

    def positions(self) -> int:
        """How many places they stand at, near ones counted once."""
        ordered = np.unique(self.at)
        return int(np.count_nonzero(ordered[1:] > ordered[:-1] + SNAP)) + 1 if len(ordered) else 0

    def merged(self) -> RuledLines:
        """Return the rules snapped to the mean of near positions, those that touch joined, short ones left out."""
        values, inverse = np.unique(self.at, return_inverse=True)
        clusters = np.concatenate([[0], np.cumsum(values[1:] > values[:-1] + SNAP)])[inverse]
        counts = np.bincount(clusters)
        means = np.bincount(clusters, weights=self.at) / counts
        at = self.at + (means[clusters] - self.at)
        order = np.lexsort((np.arange(len(at)), self.start, at))
        joined: list[list[float]] = []
        rows = zip(at[order].tolist(), self.start[order].tolist(), self.end[order].tolist(), strict=True)
        for place, start, end in rows:
            last = joined[-1] if joined else None
            if last is not None and last[0] == place and start <= last[2] + SNAP:
                last[2] = max(last[2], end)
            else:
                joined.append([place, start, end])
        kept = [rule for rule in joined if rule[2] - rule[1] >= SNAP]
        return RuledLines(*zip(*kept, strict=True)) if kept else RuledLines((), (), ())


def page_rules(paths: Sequence[Drawn], geometry: PageGeometry) -> tuple[RuledLines, RuledLines] | None:
    """Return the horizontal and the vertical rules of a page as displayed, merged; None if they can form no table.

    Two rows and two columns of cells have rules at three places in each direction.
    """
    across: list[tuple[float, float, float]] = []
    along: list[tuple[float, float, float]] = []
    for drawn, forms, bounds in paths:
        if bounds is not None and _is_mark(bounds if not forms else placed(bounds, forms)):
            continue
        for (ax, ay), (bx, by) in _axis_lines(drawn, forms):
            x0, top, x1, bottom = geometry.box(min(ax, bx), max(ay, by), max(ax, bx), min(ay, by))
            width, height = x1 - x0, bottom - top
            if height <= THIN and width > height:
                across.append(((top + bottom) / 2, x0, x1))
            elif width <= THIN and height > width:
                along.append(((x0 + x1) / 2, top, bottom))
        if len(across) + len(along) > 10 * MAX_EDGES:
            return None
    if min(len(across), len(along)) < _MIN_POSITIONS:
        return None
    both = RuledLines(*zip(*across, strict=True)), RuledLines(*zip(*along, strict=True))
    if min(rules.positions() for rules in both) < _MIN_POSITIONS:
        return None
    return both[0].merged(), both[1].merged()


def _is_mark(bounds: Sequence[float]) -> bool:
    """Whether a path is too small for a cell and too stout for a piece of a rule: plots hold thousands of these."""
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    length, thickness = max(width, height), min(width, height)
    # Word processors draw a joint where rules meet, a square as small as the rules are thin: it is part of them.
    return thickness > _JOINT and length < _MIN_RULE and length < _RULE_RATIO * thickness


def _axis_lines(drawn: int, forms: tuple[Matrix, ...]) -> list[tuple[Point, Point]]:
    """Return the straight pieces of a path in page space; a thin filled box counts as one line."""
    count = calls.segment_count(drawn)
    if not 2 <= count <= _MAX_SEGMENTS:
        return []
    points: list[Point] = []
    pieces: list[tuple[Point, Point]] = []
    start: Point | None = None
    last: Point | None = None
    for segment, kind, point in _segments(drawn, forms, count):
        points.append(point)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None and _is_straight(last, point):
            pieces.append((last, point))
        last = point
        if start is not None and calls.segment_closes(segment):
            if _is_straight(point, start):
                pieces.append((point, start))
            last = start
    thin = _thin_box(points) if 2 < count <= _BOX_POINTS else None
    return pieces if thin is None else [thin]


def _segments(drawn: int, forms: tuple[Matrix, ...], count: int) -> Iterator[tuple[int, int, Point]]:
    """Yield the segments of a path: pdfium's handle, the kind, and where it ends in page space."""
    # Most paths are drawn in page space already.
    matrices = [matrix for matrix in (matrix_of(drawn), *forms) if matrix != _IDENTITY]
    get_segment, get_kind, get_point = calls.segment_at, calls.segment_type, calls.segment_point
    index = 0
    while index < count:
        segment = get_segment(drawn, index)
        kind = get_kind(segment)
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO and count > _BOX_POINTS and index + 2 < count:
            # Two points that only bend the curve, and the one where it ends.
            index += 2
            segment = get_segment(drawn, index)
        index += 1
        get_point(segment, _POINT_AT, _POINT_AT + 4)
        x, y = _POINT.unpack(_point)
        for a, b, c, d, e, f in matrices:
            x, y = a * x + c * y + e, b * x + d * y + f
        yield segment, kind, (x, y)


def _thin_box(points: Sequence[Point]) -> tuple[Point, Point] | None:
    """Return the corners of the box around points if it is as thin as a line."""
    xs, ys = zip(*points, strict=True)
    low, high = (min(xs), min(ys)), (max(xs), max(ys))
    return (low, high) if min(high[0] - low[0], high[1] - low[1]) <= THIN else None


def _is_straight(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) <= _SLANT or abs(a[1] - b[1]) <= _SLANT

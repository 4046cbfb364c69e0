"""Figures that are drawn with strokes and hold no image, such as plots: found by their caption.

Only a caption that names a figure and has no image beside it is looked at. What is drawn next to it, above or else
below, and everything that this touches is the figure; like any other it is cut from the picture of its page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from documents_app.extraction.pdf.display import Box
from documents_app.extraction.pdf.drawings import Drawn, placed
from documents_app.extraction.pdf.figures import Region, caption_at, region_of
from documents_app.extraction.pdf.lines import Line, PageGeometry
from documents_app.extraction.pdf.structure import has_caption_sign, is_figure_caption

_MIN_STROKES = 5
_MIN_POINTS = 36.0
_CAPTION_REACH = 48.0
_TOUCHING = 14.0
_LABEL_REACH = 4.0
_LABEL_CHARS = 60
"""Characters of a line from which on it is text, and no label of a drawing."""
_WHOLE_PAGE = 0.85
_MAX_STEPS = 100
_MAX_CAPTIONS = 20
_DENSITY = 2.0

_Boxes = npt.NDArray[np.float64]
"""``x0, top, x1, bottom`` in reading space, ``[strokes, 4]``."""


def drawn_regions(
    page: Any, paths: Sequence[Drawn], lines: Sequence[Line], geometry: PageGeometry, images: Sequence[Region]
) -> list[Region]:
    """Return the drawings of a page that a caption names; ``images`` are the figures that have their captions."""
    if len(paths) < _MIN_STROKES:
        return []
    taken = {region.caption for region in images}
    captions = [place for place, line in enumerate(lines) if is_figure_caption(line.text)][:_MAX_CAPTIONS]
    captions = [place for place in captions if caption_at(lines, place) not in taken]
    strokes = _strokes(paths, geometry) if captions else np.empty((0, 4))
    found = [(_rank(box, lines[place]), place, box) for place in captions if (box := _beside(strokes, lines, place))]
    regions: list[Region] = []
    given: list[Box] = []
    for _, place, box in sorted(found):
        if any(_overlap(box, other) for other in given):
            continue
        given.append(box)
        region = region_of(page, geometry.unbox(*_with_labels(box, lines, lines[place])), _DENSITY, geometry)
        if region is not None:
            region.caption = caption_at(lines, place)
            regions.append(region)
    return regions


def _beside(strokes: _Boxes, lines: Sequence[Line], place: int) -> Box | None:
    """Return the box of the drawing above the caption at a place, or else below it; None where there is none."""
    boxes = (_grown(side, lines[place]) for side in _sides(strokes, lines[place]))
    return next((box for box in boxes if box is not None and not _holds_text(box, lines)), None)


def _rank(box: Box, caption: Line) -> tuple[bool, float]:
    """Return how well a caption fits a drawing, the least first: a sentence may begin with "Figure 3" as well."""
    return not has_caption_sign(caption.text), max(caption.top - box[3], box[1] - caption.bottom)


def _overlap(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def _strokes(paths: Sequence[Drawn], geometry: PageGeometry) -> _Boxes:
    """Return where strokes stand; what is as large as the page, or outside of it, is no part of a drawing."""
    boxes = np.array([geometry.box(*_corners(bounds, forms)) for _, forms, bounds in paths if bounds is not None])
    if not len(boxes):
        return np.empty((0, 4))
    x0, top, x1, bottom = boxes.T
    inside = (x1 > 0) & (bottom > 0) & (x0 < geometry.width) & (top < geometry.height)
    return boxes[inside & ((x1 - x0) * (bottom - top) < _WHOLE_PAGE * geometry.width * geometry.height)]


def _corners(bounds: Sequence[float], forms: Any) -> tuple[float, float, float, float]:
    left, bottom, right, top = placed(bounds, forms)
    return left, top, right, bottom


def _sides(strokes: _Boxes, caption: Line) -> Iterator[_Boxes]:
    """Yield the strokes above a caption, then those below it."""
    yield strokes[strokes[:, 3] <= caption.top + _LABEL_REACH]
    yield strokes[strokes[:, 1] >= caption.bottom - _LABEL_REACH]


def _grown(strokes: _Boxes, caption: Line) -> Box | None:
    """Return the box of what is drawn next to a caption and of all that this touches; None if it is too little."""
    x0, top, x1, bottom = strokes.T
    distance = np.maximum(caption.top - bottom, top - caption.bottom)
    inside = (x1 >= caption.x0) & (x0 <= caption.x1) & (distance <= _CAPTION_REACH)
    for _ in range(_MAX_STEPS):
        if not inside.any():
            return None
        box = (x0[inside].min(), top[inside].min(), x1[inside].max(), bottom[inside].max())
        near = (x0 <= box[2] + _TOUCHING) & (x1 >= box[0] - _TOUCHING)
        near &= (top <= box[3] + _TOUCHING) & (bottom >= box[1] - _TOUCHING)
        if not (near & ~inside).any():
            break
        inside |= near
    enough = int(inside.sum()) >= _MIN_STROKES and min(box[2] - box[0], box[3] - box[1]) >= _MIN_POINTS
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3])) if enough else None


def _holds_text(box: Box, lines: Sequence[Line]) -> bool:
    """Whether lines of text stand inside: a frame around a paragraph, or a table, is no figure."""
    return any(
        (line.rows is not None or len(line.text) >= _LABEL_CHARS)
        and box[0] <= (line.x0 + line.x1) / 2 <= box[2]
        and box[1] <= (line.top + line.bottom) / 2 <= box[3]
        for line in lines
    )


def _with_labels(box: Box, lines: Sequence[Line], caption: Line) -> Box:
    """Return a box with the labels beside it and those between it and the caption, and some room around."""
    is_below = caption.top > box[1]
    low, high = (box[1] - _LABEL_REACH, caption.top) if is_below else (caption.bottom, box[3] + _LABEL_REACH)
    x0, top, x1, bottom = box
    for line in lines:
        beside = line.x1 >= box[0] - _TOUCHING and line.x0 <= box[2] + _TOUCHING
        middle = (line.top + line.bottom) / 2
        if beside and low <= middle <= high and len(line.text) < _LABEL_CHARS and line is not caption:
            x0, top, x1, bottom = min(x0, line.x0), min(top, line.top), max(x1, line.x1), max(bottom, line.bottom)
    if is_below:
        bottom = min(bottom + _LABEL_REACH, max(caption.top, box[3]))
    else:
        top = max(top - _LABEL_REACH, min(caption.bottom, box[1]))
    return x0 - _LABEL_REACH, top, x1 + _LABEL_REACH, bottom

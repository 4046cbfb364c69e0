"""Figures of a page: where its images stand, strips and tiles of one picture taken together, each with its caption.

A figure is drawn from its page when it is first wanted, with the labels that stand over it: pulling the images out of
the file would cost more than reading the text, and give strips, masks and colours of print.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from documents_app.domain.material import Figure
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.display import Box, displayed
from documents_app.extraction.pdf.drawings import Drawn, placed
from documents_app.extraction.pdf.lines import Line, PageGeometry
from documents_app.extraction.pdf.picture import MEDIA_TYPE, Place, picture_size
from documents_app.extraction.pdf.structure import is_caption

_MIN_POINTS = 24.0
_TOUCHING = 2.0
_WHOLE_PAGE = 0.85
_MAX_IMAGES = 200
"""Images of a page that are looked at; a page with more is a drawing made of specks."""
_MAX_PIXELS_WIDE = 1_600
_PIXELS_A_POINT = (1.0, 300 / 72)
_CAPTION_REACH = 48.0
_FURNITURE_PAGES = 3


@dataclass(slots=True)
class Region:
    """A picture on a page: ``box`` in reading space (points), ``place`` as displayed, ``columns`` by ``rows`` pixels."""

    box: Box
    place: Place
    columns: int
    rows: int
    caption: str = ""


@dataclass(slots=True)
class PageFigures:
    """The pictures of a page, and how many images were left out since they have too many pixels."""

    regions: list[Region]
    oversized: int = 0


def page_figures(page: Any, images: Sequence[Drawn], geometry: PageGeometry, limits: ExtractionLimits) -> PageFigures:
    """Return the pictures of a page that are large enough to show something and do not fill it."""
    found = PageFigures([])
    boxes: list[tuple[Box, float]] = []
    for drawn, forms, bounds in images:
        if bounds is None or len(boxes) >= _MAX_IMAGES:
            continue
        across, down = _pixels(drawn)
        if across * down > limits.max_image_pixels:
            found.oversized += 1
            continue
        left, bottom, right, top = placed(bounds, forms)
        boxes.append(((left, bottom, right, top), max(across / max(right - left, 1.0), down / max(top - bottom, 1.0))))
    for (left, bottom, right, top), density in _merged(boxes):
        region = region_of(page, (left, bottom, right, top), density, geometry)
        if region is not None:
            found.regions.append(region)
    return found


def _pixels(drawn: int) -> tuple[int, int]:
    across, down = ctypes.c_uint(), ctypes.c_uint()
    if not calls.image_pixels(drawn, ctypes.addressof(across), ctypes.addressof(down)):
        return 0, 0
    return across.value, down.value


def _merged(boxes: list[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Join boxes that overlap or touch until none does; each with its highest density."""
    merged: list[tuple[Box, float]] = []
    for box, density in boxes:
        while near := [other for other in merged if _touch(other[0], box)]:
            for other in near:
                merged.remove(other)
                box = _around(box, other[0])
                density = max(density, other[1])
        merged.append((box, density))
    return merged


def _touch(a: Box, b: Box) -> bool:
    return (
        a[0] <= b[2] + _TOUCHING and b[0] <= a[2] + _TOUCHING and a[1] <= b[3] + _TOUCHING and b[1] <= a[3] + _TOUCHING
    )


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def region_of(page: Any, box: Box, density: float, geometry: PageGeometry) -> Region | None:
    """Return the region of a box in page space, cut to the page; None if it is too small or the page itself."""
    x0, y0, x1, y1 = displayed(page, *box)
    x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0)
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    across, down = (x1 - x0) * width, (y1 - y0) * height
    if min(across, down) < _MIN_POINTS or across * down > _WHOLE_PAGE * width * height:
        return None
    scale = min(max(density, _PIXELS_A_POINT[0]), _PIXELS_A_POINT[1])
    columns, rows = picture_size(across, down, min(round(across * scale), _MAX_PIXELS_WIDE))
    place = (round(x0, 6), round(y0, 6), round(x1, 6), round(y1, 6))
    return Region(geometry.box(box[0], box[3], box[2], box[1]), place, columns, rows)


def give_captions(regions: Sequence[Region], lines: Sequence[Line]) -> None:
    """Give each region the caption that stands nearest below or above it; each caption is given once."""
    starts = [place for place, line in enumerate(lines) if is_caption(line.text)]
    pairs = sorted(
        (distance, number, place)
        for number, region in enumerate(regions)
        for place in starts
        if (distance := _distance(region.box, lines[place])) <= _CAPTION_REACH
    )
    given: set[int] = set()
    for _, number, place in pairs:
        if not regions[number].caption and place not in given:
            given.add(place)
            regions[number].caption = caption_at(lines, place)


def _distance(box: Box, line: Line) -> float:
    if line.x1 < box[0] or line.x0 > box[2]:
        return _CAPTION_REACH + 1
    return max(line.top - box[3], box[1] - line.bottom, 0.0)


def caption_at(lines: Sequence[Line], place: int) -> str:
    """Return the caption that begins at a line, to the end of its paragraph."""
    pieces = [lines[place].text]
    for line in lines[place + 1 :]:
        if line.blank_before or line.rows or abs(line.size - lines[place].size) > 0.5:
            break
        pieces.append(line.text)
    return " ".join(" ".join(pieces).split())


def figures_of(pages: Sequence[PageFigures], limits: ExtractionLimits) -> tuple[tuple[Figure, ...], int]:
    """Return the figures of a document, and how many more it has than are kept.

    A picture without a caption that stands at one place on several pages is furniture, such as a logo.
    """
    places = Counter(region.place for page in pages for region in page.regions if not region.caption)
    figures = [
        Figure(number, region.caption, region.columns, region.rows, MEDIA_TYPE, place=region.place)
        for number, page in enumerate(pages, 1)
        for region in page.regions
        if region.caption or places[region.place] < _FURNITURE_PAGES
    ]
    return tuple(figures[: limits.max_figures]), max(len(figures) - limits.max_figures, 0)

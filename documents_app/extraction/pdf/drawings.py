"""What a page draws beside text: its paths and images, those inside forms included."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from documents_app.extraction.pdf import calls

Matrix = tuple[float, ...]
"""The six numbers of a PDF transformation: a, b, c, d, e, f."""

Drawn = tuple[int, tuple[Matrix, ...], tuple[float, ...] | None]
"""An object, the matrices of the forms it stands in (innermost first), and its bounds (left, bottom, right,
top, in the space it is drawn in) if pdfium knows them."""

_MAX_OBJECTS = 5_000
_MAX_FORM_DEPTH = 3
_LEAVES = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)

# Where pdfium writes what is read at once; one process reads one page at a time.
_numbers = (ctypes.c_float * 6)()
_NUMBERS_AT = ctypes.addressof(_numbers)
_MATRIX = struct.Struct("6f")
_BOUNDS = struct.Struct("4f")
_BOUNDS_AT = tuple(_NUMBERS_AT + 4 * place for place in range(4))


@dataclass(frozen=True, slots=True)
class Drawings:
    """The paths and the images of a page, in the order they are drawn."""

    paths: list[Drawn]
    images: list[Drawn]


def page_drawings(page: Any) -> Drawings:
    """Return what a page draws; of a page with very many objects, the first of them."""
    handle = calls.address(page)
    get_object, get_type = calls.page_object, calls.object_type
    paths: list[Drawn] = []
    images: list[Drawn] = []
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        drawn = get_object(handle, index)
        kind = get_type(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            paths.append((drawn, (), _bounds(drawn)))
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append((drawn, (), _bounds(drawn)))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            for inner, inner_kind, forms in _unfold(drawn, (), 0):
                found = paths if inner_kind == pdfium.FPDF_PAGEOBJ_PATH else images
                found.append((inner, forms, _bounds(inner)))
    return Drawings(paths, images)


def _bounds(drawn: int) -> tuple[float, ...] | None:
    return _BOUNDS.unpack_from(_numbers) if calls.object_bounds(drawn, *_BOUNDS_AT) else None


def _unfold(drawn: int, forms: tuple[Matrix, ...], depth: int) -> Iterator[tuple[int, int, tuple[Matrix, ...]]]:
    kind = calls.object_type(drawn)
    if kind in _LEAVES:
        yield drawn, kind, forms
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_FORM_DEPTH:
        inside = (matrix_of(drawn), *forms)
        for index in range(min(calls.form_object_count(drawn), _MAX_OBJECTS)):
            yield from _unfold(calls.form_object(drawn, index), inside, depth + 1)


def matrix_of(drawn: int) -> Matrix:
    """Return the transformation of an object."""
    calls.object_matrix(drawn, _NUMBERS_AT)
    return _MATRIX.unpack(_numbers)


def placed(bounds: Sequence[float], forms: tuple[Matrix, ...]) -> tuple[float, ...]:
    """Return the bounds on the page of what a form draws."""
    if not forms:
        return tuple(bounds)
    corners = [(x, y) for x in (bounds[0], bounds[2]) for y in (bounds[1], bounds[3])]
    for a, b, c, d, e, f in forms:
        corners = [(a * x + c * y + e, b * x + d * y + f) for x, y in corners]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)

"""From the space a page is drawn in to the page as displayed: turned, and cut to its visible part."""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

_FINE = 1_000_000

Box = tuple[float, float, float, float]


def displayed(page: Any, left: float, bottom: float, right: float, top: float) -> Box:
    """Return left, top, right and bottom of a box of page space as displayed, in fractions of the page."""
    ax, ay = _point(page, left, bottom)
    bx, by = _point(page, right, top)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _point(page: Any, x: float, y: float) -> tuple[float, float]:
    right, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, right, down)
    return right.value / _FINE, down.value / _FINE

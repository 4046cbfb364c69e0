"""Pictures of pages, and of places on them, drawn by pdfium and coded as WebP."""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.extraction.pdf.opening import opened_page

MEDIA_TYPE = "image/webp"
_MAX_PIXELS = 12_000_000
_MAX_SIDE = 16_000  # WebP has no longer ones
_QUALITY = 85
_WHITE = (255, 255, 255, 255)

Place = tuple[float, float, float, float]
"""Left, top, right and bottom of a place as displayed, in fractions of the page."""

WHOLE_PAGE: Place = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its size in pixels and its bytes, a WebP file."""

    width: int
    height: int
    data: bytes


def draw(source: bytes | Path, page: int, width: int, place: Place = WHOLE_PAGE) -> Picture:
    """Return a picture of a page (numbers from 1), or of a place on it, ``width`` pixels wide.

    It is narrower where the page is so tall that the picture would have too many pixels. Raises PageNotFound,
    EncryptedFile or CorruptFile.
    """
    with opened_page(source, page, forms=True) as opened:
        page_width, page_height = max(opened.get_width(), 1e-3), max(opened.get_height(), 1e-3)
        across, down = (place[2] - place[0]) * page_width, (place[3] - place[1]) * page_height
        columns, rows = picture_size(across, down, width)
        scale = columns / across
        bitmap = pypdfium2.PdfBitmap.new_native(columns, rows, pdfium.FPDFBitmap_BGR)
        try:
            bitmap.fill_rect(_WHITE, 0, 0, columns, rows)
            whole = (
                -round(place[0] * page_width * scale),
                -round(place[1] * page_height * scale),
                max(round(page_width * scale), 1),
                max(round(page_height * scale), 1),
            )
            pdfium.FPDF_RenderPageBitmap(bitmap, opened, *whole, 0, pdfium.FPDF_ANNOT)
            if opened.formenv:
                pdfium.FPDF_FFLDraw(opened.formenv, bitmap, opened, *whole, 0, pdfium.FPDF_ANNOT)
            return Picture(columns, rows, _coded(bitmap))
        finally:
            bitmap.close()


def picture_size(across: float, down: float, width: int) -> tuple[int, int]:
    """Return columns and rows of a picture of a place ``across`` by ``down`` points, at most ``width`` pixels wide."""
    ratio = down / max(across, 1e-6)
    columns = min(float(width), math.sqrt(_MAX_PIXELS / max(ratio, 1e-9)), _MAX_SIDE / max(ratio, 1e-9))
    return max(int(columns), 1), max(min(round(columns * ratio), _MAX_SIDE), 1)


def _coded(bitmap: Any) -> bytes:
    buffer = BytesIO()
    bitmap.to_pil().save(buffer, "WEBP", quality=_QUALITY, method=0)
    return buffer.getvalue()

"""The calls into pdfium that are made for every character or stroke of a page, at the price of the call alone.

pypdfium2's own bindings make a pointer object of every argument and result, which costs more than most of these
functions do. Here handles and addresses are plain integers (None for a null handle). Same library, same functions.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

_HANDLE = ctypes.c_void_p
_INT = ctypes.c_int


def _plain(function: Any, result: Any, *arguments: Any) -> Any:
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, _HANDLE).value or 0)


def address(handle: Any) -> int:
    """Return the address in one of pypdfium2's handles, or that of a ctypes structure."""
    if isinstance(handle, ctypes._Pointer):
        return ctypes.cast(handle, _HANDLE).value or 0
    return ctypes.addressof(handle)


page_object = _plain(pdfium.FPDFPage_GetObject, _HANDLE, _HANDLE, _INT)
form_object = _plain(pdfium.FPDFFormObj_GetObject, _HANDLE, _HANDLE, ctypes.c_ulong)
form_object_count = _plain(pdfium.FPDFFormObj_CountObjects, _INT, _HANDLE)
object_type = _plain(pdfium.FPDFPageObj_GetType, _INT, _HANDLE)
object_bounds = _plain(pdfium.FPDFPageObj_GetBounds, _INT, _HANDLE, _HANDLE, _HANDLE, _HANDLE, _HANDLE)
object_matrix = _plain(pdfium.FPDFPageObj_GetMatrix, _INT, _HANDLE, _HANDLE)
image_pixels = _plain(pdfium.FPDFImageObj_GetImagePixelSize, _INT, _HANDLE, _HANDLE, _HANDLE)
segment_count = _plain(pdfium.FPDFPath_CountSegments, _INT, _HANDLE)
segment_at = _plain(pdfium.FPDFPath_GetPathSegment, _HANDLE, _HANDLE, _INT)
segment_type = _plain(pdfium.FPDFPathSegment_GetType, _INT, _HANDLE)
segment_point = _plain(pdfium.FPDFPathSegment_GetPoint, _INT, _HANDLE, _HANDLE, _HANDLE)
segment_closes = _plain(pdfium.FPDFPathSegment_GetClose, _INT, _HANDLE)
text_object = _plain(pdfium.FPDFText_GetTextObject, _HANDLE, _HANDLE, _INT)
text_font = _plain(pdfium.FPDFTextObj_GetFont, _HANDLE, _HANDLE)
text_size = _plain(pdfium.FPDFTextObj_GetFontSize, _INT, _HANDLE, _HANDLE)
font_name = _plain(pdfium.FPDFFont_GetBaseFontName, ctypes.c_size_t, _HANDLE, _HANDLE, ctypes.c_size_t)
font_flags = _plain(pdfium.FPDFFont_GetFlags, _INT, _HANDLE)
font_weight = _plain(pdfium.FPDFFont_GetWeight, _INT, _HANDLE)
fill_color = _plain(pdfium.FPDFPageObj_GetFillColor, _INT, _HANDLE, _HANDLE, _HANDLE, _HANDLE, _HANDLE)
mark_count = _plain(pdfium.FPDFPageObj_CountMarks, _INT, _HANDLE)
mark_at = _plain(pdfium.FPDFPageObj_GetMark, _HANDLE, _HANDLE, ctypes.c_ulong)
mark_name = _plain(pdfium.FPDFPageObjMark_GetName, _INT, _HANDLE, _HANDLE, ctypes.c_ulong, _HANDLE)
loose_box = _plain(pdfium.FPDFText_GetLooseCharBox, _INT, _HANDLE, _INT, _HANDLE)
"""``(text page, character index, address of an FS_RECTF)``."""

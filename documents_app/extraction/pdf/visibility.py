"""Text that nobody who looks at the page sees: outside its borders, on a layer that is switched off, white on white.

Where a line may be hidden (pdfium knows no state of a layer) the page is drawn small, and the line counts as hidden if
nothing is seen at its place. Text laid invisibly over a scanned page stays: there the scan is seen.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.display import displayed
from documents_app.extraction.pdf.lines import Line, PageGeometry

_OPTIONAL_CONTENT = "OC"
_WHITE = 250
_SCALE = 1.5
_MAX_PIXELS = 6_000_000
_MAX_MARKS = 8
_CONTRAST = 12
_NAME_BYTES = 16
_WORD = re.compile(r"\S+")


def on_page(textpage: Any, geometry: PageGeometry, text: str, lines: list[Line]) -> list[Line]:
    """Return the lines that stand on the page; of one that runs over its border, the words that are inside."""
    inside: list[Line] = []
    for line in lines:
        if line.x1 <= 0 or line.bottom <= 0 or line.x0 >= geometry.width or line.top >= geometry.height:
            continue
        over = line.x1 > geometry.width + line.size or line.x0 < -line.size
        if not over or text[line.start : line.end] != line.text:
            inside.append(line)
        elif (part := _part_on_page(textpage, geometry, line)) is not None:
            inside.append(part)
    return inside


def _part_on_page(textpage: Any, geometry: PageGeometry, line: Line) -> Line | None:
    """Return the first stretch of words of a line that lies inside the page."""
    handle, rect = calls.address(textpage), pdfium.FS_RECTF()
    words = []
    for word in _WORD.finditer(line.text):
        ends = []
        for index in (word.start(), word.end() - 1):
            calls.loose_box(handle, line.start + index, calls.address(rect))
            ends.append(geometry.box(rect.left, rect.top, rect.right, rect.bottom))
        x0, x1 = min(ends[0][0], ends[1][0]), max(ends[0][2], ends[1][2])
        if x1 > 0 and x0 < geometry.width:
            words.append((word.start(), word.end(), x0, x1))
        elif words:
            break
    if not words:
        return None
    first, last = words[0], words[-1]
    return replace(
        line,
        text=line.text[first[0] : last[1]],
        start=line.start + first[0],
        end=line.start + last[1],
        x0=min(word[2] for word in words),
        x1=max(word[3] for word in words),
    )


def seen(page: Any, textpage: Any, geometry: PageGeometry, lines: list[Line]) -> list[Line]:
    """Return the lines without those that are hidden; each line's ``start`` is an index of pdfium's characters."""
    objects = _Objects(textpage)
    doubted = [line for line in lines if objects.may_be_hidden(line.start)]
    if not doubted:
        return lines
    picture = _drawn(page)
    hidden = {id(line) for line in doubted if _is_blank(picture, page, geometry, line)}
    return [line for line in lines if id(line) not in hidden] if hidden else lines


class _Objects:
    """Tells whether a character may be hidden: white, or part of optional content. Asks once for each text object."""

    def __init__(self, textpage: Any) -> None:
        self._handle = calls.address(textpage)
        self._known: dict[int | None, bool] = {None: False}
        self._name = ctypes.create_string_buffer(_NAME_BYTES)
        self._length = ctypes.c_ulong()
        self._color = (ctypes.c_uint * 4)()
        self._color_at = tuple(ctypes.addressof(self._color) + 4 * place for place in range(4))

    def may_be_hidden(self, index: int) -> bool:
        drawn = calls.text_object(self._handle, index)
        if drawn not in self._known:
            self._known[drawn] = self._is_white(drawn) or self._is_optional(drawn)
        return self._known[drawn]

    def _is_white(self, drawn: int) -> bool:
        return bool(calls.fill_color(drawn, *self._color_at)) and min(self._color[:3]) >= _WHITE and self._color[3] > 0

    def _is_optional(self, drawn: int) -> bool:
        count = min(calls.mark_count(drawn), _MAX_MARKS)
        return any(self._name_of(calls.mark_at(drawn, place)) == _OPTIONAL_CONTENT for place in range(count))

    def _name_of(self, mark: int | None) -> str:
        if not mark:
            return ""
        name, length = ctypes.addressof(self._name), ctypes.addressof(self._length)
        if not calls.mark_name(mark, name, _NAME_BYTES, length) or self._length.value < 2:
            return ""
        return self._name.raw[: self._length.value - 2].decode("utf-16-le", "replace")


def _drawn(page: Any) -> npt.NDArray[np.uint8]:
    """Return the page as displayed in grey, ``uint8 [rows, columns]``."""
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    scale = min(_SCALE, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
    columns, rows = max(int(width * scale), 1), max(int(height * scale), 1)
    bitmap = pypdfium2.PdfBitmap.new_native(columns, rows, pdfium.FPDFBitmap_Gray)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, columns, rows)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, 0)
        return bitmap.to_numpy().copy().reshape(rows, columns)
    finally:
        bitmap.close()


def _is_blank(picture: npt.NDArray[np.uint8], page: Any, geometry: PageGeometry, line: Line) -> bool:
    inset = line.height / 6  # what stands above or below may reach into the box
    box = geometry.unbox(line.x0, line.top + inset, line.x1, line.bottom - inset)
    x0, y0, x1, y1 = displayed(page, *box)
    rows, columns = picture.shape
    part = picture[
        max(int(y0 * rows), 0) : max(int(y1 * rows) + 1, 0), max(int(x0 * columns), 0) : max(int(x1 * columns) + 1, 0)
    ]
    return part.size == 0 or int(part.max()) - int(part.min()) < _CONTRAST

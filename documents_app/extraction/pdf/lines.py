"""Lines of a PDF page with their geometry, by few calls into pdfium.

The text of a page is fetched in one call; positions are asked for at three characters per line only, which
keeps the cost of layout at a fraction of the cost of parsing the page.
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from documents_app.domain.normalise import clean
from documents_app.extraction.pdf import calls

HYPHEN = "\ufffe"  # pdfium's sign for a hyphen at a line end; it stands for the line break too
_LINE = re.compile(f"[^\r\n{HYPHEN}]+{HYPHEN}?")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_BOLD_NAME = re.compile(rb"bold|black|heavy|semibold|demi|CMBX|CMSSBX|SFBX|-?Bd\b", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
_LEVEL = 0.5
_LONG_LINE = 50
_EVERYWHERE = (-1e6, 1e6, 1e6, -1e6)
_MAY_BE_HEADING = re.compile(r"[^\W_][^\n]{1,118}[^\s.,;:]$|[^\W\d_]{3,118}:?$|\d[\d.]*\s.{2,100}$")


LineMark = tuple[int, int, str]
"""A stretch of a line's text, half open, and what its look means: the value of a ``MarkKind``."""


@dataclass(slots=True)
class Line:
    """A line of a page; coordinates in points from the top left of the page as displayed.

    ``rows`` is set where the line stands for a whole table. ``blank_before`` marks the start of a paragraph,
    ``level`` a heading. ``start:end`` is the line's range in the page's text as pdfium gives it. In a cell of ``rows``
    raised and lowered characters stand between signs (``pdf.signs``).
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool = False
    rows: tuple[tuple[str, ...], ...] | None = None
    blank_before: bool = False
    level: int = 0
    boilerplate: bool = False
    start: int = 0
    end: int = 0
    marks: tuple[LineMark, ...] = ()
    monospaced: bool = False

    @property
    def height(self) -> float:
        """Height of the line's box."""
        return self.bottom - self.top


@dataclass(slots=True)
class PageGeometry:
    """Turns page space (origin bottom left, before rotation) into reading space (origin top left, text upright).

    ``rotation`` is in quarter turns clockwise: that of most text, which is the page's own unless text lies sideways.
    """

    width: float
    height: float
    rotation: int
    left: float = 0.0
    bottom: float = 0.0

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Return ``(x0, top, x1, bottom)`` as displayed."""
        left, right = left - self.left, right - self.left
        top, bottom = top - self.bottom, bottom - self.bottom
        if self.rotation == 0:
            return left, self.height - top, right, self.height - bottom
        if self.rotation == 1:
            return bottom, left, top, right
        if self.rotation == 2:
            return self.width - right, bottom, self.width - left, top
        return self.width - top, self.height - right, self.width - bottom, self.height - left

    def unbox(self, x0: float, top: float, x1: float, bottom: float) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top in page space: the reverse of ``box``."""
        if self.rotation == 0:
            left, low, right, high = x0, self.height - bottom, x1, self.height - top
        elif self.rotation == 1:
            left, low, right, high = top, x0, bottom, x1
        elif self.rotation == 2:
            left, low, right, high = self.width - x1, top, self.width - x0, bottom
        else:
            left, low, right, high = self.height - bottom, self.width - x1, self.height - top, self.width - x0
        return left + self.left, low + self.bottom, right + self.left, high + self.bottom


def page_geometry(page: Any, textpage: Any) -> PageGeometry:
    """Return size, origin and rotation of a page by the direction of its text."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    count = pdfium.FPDFText_CountChars(textpage)
    angles = (
        [pdfium.FPDFText_GetCharAngle(textpage, count * part // 6) for part in (1, 2, 3, 4, 5)] if count > 0 else []
    )
    # pdfium measures angles clockwise; text that points down is turned back by three quarters.
    turns = [-round(angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0]
    rotation = max(set(turns), key=turns.count) if turns else 0
    width, height = box.right - box.left, box.top - box.bottom
    if rotation % 2:
        width, height = height, width
    return PageGeometry(width, height, rotation, box.left, box.bottom)


def page_text(textpage: Any) -> tuple[str, bool]:
    """Return the text in content order and whether its offsets equal pdfium's character indexes."""
    count = pdfium.FPDFText_CountChars(textpage)
    if count <= 0:
        return "", True
    buffer = _buffer(2 * count + 2)
    # GetText keeps 16 bits per character; the bounded form shows whether any character needs more.
    units = pdfium.FPDFText_GetBoundedText(textpage, *_EVERYWHERE, buffer, 2 * count + 2)
    if len(ctypes.string_at(buffer, 2 * units).decode("utf-16-le", "replace")) < units:
        unicode_at = pdfium.FPDFText_GetUnicode
        return "".join(_character(unicode_at(textpage, index)) for index in range(count)), True
    written = max(pdfium.FPDFText_GetText(textpage, 0, count, buffer) - 1, 0)
    text = ctypes.string_at(buffer, 2 * written).decode("utf-16-le", "surrogatepass")
    return text, len(text) == count


_units = (ctypes.c_ushort * 65_536)()


def _buffer(size: int) -> Any:
    """Return a buffer of at least ``size`` 16-bit units; one is kept, since new array types are costly."""
    return _units if size <= len(_units) else (ctypes.c_ushort * size)()


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 else "\x01"


def read_lines(textpage: Any, geometry: PageGeometry, text: str, aligned: bool) -> list[Line]:
    """Return the page's lines in content order with boxes, sizes in points and weights.

    ``text`` and ``aligned`` are what ``page_text`` returns.
    """
    reader = _LineReader(textpage, geometry, text, aligned)
    return [line for found in _LINE.finditer(text) if (line := reader.line(found)) is not None]


class _LineReader:
    """Asks pdfium about a line's first and last character, and about more only where that is not enough."""

    def __init__(self, textpage: Any, geometry: PageGeometry, text: str, aligned: bool) -> None:
        self._textpage = textpage
        self._geometry = geometry
        self._text = text
        self._aligned = aligned
        self._plain = text.isascii() and not _CONTROL.search(text)
        self._handle = calls.address(textpage)
        self._first = pdfium.FS_RECTF()
        self._last = pdfium.FS_RECTF()
        self._first_at = calls.address(self._first)
        self._last_at = calls.address(self._last)
        self._sizes: dict[float, float] = {}
        self._above: Line | None = None

    def line(self, found: re.Match[str]) -> Line | None:
        """Return the line of a match of ``_LINE``, or None if nothing of it is visible."""
        piece = found[0]
        visible = piece.strip()
        if not visible:
            return None
        begin = found.start() + len(piece) - len(piece.lstrip())
        stop = begin + len(visible)
        first, last = begin, stop - 1
        if not self._aligned:
            first, last = _char_index(self._textpage, first), _char_index(self._textpage, last)
        if visible[-1] == HYPHEN:
            visible = visible[:-1] + "-"
        if not self._plain:
            visible = clean(_CONTROL.sub("", visible))
            if not visible:
                return None
        middle = self._middle(begin, stop)
        left, low, right, high = self._box(first, middle, last)
        size = self._size(middle, high - low)
        line = Line(visible, *self._geometry.box(left, high, right, low), size, start=begin, end=stop)
        if self._may_be_bold(line):
            line.bold = _is_bold(self._textpage, first) and _is_bold(self._textpage, last)
        self._above = line
        return line

    def _middle(self, begin: int, stop: int) -> int:
        """Return the index of a visible character in the middle; spaces that pdfium adds have no size."""
        middle = (begin + stop) // 2
        while self._text[middle] == " ":
            middle += 1
        return middle if self._aligned else _char_index(self._textpage, middle)

    def _box(self, first: int, middle: int, last: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right, top in page space; the height is that of a character in the line's middle."""
        one, two = self._first, self._last
        calls.loose_box(self._handle, first, self._first_at)
        calls.loose_box(self._handle, last, self._last_at)
        left, right = min(one.left, two.left), max(one.right, two.right)
        low, high = one.bottom, one.top
        if abs(low - two.bottom) + abs(high - two.top) > _LEVEL:
            if right - left < high - low and last - first > 2:
                return left, min(low, two.bottom), right, max(high, two.top)
            calls.loose_box(self._handle, middle, self._last_at)
            if two.top > two.bottom:
                low, high = two.bottom, two.top
        return left, low, right, high

    def _size(self, index: int, height: float) -> float:
        """Return the font size in points; on one page, boxes of one height are taken to be of one size."""
        key = round(height, 2)
        size = self._sizes.get(key)
        if size is None:
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFText_GetMatrix(self._textpage, index, matrix)
            size = pdfium.FPDFText_GetFontSize(self._textpage, index) * math.hypot(matrix.c, matrix.d)
            self._sizes[key] = size = size or height
        return size

    def _may_be_bold(self, line: Line) -> bool:
        if len(line.text) >= _LONG_LINE and self._above is not None and not self._above.bold:
            step = line.top - self._above.top
            if 0 < step < 1.25 * line.height:
                return False
        return _MAY_BE_HEADING.match(line.text) is not None


def _char_index(textpage: Any, text_index: int) -> int:
    return max(int(pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, text_index)), 0)


_name_buffer = ctypes.create_string_buffer(128)
_name_flags = ctypes.c_int()


_bold_names: dict[bytes, bool] = {}


def _is_bold(textpage: Any, index: int) -> bool:
    length = pdfium.FPDFText_GetFontInfo(textpage, index, _name_buffer, 128, _name_flags)
    if not 0 < length <= 128:
        return False
    name = _name_buffer.raw[: length - 1]
    if name not in _bold_names and len(_bold_names) < 10_000:
        _bold_names[name] = _BOLD_NAME.search(name) is not None
    return _bold_names.get(name, False) or bool(_name_flags.value & _FORCE_BOLD)

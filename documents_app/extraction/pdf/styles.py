"""What the fonts, sizes and baselines of a page mean: raised and lowered text, emphasis, code.

pdfium keeps one object for each piece of text that was drawn at once. The objects of a line are found by halving it,
so that a line drawn in one piece costs two questions; what an object is made of is asked once.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.drawings import matrix_of
from documents_app.extraction.pdf.lines import Line, LineMark

_BOLD = re.compile(rb"bold|black|heavy|semibold|demi|CMBX|CMSSBX|SFBX|-?Bd\b", re.IGNORECASE)
_ITALIC = re.compile(rb"ital|oblique|slanted|CMTI|CMSL|SFTI|SFSL|-?It\b", re.IGNORECASE)
_MONOSPACED = re.compile(rb"mono|courier|consol|menlo|typewriter|CMTT|SFTT|LMTT|inconsolata|\bcode", re.IGNORECASE)
_MATHEMATICAL = re.compile(rb"CMMI|CMSY|CMEX|CMBSY|MSAM|MSBM|math|symbol|LMMI|LMSY|wingding|dingbat", re.IGNORECASE)
_FIXED_PITCH, _ITALIC_FLAG, _FORCE_BOLD = 1, 1 << 6, 1 << 18
_BOLD_WEIGHT = 600
_NAME_BYTES = 128
_SMALLER = 0.82
_RAISED = 0.12
_LOWERED = 0.06
_REACH = 0.75
_LONGEST_SCRIPT = 16
_UNIT = 2.0


class _Font(NamedTuple):
    """What a font's name and flags say."""

    emphasis: bool = False
    monospaced: bool = False


class _Piece(NamedTuple):
    """An object of text: pdfium's handle, its font, and its size as set, before the page scales it."""

    drawn: int
    font: _Font
    size: float


_Segment = tuple[int, int, _Piece]
"""A stretch of a page's characters, half open, and the object that draws it."""

_PLAIN = _Font()


class PageStyles:
    """Marks lines and cells of one page; ``text`` has one character for each of pdfium's."""

    def __init__(self, textpage: Any, text: str) -> None:
        self._handle = calls.address(textpage)
        self._text = text
        self._pieces: dict[int, _Piece] = {}
        self._fonts: dict[int | None, _Font] = {}
        self._size = ctypes.c_float()
        self._size_at = ctypes.addressof(self._size)
        self._name = ctypes.create_string_buffer(_NAME_BYTES)

    def apply(self, lines: list[Line]) -> None:
        """Set ``marks`` and ``monospaced`` of each line that is a piece of the page's text."""
        plain = emphasised = 0
        for line in lines:
            if line.rows:
                continue
            found = self._segments(line.start, line.end)
            bold = sum(end - start for start, end, piece in found if piece.font.emphasis)
            emphasised += bold
            plain += len(line.text) - bold
            # Scripts of one width, such as Chinese, have fonts of one width that mean nothing.
            line.monospaced = (
                bool(found) and line.text.isascii() and all(piece.font.monospaced for _, _, piece in found)
            )
            if len(found) > 1 or bold:
                line.marks = self._line_marks(line, found)
        if emphasised > plain:
            # Where most is bold or italic, that is the page's style and not an emphasis.
            for line in lines:
                line.marks = tuple(mark for mark in line.marks if mark[2] != MarkKind.EMPHASIS)

    def scripts(self, start: int, end: int) -> dict[int, MarkKind]:
        """Return which characters of a range are raised or lowered."""
        found = self._segments(start, end)
        return {index: kind for begin, stop, kind in _scripts(found) for index in range(begin, stop)}

    def _line_marks(self, line: Line, found: list[_Segment]) -> tuple[LineMark, ...]:
        scripts = _scripts(found)
        raised = {start for start, _, _ in scripts}
        marks = list(scripts)
        for start, end, piece in found:
            if start in raised or piece.font is _PLAIN:
                continue
            if piece.font.emphasis:
                marks.append((start, end, MarkKind.EMPHASIS))
            elif piece.font.monospaced and not line.monospaced and self._text[start:end].isascii():
                marks.append((start, end, MarkKind.CODE))
        if not marks:
            return ()
        drawn = self._text[line.start : line.end]
        offsets: Sequence[int] = range(len(drawn) + 1) if drawn == line.text else _offsets(drawn, line.text)
        return _joined(
            line.text,
            [
                (offsets[start - line.start], offsets[end - line.start], kind.value)
                for start, end, kind in sorted(marks)
            ],
        )

    def _segments(self, start: int, end: int) -> list[_Segment]:
        """Return the stretches of a range that were drawn at once, with what they are made of."""
        handle, object_of, known = self._handle, calls.text_object, self._pieces
        segments: list[_Segment] = []
        position = start
        while position < end:
            drawn = object_of(handle, position)
            if drawn is None:  # a space that pdfium adds
                position += 1
                continue
            stop = end if object_of(handle, end - 1) == drawn else self._stop(drawn, position, end - 1)
            segments.append((position, stop, known.get(drawn) or self._piece(drawn)))
            position = stop
        return segments

    def _stop(self, drawn: int, low: int, high: int) -> int:
        """Return where the characters of an object end that begins at ``low`` and not reaches ``high``.

        Steps are doubled first: where a line is made of many objects, most of them are short.
        """
        handle, object_of = self._handle, calls.text_object
        step = 1
        while low + step < high:
            if object_of(handle, low + step) != drawn:
                high = low + step
                break
            low += step
            step += step
        while high - low > 1:
            middle = (low + high) // 2
            if object_of(handle, middle) == drawn:
                low = middle
            else:
                high = middle
        return low + 1

    def _piece(self, drawn: int) -> _Piece:
        calls.text_size(drawn, self._size_at)
        found = self._pieces[drawn] = _Piece(drawn, self._font(drawn), self._size.value)
        return found

    def _font(self, drawn: int) -> _Font:
        font = calls.text_font(drawn)
        if font not in self._fonts:
            self._fonts[font] = self._described(font) if font else _PLAIN
        return self._fonts[font]

    def _described(self, font: int) -> _Font:
        length = calls.font_name(font, ctypes.addressof(self._name), _NAME_BYTES)
        name = self._name.raw[: max(length - 1, 0)] if length <= _NAME_BYTES else b""
        flags = max(calls.font_flags(font), 0)
        if _MATHEMATICAL.search(name):
            return _PLAIN
        bold = bool(flags & _FORCE_BOLD) or _BOLD.search(name) is not None or calls.font_weight(font) >= _BOLD_WEIGHT
        italic = bool(flags & _ITALIC_FLAG) or _ITALIC.search(name) is not None
        monospaced = bool(flags & _FIXED_PITCH) or _MONOSPACED.search(name) is not None
        return _Font(bold or italic, monospaced) if bold or italic or monospaced else _PLAIN


def _scripts(found: list[_Segment]) -> list[tuple[int, int, MarkKind]]:
    """Return the raised and lowered stretches of a line: smaller than most of it, above or below its baseline."""
    if len(found) < 2:
        return []
    sizes = {piece.size for _, _, piece in found}
    # Sizes are compared as they are set; some programs set all text in one unit and scale it.
    if len(sizes) == 1 and max(sizes) > _UNIT:
        return []
    standing = [(start, end, *_standing(piece)) for start, end, piece in found]
    lengths: Counter[tuple[float, float]] = Counter()
    for start, end, size, baseline in standing:
        lengths[round(size, 1), round(baseline, 1)] += end - start
    size, baseline = max(lengths, key=lambda key: (lengths[key] * key[0], key[0]))
    scripts = []
    for start, end, own_size, own_baseline in standing:
        offset = own_baseline - baseline
        if end - start > _LONGEST_SCRIPT or abs(offset) > _REACH * size or own_size > _SMALLER * size:
            continue
        if offset >= _RAISED * size:
            scripts.append((start, end, MarkKind.SUPERSCRIPT))
        elif offset <= -_LOWERED * size:
            scripts.append((start, end, MarkKind.SUBSCRIPT))
    return scripts


def _standing(piece: _Piece) -> tuple[float, float]:
    """Return the size of a piece in points, and how high its baseline stands along the upright of its letters."""
    _, _, c, d, e, f = matrix_of(piece.drawn)
    stretch = math.hypot(c, d) or 1.0
    return piece.size * stretch, (e * c + f * d) / stretch


def _offsets(drawn: str, stored: str) -> list[int]:
    """Return where each character of a drawn line stands in its stored text, which leaves some out."""
    offsets = []
    position = 0
    for char in drawn:
        offsets.append(position)
        if position < len(stored) and (stored[position] == char or not char.isprintable()):
            position += stored[position] == char
    return [*offsets, len(stored)]


def _joined(text: str, marks: Sequence[LineMark]) -> tuple[LineMark, ...]:
    """Return marks of a text in order, those of one kind with nothing but blanks between them as one."""
    placed: list[LineMark] = []
    for begin, stop, kind in marks:
        last = placed[-1] if placed else None
        if last is not None and last[2] == kind and not text[last[1] : begin].strip():
            placed[-1] = (last[0], stop, kind)
        elif begin < stop:
            placed.append((begin, stop, kind))
    return tuple(placed)

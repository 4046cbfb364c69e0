"""Where the characters of a span of stored text stand on their page, as boxes for a highlight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2.raw as pdfium

from documents_app.domain.alignment import align
from documents_app.extraction.ocr import RecognisedWord
from documents_app.extraction.pdf import calls
from documents_app.extraction.pdf.annotations import page_annotations
from documents_app.extraction.pdf.display import Box, displayed
from documents_app.extraction.pdf.opening import opened_page

_LEVEL = 0.5
_NEAR = 1.5


@dataclass(frozen=True, slots=True)
class PageBoxes:
    """The size of a page as displayed, in points, and boxes in fractions of it, one for each piece of a line."""

    width: float
    height: float
    boxes: tuple[Box, ...]


def span_boxes(
    source: bytes | Path, page: int, stored: str, start: int, end: int, words: Sequence[RecognisedWord] = ()
) -> PageBoxes:
    """Return the boxes of ``stored[start:end]``, where ``stored`` is the stored text of the page (numbers from 1).

    A character of a form field or note has the box of that, one of ``words``, which were recognised in the page's
    picture, that of its word. Other characters that are not drawn as text have none. Raises PageNotFound,
    EncryptedFile or CorruptFile.
    """
    with opened_page(source, page, forms=True) as opened:
        width, height = opened.get_width(), opened.get_height()
        textpage = pdfium.FPDFText_LoadPage(opened)
        if not textpage:
            return PageBoxes(width, height, ())
        try:
            reader = _BoxReader(opened, textpage, width, height)
            reader.recognised(words)
            indexes = [index for index in align(stored, reader.characters)[start:end] if index >= 0]
            sideways = bool(indexes) and reader.is_sideways(indexes[0])
            boxes = joined([box for index in indexes if (box := reader.box(index))], sideways=sideways)
        finally:
            pdfium.FPDFText_ClosePage(textpage)
    return PageBoxes(width, height, tuple(found for box in boxes if (found := _fractions(box, width, height))))


def _characters(textpage: Any) -> list[str]:
    unicode_at = pdfium.FPDFText_GetUnicode
    count = max(pdfium.FPDFText_CountChars(textpage), 0)
    codes = (unicode_at(textpage, index) for index in range(count))
    return [chr(code) if 0 < code < 0x110000 else "\x01" for code in codes]


class _BoxReader:
    """The characters of a page, drawn ones before those of fields and notes, and their boxes as displayed."""

    def __init__(self, page: Any, textpage: Any, width: float, height: float) -> None:
        self._page = page
        self._textpage = textpage
        self._size = (width, height)
        self._handle = calls.address(textpage)
        self._rect = pdfium.FS_RECTF()
        self._at = calls.address(self._rect)
        self.characters = _characters(textpage)
        self._drawn = len(self.characters)
        self._written: list[Box] = []
        for written in page_annotations(page, page.formenv).written:
            self._add(written.text, displayed(page, *written.box))

    def recognised(self, words: Sequence[RecognisedWord]) -> None:
        """Take words that are no text of the page."""
        for word, *box in words:
            self._add(word, (box[0], box[1], box[2], box[3]))

    def _add(self, text: str, box: Box) -> None:
        self.characters += [*text, "\n"]
        self._written += [box] * (len(text) + 1)

    def is_sideways(self, index: int) -> bool:
        """Whether the line of a character runs up or down the page as displayed."""
        if index >= self._drawn:
            return False
        angle = pdfium.FPDFText_GetCharAngle(self._textpage, index)
        turns = round(angle / (math.pi / 2)) + pdfium.FPDFPage_GetRotation(self._page)
        return bool(turns % 2)

    def box(self, index: int) -> Box | None:
        """Return the box of a character, as high as its line; None for one without extent."""
        width, height = self._size
        if index >= self._drawn:
            x0, y0, x1, y1 = self._written[index - self._drawn]
        else:
            rect = self._rect
            if not calls.loose_box(self._handle, index, self._at) or rect.right <= rect.left or rect.top <= rect.bottom:
                return None
            x0, y0, x1, y1 = displayed(self._page, rect.left, rect.bottom, rect.right, rect.top)
        return (x0 * width, y0 * height, x1 * width, y1 * height) if x1 > x0 and y1 > y0 else None


def joined(boxes: list[Box], *, sideways: bool) -> list[Box]:
    """Return boxes in which neighbours of one line are one; lines run down the page if ``sideways``."""
    if sideways:
        return [_turned(box) for box in joined([_turned(box) for box in boxes], sideways=False)]
    result: list[Box] = []
    for box in boxes:
        last = result[-1] if result else None
        if last is not None and _is_beside(last, box):
            result[-1] = min(last[0], box[0]), min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3])
        else:
            result.append(box)
    return result


def _turned(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]


def _is_beside(last: Box, box: Box) -> bool:
    height = min(last[3] - last[1], box[3] - box[1])
    level = min(last[3], box[3]) - max(last[1], box[1]) >= _LEVEL * height
    reach = _NEAR * max(last[3] - last[1], box[3] - box[1])
    return level and box[0] - last[2] <= reach and last[0] - box[2] <= reach


def _fractions(box: Box, width: float, height: float) -> Box | None:
    x0, y0 = max(box[0] / width, 0.0), max(box[1] / height, 0.0)
    x1, y1 = min(box[2] / width, 1.0), min(box[3] / height, 1.0)
    return (round(x0, 5), round(y0, 5), round(x1, 5), round(y1, 5)) if x1 > x0 and y1 > y0 else None

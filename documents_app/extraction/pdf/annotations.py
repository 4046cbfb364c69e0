"""What people wrote on a page: values of form fields and free-text annotations; pdfium's page text has neither."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from documents_app.domain.normalise import clean
from documents_app.extraction.pdf.lines import Line, PageGeometry

_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD_FIELD = 1 << 13
_MAX_ANNOTATIONS = 5_000
_MAX_CHARS = 100_000
_SIZE = 10.0
_LINE_PITCH = 1.2
_BOXES = {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}
_TEXTS = {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
_COMMENTS = {pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE}
_OFF = "Off"
CHECKED, UNCHECKED = "☑", "☐"


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text written on a page and its box in page space: left, bottom, right, top."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Annotations:
    """What is written on a page, and how many comments it has that are not part of what it shows."""

    written: list[WrittenText]
    comments: int = 0
    fields: int = 0


def page_annotations(page: Any, forms: Any) -> Annotations:
    """Return what is written on a page; ``forms`` is pdfium's form environment, None for a file without fields."""
    written: list[WrittenText] = []
    comments = fields = 0
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            fields += kind == pdfium.FPDF_ANNOT_WIDGET
            if pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
                continue
            if kind in _COMMENTS:
                comments += bool(_string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents"))
            text = _text(annotation, kind, forms)
            if text:
                written.append(WrittenText(text, _box(annotation)))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return Annotations(written, comments, fields)


def _text(annotation: Any, kind: int, forms: Any) -> str:
    if kind == pdfium.FPDF_ANNOT_FREETEXT:
        return _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
    if kind != pdfium.FPDF_ANNOT_WIDGET or not forms:
        return ""
    field = pdfium.FPDFAnnot_GetFormFieldType(forms, annotation)
    if field in _BOXES:
        state = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"AS")  # its appearance as it is shown
        return UNCHECKED if state in ("", _OFF) else CHECKED
    if field not in _TEXTS or pdfium.FPDFAnnot_GetFormFieldFlags(forms, annotation) & _PASSWORD_FIELD:
        return ""
    return _string(pdfium.FPDFAnnot_GetFormFieldValue, forms, annotation)


def _string(function: Any, *arguments: Any) -> str:
    size = function(*arguments, None, 0)
    if not 2 < size <= 2 * _MAX_CHARS:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(*arguments, buffer, size)
    return clean(bytes(buffer)[: size - 2].decode("utf-16-le", "replace")).strip()


def _box(annotation: Any) -> tuple[float, float, float, float]:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, rect)
    return (
        min(rect.left, rect.right),
        min(rect.bottom, rect.top),
        max(rect.left, rect.right),
        max(rect.bottom, rect.top),
    )


def with_written(lines: list[Line], written: list[WrittenText], geometry: PageGeometry) -> list[Line]:
    """Return the lines with what is written put in: after the line it stands beside, or below the last one above."""
    result = list(lines)
    for text in written:
        for line in _lines(text, geometry):
            result.insert(_place(result, line), line)
    return result


def _lines(written: WrittenText, geometry: PageGeometry) -> Iterator[Line]:
    left, bottom, right, top = written.box
    x0, y0, x1, y1 = geometry.box(left, top, right, bottom)
    pieces = [piece.strip() for piece in written.text.split("\n") if piece.strip()]
    size = min(_SIZE, (y1 - y0) / (_LINE_PITCH * len(pieces))) if y1 > y0 else _SIZE
    middle = len(pieces) == 1
    for number, piece in enumerate(pieces):
        upper = (y0 + y1 - size) / 2 if middle else y0 + number * _LINE_PITCH * size
        width = min(x1 - x0, 0.6 * size * len(piece))
        yield Line(piece, x0, upper, x0 + width, upper + size, size)


def _place(lines: list[Line], line: Line) -> int:
    """Return where in the content order a line belongs: behind its label, else in front of what stands below it."""
    beside = above = -1
    for index, other in enumerate(lines):
        level = min(other.bottom, line.bottom) - max(other.top, line.top) > 0.3 * min(other.height, line.height)
        if level and other.x0 <= line.x0:
            if beside < 0 or other.x0 >= lines[beside].x0:
                beside = index
        elif not level and other.bottom <= line.bottom:
            above = index
    return (beside if beside >= 0 else above) + 1

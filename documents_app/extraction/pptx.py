"""Presentations: one page per slide, title as heading, text in reading order, tables, speaker notes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction import archive
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits

_MAX_DEPTH = 10
_ROW_HEIGHT = 300_000  # EMU (0.33 inch): shapes whose tops differ by less stand in one row
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def extract_pptx(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a presentation; raises NoPages if it has no slides."""
    archive.check(source, limits)
    from lxml import etree
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    try:
        presentation = Presentation(BytesIO(source) if isinstance(source, bytes) else str(source))
        count = len(presentation.slides)
        if not count:
            raise NoPages
        if count > limits.max_pages:
            raise TooManyPages(pages=count, limit=limits.max_pages)
        builder = TextBuilder(limits)
        for place, slide in enumerate(presentation.slides):
            if place:
                builder.end_page()
            _write_slide(slide, builder)
        title = presentation.core_properties.title or builder.first_heading
    except (PythonPptxError, etree.XMLSyntaxError, *archive.UNREADABLE, KeyError, AttributeError, TypeError) as error:
        raise CorruptFile(reason="its parts do not make up a presentation") from error
    return builder.build({"title": title[:1000]} if title else {}, blank_last_page=True)


def _write_slide(slide: Any, builder: TextBuilder) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        builder.heading(1, title.text_frame.text)
    for shape in _in_order(slide.shapes, 0):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            _write_paragraphs(shape.text_frame, builder)
        elif getattr(shape, "has_table", False):
            builder.table([[cell.text for cell in row.cells] for row in shape.table.rows])
    if slide.has_notes_slide:
        frame = slide.notes_slide.notes_text_frame
        if frame is not None:
            builder.block(BlockKind.PARAGRAPH, frame.text)


def _in_order(shapes: Any, depth: int) -> Iterator[Any]:
    """Yield shapes from the top left to the bottom right, groups unfolded."""
    placed = [(((shape.top or 0) // _ROW_HEIGHT, shape.left or 0), shape) for shape in shapes]
    for _, shape in sorted(placed, key=lambda entry: entry[0]):
        if hasattr(shape, "shapes") and depth < _MAX_DEPTH:
            yield from _in_order(shape.shapes, depth + 1)
        else:
            yield shape


def _write_paragraphs(frame: Any, builder: TextBuilder) -> None:
    several = sum(1 for paragraph in frame.paragraphs if paragraph.text.strip()) > 1
    first = True
    for paragraph in frame.paragraphs:
        text = " ".join(paragraph.text.replace("\v", "\n").split())
        if not text:
            continue
        listed = several and not _has_no_bullet(paragraph)
        if listed:
            builder.block(BlockKind.LIST_ITEM, f"- {text}", level=paragraph.level + 1, tight=not first)
        else:
            builder.block(BlockKind.PARAGRAPH, text)
        first = False


def _has_no_bullet(paragraph: Any) -> bool:
    properties = paragraph._p.find(f"{_A}pPr")
    return properties is not None and properties.find(f"{_A}buNone") is not None

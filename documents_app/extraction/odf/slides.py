"""OpenDocument presentations and drawings (ODP, ODG): one page a slide, text in reading order, notes last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction.inline import Run
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.odf.package import DRAW, OFFICE, PRESENTATION, SVG, opened
from documents_app.extraction.odf.writer import Writer

_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt)?")
_IN_CM = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72}
_ROW_HEIGHT = 0.85  # cm: frames whose tops differ by less stand in one row
_PAGE_PARTS = frozenset({"footer", "header", "date-time", "page-number"})
_MAX_DEPTH = 20


def extract_odp(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a presentation or drawing; raises NoPages if it has no slides."""
    with opened(source, limits) as document:
        body = document.content.find(f"{OFFICE}body")
        slides = list(body.iter(f"{DRAW}page")) if body is not None else []
        if not slides:
            raise NoPages
        if len(slides) > limits.max_pages:
            raise TooManyPages(pages=len(slides), limit=limits.max_pages)
        writer = Writer(document, limits)
        for place, slide in enumerate(slides):
            if place:
                writer.end_page()
            _write_slide(slide, writer)
        properties = document.properties()
        title = properties.get("title") or writer.builder.first_heading
        metadata = {**properties, **({"title": title[:1000]} if title else {})}
        return writer.build(metadata=metadata, blank_last_page=True)


def _write_slide(slide: Any, writer: Writer) -> None:
    frames = _in_order(slide, 0)
    title = next((frame for frame in frames if _class(frame) == "title"), None)
    for frame in [*([title] if title is not None else []), *(frame for frame in frames if frame is not title)]:
        role = _class(frame)
        if role == "title":
            runs: list[str | Run] = writer.line(frame, 0)
            writer.builder.heading(1, runs)
        elif role in _PAGE_PARTS:
            writer.builder.block(BlockKind.FURNITURE, writer.line(frame, 0))
        else:
            writer.frame(frame, 0)
    for notes in slide.findall(f"{PRESENTATION}notes"):
        for frame in notes.iter(f"{DRAW}frame"):
            if _class(frame) == "notes":
                writer.frame(frame, 0)


def _in_order(parent: Any, depth: int) -> list[Any]:
    """Return frames and shapes from the top left to the bottom right, groups unfolded."""
    placed = []
    for child in parent:
        if not isinstance(child.tag, str) or not child.tag.startswith(DRAW) or child.tag == f"{DRAW}page-thumbnail":
            continue
        inner = _in_order(child, depth + 1) if child.tag == f"{DRAW}g" and depth < _MAX_DEPTH else [child]
        if inner:
            top, left = min(map(_place, inner)) if len(inner) > 1 else _place(inner[0])
            placed.append(((top // _ROW_HEIGHT, left), inner))
    return [frame for _, inner in sorted(placed, key=lambda entry: entry[0]) for frame in inner]


def _place(frame: Any) -> tuple[float, float]:
    return _length(frame.get(f"{SVG}y")), _length(frame.get(f"{SVG}x"))


def _length(value: str | None) -> float:
    found = _LENGTH.fullmatch(value or "")
    try:
        return float(found[1]) * _IN_CM.get(found[2] or "cm", 1.0) if found else 0.0
    except ValueError:
        return 0.0


def _class(frame: Any) -> str:
    return frame.get(f"{PRESENTATION}class") or ""

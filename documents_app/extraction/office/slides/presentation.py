"""Presentations: one page a slide, its title as heading, text in reading order, tables, diagrams, speaker notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, NoPages, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import Cell, TextBuilder
from documents_app.extraction.embedded_pictures import EmbeddedFigures
from documents_app.extraction.inline import Inline, Run
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.notes import SHAPES_TOO_DEEP
from documents_app.extraction.office.names import A, P, R, whole
from documents_app.extraction.office.objects import ObjectWriter, drawn_objects
from documents_app.extraction.office.package import Package, opened
from documents_app.extraction.office.slides.shapes import Layouts, SlideShapes, placeholder
from documents_app.extraction.office.slides.text import paragraphs


def extract_pptx(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a presentation, show or template; raises NoPages if it has no slides."""
    with opened(source, limits) as package:
        slides = _slides(package)
        if not slides:
            raise NoPages
        if len(slides) > limits.max_pages:
            raise TooManyPages(pages=len(slides), limit=limits.max_pages)
        builder = TextBuilder(limits)
        figures = EmbeddedFigures(builder, limits)
        objects, layouts = ObjectWriter(package, builder, figures), Layouts(package)
        for place, part in enumerate(slides):
            if place:
                builder.end_page()
            _Slide(package, part, builder, objects).write(layouts)
        properties = package.properties()
        title = properties.get("title") or builder.first_heading
        metadata = {**properties, **({"title": title[:1000]} if title else {})}
        return builder.build(metadata, figures=figures.found, blank_last_page=True)


def _slides(package: Package) -> list[str]:
    """Return the parts of the slides in their order; raises CorruptFile if one is listed and missing."""
    main = package.main_part("ppt/presentation.xml")
    slides = [package.target(main, entry.get(f"{R}id")) for entry in package.xml(main).iter(f"{P}sldId")]
    if None in slides:
        raise CorruptFile(reason="a slide is listed and not in the file")
    return [part for part in slides if part is not None]


class _Slide:
    def __init__(self, package: Package, part: str, builder: TextBuilder, objects: ObjectWriter) -> None:
        self._package = package
        self._part = part
        self._builder = builder
        self._objects = objects

    def write(self, layouts: Layouts) -> None:
        """Write the slide and what its speaker has noted."""
        shapes = SlideShapes(self._package, self._part, self._package.xml(self._part), layouts)
        for shape in shapes.in_order():
            self._shape(shape)
        if shapes.too_deep:
            self._builder.warn("nested_too_deeply", SHAPES_TOO_DEEP, self._builder.page)
        for name in self._package.related(self._part, "notesSlide"):
            self._notes(self._package.optional_xml(name))

    def _shape(self, shape: Any) -> None:
        filled = placeholder(shape)
        body = shape.find(f"{P}txBody")
        if filled.is_page_part:
            self._page_part(body)
        elif body is not None and filled.is_title:
            self._title(body)
        elif body is not None:
            self._text(body, bulleted=filled.is_body)
        table = shape.find(f"{A}graphic/{A}graphicData/{A}tbl")
        if table is not None:
            self._builder.table([self._row(row) for row in table.findall(f"{A}tr")])
            return
        for drawn in drawn_objects(shape):
            self._objects.write(drawn, self._part)

    def _title(self, body: Any) -> None:
        runs: list[str | Run] = []
        for paragraph in paragraphs(body, self._builder):
            runs += [" ", *paragraph.runs]
        self._builder.heading(1, runs)

    def _page_part(self, body: Any) -> None:
        if body is not None:
            for paragraph in paragraphs(body, self._builder):
                self._builder.block(BlockKind.FURNITURE, paragraph.runs)

    def _text(self, body: Any, *, bulleted: bool) -> None:
        after_item = False
        found = list(paragraphs(body, self._builder, bulleted=bulleted))
        for paragraph in found:
            if paragraph.formula:
                self._builder.block(BlockKind.FORMULA, "", latex=paragraph.formula)
            elif paragraph.marker and (len(found) > 1 or paragraph.marker != "-"):
                runs: list[str | Run] = [f"{paragraph.marker} ", *paragraph.runs]
                self._builder.block(BlockKind.LIST_ITEM, runs, level=paragraph.level + 1, tight=after_item)
                after_item = True
                continue
            else:
                self._builder.block(BlockKind.PARAGRAPH, paragraph.runs)
            after_item = False

    def _row(self, row: Any) -> list[Inline | Cell]:
        """Return the cells of a row; those that one before or above reaches into are left to it."""
        cells: list[Inline | Cell] = []
        for cell in row.findall(f"{A}tc"):
            if {cell.get("hMerge"), cell.get("vMerge")} & {"1", "true"}:
                continue
            runs: list[str | Run] = []
            for paragraph in paragraphs(cell, self._builder):
                marker = f"{paragraph.marker} " if paragraph.marker not in {"", "-"} else ""
                runs += [" ", marker, *paragraph.runs]
            cells.append(Cell(runs, rowspan=_span(cell, "rowSpan"), colspan=_span(cell, "gridSpan")))
        return cells

    def _notes(self, root: Any) -> None:
        for shape in root.iter(f"{P}sp") if root is not None else ():
            body = shape.find(f"{P}txBody")
            if body is not None and placeholder(shape).kind == "body":
                self._text(body, bulleted=False)


def _span(cell: Any, name: str) -> int:
    return max(whole(cell.get(name)) or 1, 1)

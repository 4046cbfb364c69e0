"""Writes the blocks of OpenDocument content: paragraphs, headings, lists, tables, frames, notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import Cell, TextBuilder
from documents_app.extraction.embedded_pictures import EmbeddedFigures
from documents_app.extraction.inline import Inline, Run, plain
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.notes import DOCUMENT_TOO_DEEP
from documents_app.extraction.odf.inline import PAGE_BREAK, OdfInlineReader, OdfParagraph, description_of, formula_of
from documents_app.extraction.odf.lists import ListCounter
from documents_app.extraction.odf.package import DRAW, OFFICE, TABLE, TEXT, XLINK, OpenDocument, number

_MAX_DEPTH = 40
_MAX_REPEATED = 1_000
_SILENT = frozenset(
    {
        f"{TEXT}tracked-changes",
        f"{TEXT}sequence-decls",
        f"{OFFICE}forms",
        f"{OFFICE}annotation",
        f"{TEXT}variable-decls",
    }
)


class Writer:
    """Writes one document in the order of its content."""

    def __init__(self, document: OpenDocument, limits: ExtractionLimits) -> None:
        self._document = document
        self.builder = builder = TextBuilder(limits)
        self.figures = EmbeddedFigures(builder, limits)
        self._inline = OdfInlineReader(document, builder)
        self._lists = ListCounter(document)
        self._code: list[list[Run]] = []
        self._notes: list[tuple[str, Any]] = []
        self._after_item = False

    def blocks(self, element: Any, depth: int = 0, kind: BlockKind | None = None) -> None:
        """Write the blocks below an element, all of one kind if ``kind`` is given."""
        if depth > _MAX_DEPTH:
            self.builder.warn("nested_too_deeply", DOCUMENT_TOO_DEEP)
            return
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or tag in _SILENT:
                continue
            if tag in {f"{TEXT}p", f"{TEXT}h"}:
                self._paragraph(child, depth, kind)
            elif tag == f"{TEXT}list":
                self._list(child, child.get(f"{TEXT}style-name") or "", 1, depth)
            elif tag == f"{TABLE}table":
                self._end_code()
                self.builder.table(self.grid(child, depth))
                self._after_item = False
            elif tag in {f"{DRAW}frame", f"{DRAW}g"} or tag.startswith(DRAW):
                self.frame(child, depth + 1)
            elif tag == f"{TEXT}table-of-content":
                self.blocks(child, depth + 1, BlockKind.FURNITURE)
            elif tag == f"{TEXT}soft-page-break":
                self.end_page()
            else:
                self.blocks(child, depth + 1, kind)

    def build(self, *, metadata: dict[str, str] | None = None, blank_last_page: bool = False) -> DocumentText:
        """Return the document with its properties, or with other metadata."""
        self.finish()
        properties = self._document.properties() if metadata is None else metadata
        return self.builder.build(properties, figures=self.figures.found, blank_last_page=blank_last_page)

    def finish(self) -> None:
        """Write what still waits: code, notes."""
        self._end_code()
        notes, self._notes = self._notes, []
        for mark, note in notes:
            body = note.find(f"{TEXT}note-body")
            self.builder.block(
                BlockKind.FOOTNOTE, [f"{mark} ", *(self.line(body, _MAX_DEPTH - 5) if body is not None else [])]
            )

    def end_page(self) -> None:
        """Close a page; its notes stand at its end."""
        self.finish()
        self.builder.end_page()

    def _paragraph(self, element: Any, depth: int, kind: BlockKind | None) -> None:
        content = self._inline.read(element)
        style = element.get(f"{TEXT}style-name")
        level = (
            number(element, f"{TEXT}outline-level")
            if element.tag == f"{TEXT}h"
            else self._document.heading_level(style)
        )
        own = kind or (BlockKind.CODE if content.is_code else self._document.paragraph_kind(style))
        if level and kind is None:
            self._end_code()
            self.builder.heading(level, _without_breaks(content.runs))
            self._after_item = False
            self._attached(content, depth)
            return
        runs: list[Run] = []
        for run in content.runs:
            if run.text == PAGE_BREAK:
                self._write(own, runs)
                runs = []
                self.end_page()
            else:
                runs.append(run)
        self._write(own, runs)
        self._attached(content, depth)

    def _write(self, kind: BlockKind, runs: list[Run]) -> None:
        if kind is BlockKind.CODE:
            self._code.append([Run(run.text, latex=run.latex) for run in runs])
            return
        if not any(run.latex or run.text.strip() for run in runs):
            return
        self._end_code()
        worded = [run for run in runs if run.latex or run.text.strip()]
        if len(worded) == 1 and worded[0].latex:
            self.builder.block(BlockKind.FORMULA, "", latex=worded[0].latex)
        else:
            self.builder.block(kind, runs)
        if kind is BlockKind.CAPTION:
            self.figures.caption(plain(runs))
        else:
            self.figures.text_follows()
        self._after_item = False

    def _end_code(self) -> None:
        if self._code:
            lines, self._code = self._code, []
            pieces: list[str | Run] = []
            for line in lines:
                pieces += ["\n", *line]
            self.builder.block(BlockKind.CODE, pieces[1:])

    def _attached(self, content: OdfParagraph, depth: int) -> None:
        self._notes += content.notes
        for frame in content.frames:
            self.frame(frame, depth + 1)

    def _list(self, element: Any, style: str, level: int, depth: int) -> None:
        self._end_code()
        if level > _MAX_DEPTH:
            return
        self._lists.begin(element, style, level)
        for item in element:
            if item.tag not in {f"{TEXT}list-item", f"{TEXT}list-header"}:
                continue
            marker = self._lists.marker(item, style, level) if item.tag == f"{TEXT}list-item" else ""
            for child in item:
                if child.tag in {f"{TEXT}p", f"{TEXT}h"}:
                    self._item(child, marker, level, depth)
                    marker = ""
                elif child.tag == f"{TEXT}list":
                    self._list(child, child.get(f"{TEXT}style-name") or style, level + 1, depth + 1)

    def _item(self, element: Any, marker: str, level: int, depth: int) -> None:
        content = self._inline.read(element)
        runs: list[str | Run] = [f"{marker} "] if marker else []
        runs += _without_breaks(content.runs)
        if element.tag == f"{TEXT}h":
            self.builder.heading(number(element, f"{TEXT}outline-level"), runs)
        elif plain(content.runs):
            self.builder.block(BlockKind.LIST_ITEM, runs, level=level, tight=self._after_item)
        self._after_item = element.tag != f"{TEXT}h"
        self._attached(content, depth)

    def frame(self, frame: Any, depth: int) -> None:
        """Write what a frame, group or shape holds."""
        if depth > _MAX_DEPTH:
            return
        self._end_code()
        formula = formula_of(frame, self._document, self.builder)
        if formula is not None:
            self.builder.block(BlockKind.FORMULA, "", latex=formula)
            return
        table = frame.find(f"{TABLE}table")
        if table is not None:
            self.builder.table(self.grid(table, depth))
            return
        reference = frame.find(f"{DRAW}object")
        words = description_of(frame) or (self._words_of(reference) if reference is not None else "")
        self.builder.block(BlockKind.FIGURE, words)
        for image in frame.findall(f"{DRAW}image"):
            self.figures.add(self._document.entry(image.get(f"{XLINK}href") or ""), words)
        self._after_item = False
        self.blocks(frame, depth + 1)

    def _words_of(self, reference: Any) -> str:
        """Return the titles of a chart or drawing that is an object of its own."""
        root = self._document.part(f"{(reference.get(f'{XLINK}href') or '').removeprefix('./')}/content.xml")
        chart = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
        titles = root.iter(f"{chart}title", f"{chart}subtitle") if root is not None else ()
        return ". ".join(" ".join("".join(title.itertext()).split()) for title in titles)

    def grid(self, table: Any, depth: int) -> Iterator[list[Inline | Cell]]:
        """Yield the rows of a table; repeated rows and cells that hold nothing are not repeated without end."""
        for row in rows_of(table):
            cells: list[Inline | Cell] = []
            for cell in row:
                if cell.tag != f"{TABLE}table-cell":
                    continue
                times = min(number(cell, f"{TABLE}number-columns-repeated"), _MAX_REPEATED)
                content = self.line(cell, depth + 1)
                rows, columns = (number(cell, f"{TABLE}number-{name}-spanned") for name in ("rows", "columns"))
                cells += [Cell(content, rowspan=rows, colspan=columns)] * times
            for _ in range(min(number(row, f"{TABLE}number-rows-repeated"), _MAX_REPEATED)):
                yield cells

    def line(self, element: Any, depth: int) -> list[str | Run]:
        """Return what stands below an element on one line."""
        written: list[str | Run] = []
        if depth > _MAX_DEPTH:
            return written
        for child in element:
            part: list[str | Run] = []
            if child.tag in {f"{TEXT}p", f"{TEXT}h"}:
                content = self._inline.read(child)
                part = [*_without_breaks(content.runs)]
                self._notes += content.notes
                for frame in content.frames:
                    words = description_of(frame)
                    part += [" ", *([words] if words else self.line(frame, depth + 1))]
            elif isinstance(child.tag, str) and child.tag not in _SILENT:
                part = self.line(child, depth + 1)
            written += [" ", *part] if written and part else part
        return written


def rows_of(table: Any) -> Iterator[Any]:
    """Yield the rows of a table itself, through its groups of rows."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in {f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"}:
            yield from rows_of(child)


def _without_breaks(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run.text != PAGE_BREAK]

"""Word documents as blocks: headings, numbered lists, tables, formulas, code, captions, notes, what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.embedded_pictures import EmbeddedFigures
from documents_app.extraction.html.parsing import parse
from documents_app.extraction.html.writing import write_html
from documents_app.extraction.inline import Inline, Run, plain
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.notes import DOCUMENT_TOO_DEEP, INNER_DOCUMENT, TABLE_TOO_DEEP
from documents_app.extraction.office.names import MC, R, W
from documents_app.extraction.office.objects import Drawn, ObjectWriter, alternative
from documents_app.extraction.office.package import Package, opened
from documents_app.extraction.office.word.inline import Break, Display, NoteReference, WordInlineReader, WordParagraph
from documents_app.extraction.office.word.lists import Lists, Marker
from documents_app.extraction.office.word.notes import Notes
from documents_app.extraction.office.word.styles import ParagraphProperties, Styles, paragraph_properties
from documents_app.extraction.office.word.tables import cells_of, grid, is_layout, rows_of

_SILENT = frozenset(f"{W}{name}" for name in ("del", "moveFrom", "sectPr", "tcPr", "sdtPr", "sdtEndPr"))
_MAX_DEPTH = 40


def extract_docx(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a Word document or template; raises CorruptFile for a package that is none."""
    with opened(source, limits) as package:
        reading = _Reading(package, limits)
        reading.read()
        return reading.builder.build(package.properties(), figures=reading.figures.found)


class _Reading:
    def __init__(self, package: Package, limits: ExtractionLimits) -> None:
        self.builder = TextBuilder(limits)
        self._package = package
        self._part = package.main_part("word/document.xml")
        self._styles = Styles(self._related("styles"))
        self._lists = Lists(self._related("numbering"))
        self._inline = WordInlineReader(self._styles, self.builder)
        self.figures = EmbeddedFigures(self.builder, limits)
        self._objects = ObjectWriter(package, self.builder, self.figures)
        self._notes = Notes(self._related("footnotes"), self._related("endnotes"))
        self._code: list[Inline] = []
        self._after_list = False

    def read(self) -> None:
        """Write the whole document; footnotes stand at the end of their page, endnotes at the end."""
        root = self._package.xml(self._part)
        body = root.find(f"{W}body")
        self._blocks(body if body is not None else root, 0)
        self._end_code()
        self._write_notes("footnotes")
        self._write_notes("endnotes")

    def _related(self, kind: str) -> Any:
        names = self._package.related(self._part, kind)
        return self._package.optional_xml(names[0]) if names else None

    def _blocks(self, element: Any, depth: int) -> None:
        """Write the blocks below an element."""
        if depth > _MAX_DEPTH:
            self.builder.warn("nested_too_deeply", DOCUMENT_TOO_DEEP)
            return
        for child in element:
            tag = child.tag
            if tag == f"{W}p":
                self._paragraph(child, depth)
            elif tag == f"{W}tbl":
                self._table(child, depth)
            elif tag == f"{MC}AlternateContent":
                branch = alternative(child)
                if branch is not None:
                    self._blocks(branch, depth + 1)
            elif tag == f"{W}altChunk":
                self._other_document(self._package.target(self._part, child.get(f"{R}id")))
            elif isinstance(tag, str) and tag not in _SILENT:
                self._blocks(child, depth + 1)

    def _other_document(self, part: str | None) -> None:
        """Write a document of another kind that Word would take in when it opens this one: web pages are read."""
        data = self._package.content(part) if part else None
        self._end_code()
        if part is not None and data and part.lower().endswith((".html", ".htm", ".xhtml")):
            write_html(parse(decode(data)[0]), self.builder)
        elif data:
            self.builder.warn(
                "embedded_object_not_read",
                INNER_DOCUMENT,
                self.builder.page,
            )

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        properties = paragraph_properties(paragraph)
        content = self._inline.read(paragraph, properties.style_id)
        level = self._level(properties)
        marker, list_level = self._marker(properties) if content.pieces else (None, 0)
        kind = BlockKind.CODE if content.is_code else self._styles.kind(properties.style_id)
        runs: list[str | Run] = []
        for piece in content.pieces:
            if isinstance(piece, Run):
                runs.append(piece)
            elif isinstance(piece, NoteReference):
                runs.append(self._notes.refer(piece.kind, piece.note_id))
            else:
                marker = self._end_run(runs, kind, level, marker, list_level)
                runs = []
                if isinstance(piece, Display):
                    self._end_code()
                    self.builder.block(BlockKind.FORMULA, "", latex=piece.latex)
                elif piece is Break.PAGE:
                    self._end_page()
        self._end_run(runs, kind, level, marker, list_level)
        self._write_drawn(content, depth)

    def _end_run(
        self, runs: Sequence[str | Run], kind: BlockKind, level: int, marker: Marker | None, list_level: int
    ) -> Marker | None:
        """Write what was collected of a paragraph; return the marker if it still waits for a word."""
        if kind is BlockKind.CODE and not level and not marker:
            self._add_code(runs)
            return marker
        if not any(run if isinstance(run, str) else run.latex or run.text.strip() for run in runs):
            return marker
        self._end_code()
        self._tell_figures(kind, runs)
        formula = _only_formula(runs)
        before = [f"{marker.text} "] if marker else []
        if level:
            self.builder.heading(level, [*before, *runs])
        elif marker:
            kind = kind if kind is not BlockKind.PARAGRAPH else BlockKind.LIST_ITEM
            self.builder.block(kind, [*before, *_trimmed(runs)], level=list_level + 1, tight=self._after_list)
        elif formula:
            self.builder.block(BlockKind.FORMULA, "", latex=formula)
        else:
            self.builder.block(kind, _trimmed(runs))
        self._after_list = marker is not None and not level
        return None

    def _tell_figures(self, kind: BlockKind, runs: Sequence[str | Run]) -> None:
        if kind is BlockKind.CAPTION:
            self.figures.caption(plain(runs))
        else:
            self.figures.text_follows()

    def _add_code(self, runs: Sequence[str | Run]) -> None:
        """Collect a paragraph of code, without marks; an empty one only between others."""
        if runs or self._code:
            self._code.append([Run(run.text) if isinstance(run, Run) and run.latex is None else run for run in runs])

    def _end_code(self) -> None:
        """Write the paragraphs of code that follow each other as one block."""
        if self._code:
            self.builder.block(BlockKind.CODE, [piece for line in self._code for piece in ("\n", *_pieces(line))][1:])
            self._code = []
            self._after_list = False

    def _end_page(self) -> None:
        self._end_code()
        self._write_notes("footnotes")
        self.builder.end_page()

    def _write_drawn(self, content: WordParagraph, depth: int) -> None:
        for drawn in content.drawn:
            self._end_code()
            if drawn.kind is Drawn.BOX:
                self._blocks(drawn.element, depth + 1)
            else:
                self._objects.write(drawn, self._part)
            self._after_list = False

    def _level(self, properties: ParagraphProperties) -> int:
        if properties.outline is not None:
            return properties.outline + 1 if 0 <= properties.outline < 9 else 0
        return self._styles.heading_level(properties.style_id)

    def _marker(self, properties: ParagraphProperties) -> tuple[Marker | None, int]:
        """Count a paragraph in its list, its own or its style's; return its marker and level (from 0)."""
        number, level = self._styles.list_place(properties.style_id)
        number = number if properties.number is None else properties.number
        level = level if properties.list_level is None else properties.list_level
        return (self._lists.marker(number, level) if number else None), level

    def _is_heading(self, paragraph: Any) -> bool:
        return self._level(paragraph_properties(paragraph)) > 0

    def _table(self, table: Any, depth: int) -> None:
        self._end_code()
        self._after_list = False
        if is_layout(table, self._is_heading):
            for row in rows_of(table):
                for cell in cells_of(row):
                    self._blocks(cell, depth + 1)
        else:
            self.builder.table(grid(table, lambda cell: self._cell(cell, depth + 1)))

    def _cell(self, element: Any, depth: int) -> list[str | Run]:
        """Return what stands in a cell (or in a text box of it) on one line; a table in it is written once, row by row."""
        written: list[str | Run] = []
        if depth > _MAX_DEPTH:
            self.builder.warn("nested_too_deeply", TABLE_TOO_DEEP, self.builder.page)
            return written
        for child in element:
            if child.tag == f"{W}p":
                part = self._cell_paragraph(child, depth)
            elif child.tag == f"{W}tbl":
                part = self._inner_table(child, depth)
            elif isinstance(child.tag, str) and child.tag not in _SILENT:
                part = self._cell(child, depth + 1)
            else:
                continue
            written += [" ", *part] if written and part else part
        return written

    def _cell_paragraph(self, paragraph: Any, depth: int, reader: WordInlineReader | None = None) -> list[str | Run]:
        properties = paragraph_properties(paragraph)
        content = (reader or self._inline).read(paragraph, properties.style_id)
        marker, _ = self._marker(properties) if content.pieces else (None, 0)
        written: list[str | Run] = [f"{marker.text} "] if marker and not marker.is_bullet else []
        for piece in content.pieces:
            if isinstance(piece, NoteReference):
                written.append(self._notes.refer(piece.kind, piece.note_id))
            elif isinstance(piece, Display):
                written.append(Run("", latex=piece.latex))
            else:
                written.append(" " if isinstance(piece, Break) else piece)
        for drawn in content.drawn:
            if drawn.kind is Drawn.BOX:
                written += [" ", *self._cell(drawn.element, depth + 1)]
            elif drawn.alt and drawn.kind is not Drawn.OBJECT:
                written += [" ", drawn.alt]
            if drawn.kind is Drawn.PICTURE:
                self._objects.keep_picture(drawn, self._part)
        return written

    def _inner_table(self, table: Any, depth: int) -> list[str | Run]:
        written: list[str | Run] = []
        for row in rows_of(table):
            cells = [part for cell in cells_of(row) if plain(part := self._cell(cell, depth + 1))]
            line = [piece for cell in cells for piece in (", ", *cell)][1:]
            written += ["; ", *line] if written and line else line
        return written

    def _write_notes(self, kind: str) -> None:
        reader = WordInlineReader(self._styles, self.builder)
        for mark, note in self._notes.take(kind):
            runs: list[str | Run] = []
            for paragraph in note.iter(f"{W}p"):
                runs += [" ", *self._cell_paragraph(paragraph, _MAX_DEPTH - 2, reader)]
            self.builder.block(BlockKind.FOOTNOTE, [mark, *runs])


def _pieces(line: Inline) -> Iterable[str | Run]:
    return [line] if isinstance(line, (str, Run)) else line


def _trimmed(runs: Sequence[str | Run]) -> Sequence[str | Run]:
    """Return runs without white space in front."""
    for at, run in enumerate(runs):
        text = run if isinstance(run, str) else run.text
        if text.strip() or (isinstance(run, Run) and run.latex):
            cut = text.lstrip()
            first = cut if isinstance(run, str) else Run(cut, run.marks, run.latex)
            return [first, *runs[at + 1 :]]
    return runs


def _only_formula(runs: Sequence[str | Run]) -> str | None:
    """Return the LaTeX of a paragraph that is one formula and nothing else."""
    worded = [run for run in runs if (run if isinstance(run, str) else run.latex or run.text).strip()]
    return worded[0].latex if len(worded) == 1 and isinstance(worded[0], Run) else None

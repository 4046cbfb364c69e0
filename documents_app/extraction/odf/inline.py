"""What stands in a paragraph of an OpenDocument text: runs, formulas, notes, frames anchored in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from documents_app.domain.blocks import MarkKind
from documents_app.extraction import mathml
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.formulas import written_or_flat
from documents_app.extraction.inline import Run
from documents_app.extraction.notes import PARAGRAPH_TOO_DEEP
from documents_app.extraction.odf.package import DRAW, MATH, SVG, TEXT, XLINK, OpenDocument, TextStyle, number
from documents_app.extraction.office.symbols import is_symbol_font, plain_text
from documents_app.extraction.style_names import is_monospaced

_MAX_DEPTH = 100
_MAX_SPACES = 200
_SILENT = frozenset(
    f"{TEXT}{name}"
    for name in ("tracked-changes", "bookmark", "bookmark-start", "bookmark-end", "reference-mark", "change")
) | {"{urn:oasis:names:tc:opendocument:xmlns:office:1.0}annotation"}
PAGE_BREAK = "\f"


@dataclass(slots=True)
class OdfParagraph:
    """A paragraph: its runs (a page break is a run of a form feed), and the frames and notes in it."""

    runs: list[Run] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    notes: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def is_code(self) -> bool:
        """Whether every word is set in letters of one width."""
        worded = [run for run in self.runs if run.text.strip() or run.latex]
        return bool(worded) and all(MarkKind.CODE in run.marks for run in worded)


class OdfInlineReader:
    """Reads the paragraphs of one document."""

    def __init__(self, document: OpenDocument, builder: TextBuilder) -> None:
        self._document = document
        self._builder = builder

    def read(self, paragraph: Any) -> OdfParagraph:
        """Return the visible content of a paragraph or heading."""
        content = OdfParagraph()
        base = self._document.text_style("paragraph", paragraph.get(f"{TEXT}style-name"))
        self._walk(paragraph, content, base, frozenset(), 0)
        return content

    def _walk(
        self, element: Any, content: OdfParagraph, style: TextStyle, marks: frozenset[MarkKind], depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            self._builder.warn("nested_too_deeply", PARAGRAPH_TOO_DEEP)
            return
        self._text(element.text, content, style, marks)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _SILENT:
                self._child(child, content, style, marks, depth)
            self._text(child.tail, content, style, marks)

    def _child(
        self, child: Any, content: OdfParagraph, style: TextStyle, marks: frozenset[MarkKind], depth: int
    ) -> None:
        tag = child.tag
        if tag == f"{TEXT}s":
            self._text(" " * min(number(child, f"{TEXT}c"), _MAX_SPACES), content, style, marks)
        elif tag in {f"{TEXT}tab", f"{TEXT}line-break"}:
            self._text(" " if tag == f"{TEXT}tab" else "\n", content, style, marks)
        elif tag == f"{TEXT}soft-page-break":
            content.runs.append(Run(PAGE_BREAK))
        elif tag == f"{TEXT}note":
            mark = _mark_of(child)
            content.runs.append(Run(mark))
            content.notes.append((mark, child))
        elif tag in {f"{DRAW}frame", f"{DRAW}g", f"{DRAW}custom-shape"}:
            self._frame(child, content)
        elif tag == f"{TEXT}ruby":
            self._walk(child, content, style, marks, depth + 1)
        elif tag == f"{TEXT}ruby-text":
            reading = "".join(child.itertext()).strip()
            self._text(f"({reading})" if reading else "", content, style, marks)
        elif tag == f"{TEXT}a":
            self._walk(child, content, style, marks | {MarkKind.LINK}, depth + 1)
        elif tag == f"{TEXT}span":
            named = self._document.text_style("text", child.get(f"{TEXT}style-name"))
            strong = {MarkKind.EMPHASIS} if named.strong else set()
            self._walk(child, content, _over(named, style), marks | strong, depth + 1)
        else:
            self._walk(child, content, style, marks, depth + 1)

    def _frame(self, frame: Any, content: OdfParagraph) -> None:
        """A formula is part of the sentence; whatever else is in a frame stands after the paragraph."""
        formula = formula_of(frame, self._document, self._builder)
        if formula is not None:
            content.runs.append(Run("", latex=formula))
        else:
            content.frames.append(frame)

    def _text(self, text: str | None, content: OdfParagraph, style: TextStyle, marks: frozenset[MarkKind]) -> None:
        if not text or style.hidden:
            return
        own = set(marks)
        if style.script:
            own.add(style.script)
        if is_monospaced(style.font):
            own.add(MarkKind.CODE)
        written = plain_text(text, style.font) if is_symbol_font(style.font) else text
        content.runs.append(Run(written.replace("\f", " "), frozenset(own)))


def formula_of(frame: Any, document: OpenDocument, builder: TextBuilder) -> str | None:
    """Return the LaTeX of a frame that holds a formula, or None."""
    reference = frame.find(f"{DRAW}object")
    if reference is None:
        return None
    math = reference.find(f"{MATH}math")
    if math is None:
        root = document.part(f"{(reference.get(f'{XLINK}href') or '').removeprefix('./')}/content.xml")
        math = root if root is not None and root.tag == f"{MATH}math" else None
    return written_or_flat(mathml, math, builder) if math is not None else None


def _mark_of(note: Any) -> str:
    """Return the mark of a note in the text: its number in square brackets."""
    written = "".join(note.find(f"{TEXT}note-citation").itertext()) if len(note) else ""
    return f"[{' '.join(written.split())}]"


def description_of(frame: Any) -> str:
    """Return what an author wrote to describe a frame."""
    words = (frame.findtext(f"{SVG}desc") or frame.findtext(f"{SVG}title") or "").split()
    return " ".join(words)


def _over(style: TextStyle, base: TextStyle) -> TextStyle:
    return TextStyle(
        style.script or base.script,
        style.strong,
        base.hidden if style.hidden is None else style.hidden,
        style.font or base.font,
    )

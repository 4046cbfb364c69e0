"""What stands in a paragraph of a Word document: runs with their marks, formulas, page breaks, notes, drawn things."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.inline import Run
from documents_app.extraction.notes import PARAGRAPH_TOO_DEEP, SYMBOL, SYMBOL_OF
from documents_app.extraction.office.names import MC, M, W, is_on
from documents_app.extraction.office.objects import DrawnObject, alternative, drawn_objects, equation_latex
from documents_app.extraction.office.symbols import is_symbol_font, plain_text
from documents_app.extraction.office.word.fields import equation_field
from documents_app.extraction.office.word.styles import RunStyle, Styles, run_style

_MAX_DEPTH = 60
_SILENT = frozenset(f"{W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "delText", "delInstrText"))
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_SCRIPTS = {"superscript": MarkKind.SUPERSCRIPT, "subscript": MarkKind.SUBSCRIPT}


class Break(Enum):
    """A page ends here."""

    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on lines of its own."""

    latex: str


@dataclass(frozen=True, slots=True)
class NoteReference:
    """A reference to a footnote or endnote by the id of its text."""

    kind: str
    note_id: str


Piece = Run | Break | Display | NoteReference


@dataclass(slots=True)
class WordParagraph:
    """A paragraph: its pieces in order, and the drawn things that are anchored in it."""

    pieces: list[Piece] = field(default_factory=list)
    drawn: list[DrawnObject] = field(default_factory=list)

    @property
    def runs(self) -> list[Run]:
        """The runs alone."""
        return [piece for piece in self.pieces if isinstance(piece, Run)]

    @property
    def is_code(self) -> bool:
        """Whether every word is set in letters of one width."""
        worded = [run for run in self.runs if run.text.strip()]
        return bool(worded) and all(MarkKind.CODE in run.marks for run in worded)


@dataclass(slots=True)
class _Field:
    """A field that is open: its instruction, and whether its result has begun."""

    instruction: str = ""
    shows: bool = False


class WordInlineReader:
    """Reads paragraphs in the order of the document; fields may begin in one and end in another."""

    def __init__(self, styles: Styles, builder: TextBuilder) -> None:
        self._styles = styles
        self._builder = builder
        self._fields: list[_Field] = []
        self._after_break = False

    def read(self, paragraph: Any, style_id: str | None) -> WordParagraph:
        """Return the visible content of a ``w:p`` of a style."""
        content = WordParagraph()
        base = self._styles.run_style(style_id)
        self._walk(paragraph, content, base, frozenset(), 0)
        # A field whose instruction never ends would hide all that follows.
        while self._fields and not self._fields[-1].shows:
            self._fields.pop()
        return content

    def _walk(
        self, element: Any, content: WordParagraph, base: RunStyle, marks: frozenset[MarkKind], depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            self._builder.warn("nested_too_deeply", PARAGRAPH_TOO_DEEP)
            return
        for child in element:
            tag = child.tag
            if tag in _SILENT or not isinstance(tag, str):
                continue
            if tag == f"{W}r":
                self._run(child, content, base, marks)
            elif tag == f"{M}oMathPara":
                content.pieces += [Display(equation_latex(found, self._builder)) for found in child.iter(f"{M}oMath")]
            elif tag == f"{M}oMath":
                content.pieces.append(Run("", latex=equation_latex(child, self._builder)))
            elif tag == f"{MC}AlternateContent":
                branch = alternative(child)
                if branch is not None:
                    self._walk(branch, content, base, marks, depth + 1)
            elif tag == f"{W}hyperlink":
                self._walk(child, content, base, marks | {MarkKind.LINK}, depth + 1)
            elif tag == f"{W}sdt":
                self._controlled(child, content, base, marks, depth)
            elif tag in {f"{W}drawing", f"{W}pict", f"{W}object"}:
                content.drawn += drawn_objects(child)
            else:
                self._walk(child, content, base, marks, depth + 1)

    def _controlled(
        self, control: Any, content: WordParagraph, base: RunStyle, marks: frozenset[MarkKind], depth: int
    ) -> None:
        """Read a content control; one that nobody filled in shows a prompt, which is no text of the document."""
        if not is_on(control.find(f"{W}sdtPr"), f"{W}showingPlcHdr"):
            self._walk(control, content, base, marks, depth + 1)

    def _run(self, run: Any, content: WordParagraph, base: RunStyle, marks: frozenset[MarkKind]) -> None:
        properties = run.find(f"{W}rPr")
        style = run_style(properties)
        named = properties.find(f"{W}rStyle") if properties is not None else None
        if named is not None:
            style = style.over(self._styles.run_style(named.get(f"{W}val")))
        strong = style.strong
        style = style.over(base)
        if style.hidden:
            return
        own = set(marks)
        if style.script in _SCRIPTS:
            own.add(_SCRIPTS[style.script])
        if strong:
            own.add(MarkKind.EMPHASIS)
        if style.is_monospaced:
            own.add(MarkKind.CODE)
        self._run_content(run, content, style.font, frozenset(own))

    def _is_shown(self, tag: Any) -> bool:
        """Tell whether an element is read: no comment, nothing deleted, and not the instruction of a field."""
        return isinstance(tag, str) and tag not in _SILENT and all(opened.shows for opened in self._fields)

    def _run_content(self, run: Any, content: WordParagraph, font: str | None, marks: frozenset[MarkKind]) -> None:
        for child in run:
            tag = child.tag
            if tag == f"{W}fldChar":
                self._field(child.get(f"{W}fldCharType"), content)
            elif tag == f"{W}instrText" and self._fields:
                self._fields[-1].instruction += child.text or ""
            elif tag == f"{W}lastRenderedPageBreak" or _ends_page(child):
                self._page_break(content, rendered=tag != f"{W}br")
            elif tag in _NOTES:
                content.pieces.append(NoteReference(_NOTES[tag], child.get(f"{W}id") or ""))
            elif tag in {f"{W}drawing", f"{W}pict", f"{W}object", f"{MC}AlternateContent"}:
                content.drawn += drawn_objects(child)
            elif tag == f"{W}ruby":
                self._ruby(child, content, marks)
            elif self._is_shown(tag):
                self._text(content, self._character(child, font), marks)

    def _ruby(self, ruby: Any, content: WordParagraph, marks: frozenset[MarkKind]) -> None:
        """Write the base text and, in brackets, how it is read."""
        base, reading = (
            "".join(text.text or "" for part in ruby.findall(f"{W}{name}") for text in part.iter(f"{W}t"))
            for name in ("rubyBase", "rt")
        )
        self._text(content, f"{base}({reading})" if reading.strip() else base, marks)

    def _text(self, content: WordParagraph, text: str, marks: frozenset[MarkKind]) -> None:
        if text:
            if text.strip():
                self._after_break = False
            content.pieces.append(Run(text, marks))

    def _field(self, kind: str | None, content: WordParagraph) -> None:
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].shows = True
        elif kind == "end" and self._fields:
            formula = equation_field(self._fields.pop().instruction)
            if formula and all(opened.shows for opened in self._fields):
                content.pieces.append(Run("", latex=formula))

    def _page_break(self, content: WordParagraph, *, rendered: bool) -> None:
        """Word notes where it last broke pages; right after a break set by hand that is the same break."""
        if not (rendered and self._after_break):
            content.pieces.append(Break.PAGE)
        self._after_break = not rendered

    def _character(self, element: Any, font: str | None) -> str:
        """Return the text of one element of a run."""
        tag = element.tag
        if tag == f"{W}t":
            text = element.text or ""
            return plain_text(text, font) if is_symbol_font(font) else text
        if tag == f"{W}sym":
            return self._symbol(element.get(f"{W}char") or "", element.get(f"{W}font") or "")
        return {f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}.get(tag, "")

    def _symbol(self, code: str, font: str) -> str:
        """Return a sign by its code in a font; one that has no meaning outside its font is said."""
        try:
            sign = plain_text(chr(int(code, 16)), font)
        except (ValueError, OverflowError):
            return ""
        if not "\ue000" <= sign <= "\uf8ff":
            return sign
        self._builder.warn(
            "symbol_not_read",
            SYMBOL_OF.format(font=font[:60]) if font else SYMBOL,
            self._builder.page,
        )
        return "\ufffd"


def _ends_page(child: Any) -> bool:
    return child.tag == f"{W}br" and child.get(f"{W}type") == "page"

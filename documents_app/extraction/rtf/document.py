"""RTF documents as blocks: headings, list items as they were numbered, tables, notes, raised and lowered text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.domain.errors import UnsafeMarkup
from documents_app.domain.material import DocumentText
from documents_app.domain.normalise import clean
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.inline import Run, plain
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.office.objects import equation_latex
from documents_app.extraction.office.symbols import is_symbol_font, plain_text
from documents_app.extraction.rtf.equations import EquationReader
from documents_app.extraction.rtf.state import CHARSETS, State, Target
from documents_app.extraction.rtf.tables import TableReader
from documents_app.extraction.rtf.tokens import Kind, RtfToken, tokens

_MAX_GROUPS = 2_000
_SYMBOL_CHARSET = 2
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_TARGETS = {
    "fonttbl": Target.FONTS, "stylesheet": Target.STYLES, "listtext": Target.MARKER, "pntext": Target.MARKER,
    "footnote": Target.NOTE, "moMath": Target.EQUATION, "info": Target.INFO, "shpinst": Target.WRAPPER,
    "upr": Target.WRAPPER, "object": Target.WRAPPER,
}  # fmt: skip
# Destinations that count only inside another: the words of a shape, the result of an object, the title of a file.
_INNER = {
    (Target.WRAPPER, "shptxt"): Target.BODY, (Target.WRAPPER, "ud"): Target.BODY, (Target.WRAPPER, "result"): Target.BODY,
    (Target.INFO, "title"): Target.TITLE, (Target.INFO, "author"): Target.AUTHOR,
}  # fmt: skip
_TRANSPARENT = frozenset({"moMathPara"})
_SILENT = frozenset(
    "colortbl pict header headerl headerr headerf footer footerl footerr footerf annotation atnid atnauthor "
    "listtable listoverridetable revtbl rsidtbl generator fldinst shprslt nonshppict xmlnstbl themedata colorschememapping "
    "datastore latentstyles nesttableprops mmathPict bkmkstart bkmkend template operator comment keywords company category "
    "tc xe txe rxe filetbl pgdsctbl".split()
)
_CHARACTERS = {
    "tab": " ", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "nestcell": ", ", "nestrow": "; ",
}  # fmt: skip
_SYMBOLS = {"~": "\xa0", "_": "-", "{": "{", "}": "}", "\\": "\\"}


def extract_rtf(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of an RTF document; raises UnsafeMarkup for groups nested beyond reason."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    reading = _Reading(limits)
    for token in tokens(data):
        reading.take(token)
    return reading.finish()


class _Reading:
    """Follows the tokens; what is collected of a paragraph is written when it ends."""

    def __init__(self, limits: ExtractionLimits) -> None:
        self.builder = TextBuilder(limits)
        self._states: list[State] = [State()]
        self._bytes = bytearray()
        self._skip = 0
        self._optional = False
        self._code_page = "cp1252"
        self._charsets: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self._levels: dict[int, int] = {}
        self._defined = 0
        self._runs: list[str | Run] = []
        self._marker = ""
        self._note: list[str | Run] = []
        self._waiting: list[list[str | Run]] = []
        self._notes = 0
        self._metadata = {"title": "", "author": ""}
        self._equation: EquationReader | None = None
        self._level = self._list_level = 0
        self._in_table = self._after_item = False
        self._table = TableReader()
        self._actions: dict[str, Callable[[], None]] = {
            "par": self._end_paragraph, "sect": self._end_paragraph, "cell": self._end_cell, "row": self._end_row,
            "page": self._end_page, "chftn": self._note_mark, "pard": self._new_paragraph,
        }  # fmt: skip

    @property
    def _state(self) -> State:
        return self._states[-1]

    def take(self, token: RtfToken) -> None:
        """Take the next token."""
        if token.kind is Kind.BYTES:
            self._take_bytes(token.data)
            return
        if token.kind is Kind.SYMBOL and self._skip:
            self._skip -= 1
            return
        self._flush()
        if token.kind is Kind.OPEN:
            self._open()
        elif token.kind is Kind.CLOSE:
            self._close()
        elif token.kind is Kind.SYMBOL:
            if token.word == "*":
                self._optional = True
            elif token.word in "\r\n":
                self._word("par", None)
            else:
                self._text(_SYMBOLS.get(token.word, ""))
        else:
            self._word(token.word, token.number)

    def finish(self) -> DocumentText:
        """Write what is left and return the document."""
        self._flush()
        self._end_paragraph()
        self._end_table()
        self._write_notes()
        return self.builder.build({name: value for name, value in self._metadata.items() if value})

    def _take_bytes(self, data: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        self._bytes += data

    def _flush(self) -> None:
        """Decode the bytes collected: a letter of an Asian code page may be written as several tokens."""
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            charset = self._charsets.get(self._state.font if self._state.font is not None else -1, -1)
            encoding = CHARSETS.get(charset, self._code_page) if charset else self._code_page
            self._text(data.decode("latin-1" if charset == _SYMBOL_CHARSET else encoding, "replace"))

    def _open(self) -> None:
        if len(self._states) > _MAX_GROUPS:
            raise UnsafeMarkup(reason="its groups are nested too deeply")
        self._states.append(self._state)
        self._skip = 0
        self._optional = False
        if self._equation is not None:
            self._equation.open_group()

    def _close(self) -> None:
        self._skip = 0
        if len(self._states) == 1:
            return
        closed = self._states.pop()
        if self._equation is not None:
            self._equation.close_group()
        if (
            closed.target is Target.EQUATION
            and self._state.target is not Target.EQUATION
            and self._equation is not None
        ):
            self._add(Run("", latex=equation_latex(self._equation.root, self.builder)))
            self._equation = None
        elif closed.target is Target.NOTE and self._state.target is not Target.NOTE:
            self._end_note()

    def _word(self, word: str, number: int | None) -> None:
        optional, self._optional = self._optional, False
        if word == "u" and number is not None:
            self._text(chr(number % 65_536))
            self._skip = self._state.fallback_length
        elif word == "uc":
            self._set(replace(self._state, fallback_length=max(number or 0, 0)))
        elif self._state.target is Target.NOWHERE:
            return
        elif target := _TARGETS.get(word) or _INNER.get((self._state.target, word)):
            self._begin_target(target)
        elif word in _SILENT or (optional and word not in _TRANSPARENT and self._state.target is not Target.EQUATION):
            self._set(replace(self._state, target=Target.NOWHERE))
        else:
            self._word_of_target(word, number)

    def _word_of_target(self, word: str, number: int | None) -> None:
        """Take a word that means what the part of the file it stands in makes of it."""
        if self._equation is not None:
            self._equation.word(word)
        elif self._state.target is Target.FONTS:
            self._define_font(word, number)
        elif self._state.target is Target.STYLES:
            self._define_style(word, number)
        elif word == "ansicpg" and number:
            self._code_page = _code_page(number)
        elif self._state.target not in {Target.WRAPPER, Target.INFO}:
            self._body_word(word, number)

    def _body_word(self, word: str, number: int | None) -> None:
        if word in _CHARACTERS:
            self._text(_CHARACTERS[word])
        elif word in self._actions:
            self._actions[word]()
        elif word == "s" and number is not None:
            self._level = self._levels.get(number, 0)
        elif word == "outlinelevel" and number is not None:
            self._level = number + 1 if number < 9 else 0
        elif word == "ilvl":
            self._list_level = number or 0
        elif word == "intbl":
            self._in_table = True
        elif word == "mac":
            self._code_page = "mac_roman"
        else:
            self._table.define(word)
            self._set(self._state.with_character(word, number))

    def _begin_target(self, target: Target) -> None:
        if target is Target.EQUATION and self._equation is None:
            self._equation = EquationReader()
        elif target is Target.MARKER:
            self._marker = ""
        self._set(replace(self._state, target=target))

    def _set(self, state: State) -> None:
        self._states[-1] = state

    def _define_font(self, word: str, number: int | None) -> None:
        if word == "f" and number is not None:
            self._defined = number
        elif word == "fcharset" and number is not None:
            self._charsets[self._defined] = number

    def _define_style(self, word: str, number: int | None) -> None:
        if word == "s" and number is not None:
            self._defined = number
        elif word == "outlinelevel" and number is not None and number < 9:
            self._levels[self._defined] = number + 1

    def _text(self, text: str) -> None:
        target = self._state.target
        if not text or target in {Target.NOWHERE, Target.WRAPPER, Target.INFO} or self._state.hidden:
            return
        if target is Target.FONTS:
            self._names[self._defined] = self._names.get(self._defined, "") + text.rstrip(";")
        elif target is Target.STYLES:
            heading = _HEADING.match(text.strip())
            if heading:
                self._levels.setdefault(self._defined, int(heading[1]))
        elif target is Target.EQUATION and self._equation is not None:
            self._equation.text(text)
        elif target in {Target.TITLE, Target.AUTHOR}:
            self._metadata[target.value] = (self._metadata[target.value] + text)[:1000]
        elif target is Target.MARKER:
            self._marker += self._signs(text)
        else:
            self._add(Run(self._signs(text), self._state.marks))

    def _signs(self, text: str) -> str:
        font = self._names.get(self._state.font if self._state.font is not None else -1, "")
        return plain_text(text, font) if is_symbol_font(font) else text

    def _add(self, run: str | Run) -> None:
        (self._note if self._state.target is Target.NOTE else self._runs).append(run)

    def _take_runs(self) -> list[str | Run]:
        runs, self._runs = self._runs, []
        return _joined(runs)

    def _note_mark(self) -> None:
        """The number of a note, in the text and at the head of the note itself."""
        if self._state.target is not Target.NOTE:
            self._notes += 1
        self._add(f"[{self._notes}]")

    def _end_note(self) -> None:
        note, self._note = _joined(self._note), []
        self._waiting.append(note)

    def _write_notes(self) -> None:
        for note in self._waiting:
            self.builder.block(BlockKind.FOOTNOTE, note)
        self._waiting = []

    def _end_paragraph(self) -> None:
        if self._state.target is Target.NOTE:
            self._note.append(" ")
            return
        if self._in_table:
            self._runs.append(" ")
            return
        self._end_table()
        self._write(self._take_runs())

    def _write(self, runs: list[str | Run]) -> None:
        marker, self._marker = clean(self._marker).strip(), ""
        if not plain(runs):
            return
        formula = runs[0].latex if len(runs) == 1 and isinstance(runs[0], Run) else None
        if self._level:
            self.builder.heading(self._level, [f"{marker} " if marker else "", *runs])
        elif marker:
            marker = marker if any(map(str.isalnum, marker)) else "-"
            self.builder.block(
                BlockKind.LIST_ITEM, [f"{marker} ", *runs], level=self._list_level + 1, tight=self._after_item
            )
        elif formula:
            self.builder.block(BlockKind.FORMULA, "", latex=formula)
        else:
            self.builder.block(BlockKind.PARAGRAPH, runs)
        self._after_item = bool(marker) and not self._level

    def _new_paragraph(self) -> None:
        if self._state.target is not Target.NOTE:
            self._level = self._list_level = 0
            self._in_table = False

    def _end_cell(self) -> None:
        self._table.end_cell(self._take_runs())
        self._marker = ""

    def _end_row(self) -> None:
        self._table.end_row()
        self._runs = []

    def _end_table(self) -> None:
        if self._table.is_open:
            self.builder.table(self._table.grid())
            self._table = TableReader()
            self._after_item = False

    def _end_page(self) -> None:
        self._end_paragraph()
        self._write_notes()
        self.builder.end_page()


def _code_page(number: int) -> str:
    name = "utf-8" if number == 65001 else "mac_roman" if number == 10000 else f"cp{number}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _joined(runs: list[str | Run]) -> list[str | Run]:
    """Return runs joined where they are set alike, and halves of characters beyond the first plane put together."""
    joined: list[str | Run] = []
    for (kind, marks, latex), members in groupby(runs, key=_look):
        if kind is str or latex is not None:
            joined += members
        else:
            joined.append(Run(_whole("".join(run.text for run in members if isinstance(run, Run))), marks))
    return joined


def _look(run: str | Run) -> tuple[type, frozenset[MarkKind], str | None]:
    return (str, frozenset(), None) if isinstance(run, str) else (Run, run.marks, run.latex)


def _whole(text: str) -> str:
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

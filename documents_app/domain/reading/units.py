"""The units of a document: the smallest pieces an answer can point at.

A sentence, a row of a table, a heading, a formula, or a piece of code without a blank line. Units are in the order of the
text and never overlap. Furniture of the page has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import DocumentText
from documents_app.domain.normalise import search_form
from tutor_project.language import Language

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_STRETCH = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_BY_LINE = frozenset({BlockKind.TABLE})
_BY_STRETCH = frozenset({BlockKind.CODE})
_LED = frozenset({BlockKind.LIST_ITEM, BlockKind.CODE, BlockKind.FORMULA})
_WHOLE = frozenset({BlockKind.HEADING, BlockKind.FORMULA, BlockKind.FIGURE})
MAX_UNIT = 2000
"""Characters: a sentence without a stop is cut here, so that no unit is longer than what can be encoded."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A half-open range of the stored text, with the range and kind of its block.

    ``section`` is where the heading stands under which the unit is found, or 0 before the first one.
    """

    char_start: int
    char_end: int
    block_start: int
    block_end: int
    section: int
    kind: BlockKind


def units_of(content: DocumentText, language: Language) -> list[Unit]:
    """Return the units of a document in order; time is linear in its length."""
    return list(_units(content.text, content.blocks, language))


def _units(text: str, blocks: Sequence[Block], language: Language) -> Iterator[Unit]:
    section = 0
    for block in blocks:
        if block.kind is BlockKind.FURNITURE:
            continue
        if block.kind is BlockKind.HEADING:
            section = block.char_start
        for start, end in _spans(text, block, language):
            yield Unit(start, end, block.char_start, block.char_end, section, block.kind)


def _spans(text: str, block: Block, language: Language) -> Iterator[tuple[int, int]]:
    start, end = block.char_start, block.char_end
    if block.kind in _WHOLE:
        found: Sequence[tuple[int, int]] = [(start, end)]
    elif block.kind in _BY_LINE:
        found = [match.span() for match in _LINE.finditer(text, start, end)]
    elif block.kind in _BY_STRETCH:
        found = [match.span() for match in _STRETCH.finditer(text, start, end)]
    else:
        found = language.sentences(text, start, end) or [(start, end)]
    for low, high in found:
        for cut in range(low, high, MAX_UNIT):
            yield cut, min(cut + MAX_UNIT, high)


def meaning_texts(text: str, units: Sequence[Unit]) -> list[str]:
    """Return what stands for the meaning of each unit: its text, led by what it can't be understood without.

    That is the first row of a table for its rows, and the last sentence before a list, code or a formula.
    """
    found: list[str] = []
    lead = head = None
    for unit in units:
        if unit.kind is BlockKind.TABLE and (head is None or head.block_start != unit.block_start):
            head = unit
        if unit.kind is BlockKind.PARAGRAPH:
            lead = unit
        before = head if unit.kind is BlockKind.TABLE else lead if unit.kind in _LED else None
        if before is not None and before is not unit and before.section == unit.section:
            found.append(f"{_search_form(text, before)} {_search_form(text, unit)}")
        else:
            found.append(_search_form(text, unit))
    return found


def _search_form(text: str, unit: Unit) -> str:
    return search_form(text[unit.char_start : unit.char_end])


def units_of_chunk(text: str, char_start: int, language: Language) -> list[Unit]:
    """Return the units of a chunk whose document was not read yet: sentences of prose, rows where there are tabs.

    ``text`` is the chunk's own; the units point into the stored text, in which it begins at ``char_start``.
    """
    found = []
    for start, end in language.sentences(text):
        kind = BlockKind.TABLE if "\t" in text[start:end] else BlockKind.PARAGRAPH
        low, high = char_start + start, char_start + end
        block = (low, high) if kind is BlockKind.TABLE else (char_start, char_start + len(text))
        found.append(Unit(low, high, *block, char_start, kind))
    return found

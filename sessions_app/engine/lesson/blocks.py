"""What of a section a lesson keeps whole: lists, code, formulas, tables and captions, each quoted as one passage in its place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from documents_app.domain.analysis.types import Section, Sentence
from documents_app.domain.blocks import Block, BlockKind, MarkKind
from documents_app.domain.material import SourceDocument
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.lesson.types import LessonPassage
from tutor_project.language import Language

_WHOLE = {
    BlockKind.LIST_ITEM: "list",
    BlockKind.CODE: "code",
    BlockKind.FORMULA: "formula",
    BlockKind.TABLE: "table",
    BlockKind.CAPTION: "figure",
}
_ENDED = re.compile(r"[.!?…][)\]”’»\"']*$")
_LONGEST_LEAD = 40
"""Words of a sentence that leads to a list; a longer one says something of its own."""
_LONGEST_TERM = 60
"""Characters of an emphasised phrase that is taken for a term."""


def whole_blocks(document: SourceDocument, section: Section) -> list[LessonPassage]:
    """Return the passages of a section that are quoted whole, in reading order; the items of a list are one passage."""
    own = (
        block
        for block in document.content.blocks
        if section.char_start <= block.char_start < section.char_end and block.kind is not BlockKind.FURNITURE
    )
    return [passage for kind, run in groupby(own, _kind) if kind for passage in _passages(document, kind, list(run))]


def leading_sentences(
    document: SourceDocument, section: Section, blocks: Sequence[LessonPassage], tongue: Language
) -> list[LessonPassage]:
    """Return the sentences that lead to passages quoted whole and end with them ("There are three kinds:"), in order.

    Without its lead a list does not say what it lists. Where a run of blocks follows each other the first has the lead.
    """
    text = document.content.text
    before = {after.char_start: block for block, after in pairwise(document.content.blocks)}
    found = []
    for passage in blocks:
        block = before.get(passage.citation.char_start)
        if block is None or block.kind is not BlockKind.PARAGRAPH or block.char_start < section.char_start:
            continue
        start, end = (tongue.sentences(text, block.char_start, block.char_end) or [(0, 0)])[-1]
        lead = reading_form(text[start:end])
        if lead and not _ENDED.search(lead) and lead.count(" ") < _LONGEST_LEAD and any(map(str.isalpha, lead)):
            found.append(LessonPassage(lead, document.cite(start, end)))
    return found


def _kind(block: Block) -> str:
    return _WHOLE.get(block.kind, "")


def _passages(document: SourceDocument, kind: str, run: Sequence[Block]) -> Iterator[LessonPassage]:
    text = document.content.text
    if kind == "list":
        lines = [reading_form(text[block.char_start : block.char_end]) for block in run]
        yield LessonPassage("\n".join(lines), document.cite(run[0].char_start, run[-1].char_end), kind)
        return
    for block in run:
        yield LessonPassage(_source(block, text), document.cite(block.char_start, block.char_end), kind)


def _source(block: Block, text: str) -> str:
    if block.rows:
        return "\n".join(" | ".join(" ".join(cell.split()) for cell in row) for row in block.rows)
    return (block.latex or text[block.char_start : block.char_end]).strip("\n")


def without_blocks(section: Section, blocks: Sequence[LessonPassage]) -> Section:
    """Return the section without the sentences that stand in passages quoted whole."""
    spans = [(passage.citation.char_start, passage.citation.char_end) for passage in blocks]
    kept: list[Sentence] = []
    at = 0
    for sentence in section.sentences:
        while at < len(spans) and spans[at][1] <= sentence.char_start:
            at += 1
        if at == len(spans) or sentence.char_end <= spans[at][0]:
            kept.append(sentence)
    return replace(section, sentences=tuple(kept))


def inner_headings(document: SourceDocument, section: Section) -> list[tuple[int, str]]:
    """Return the headings inside a section that joins several, as ``(char_start, text)``."""
    return [
        (heading.char_start, heading.text)
        for heading in document.content.headings
        if section.char_start < heading.char_start < section.char_end
    ]


def marked_terms(document: SourceDocument, section: Section) -> dict[int, frozenset[str]]:
    """Return the terms that the authors set apart or emphasised, by the place of the sentence that holds them."""
    text = document.content.text
    marks = sorted(
        (mark.char_start, text[mark.char_start : mark.char_end].strip().lower())
        for block in document.content.blocks
        if section.char_start <= block.char_start < section.char_end
        for mark in block.marks
        if mark.kind in {MarkKind.TERM, MarkKind.EMPHASIS} and mark.char_end - mark.char_start <= _LONGEST_TERM
    )
    found: dict[int, frozenset[str]] = {}
    starts = [start for start, _ in marks]
    for at, sentence in enumerate(section.sentences):
        own = marks[bisect_left(starts, sentence.char_start) : bisect_left(starts, sentence.char_end)]
        if own:
            found[at] = frozenset(name for _, name in own)
    return found

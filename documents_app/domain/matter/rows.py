"""Rows of tables as facts: what a row is of, and what each column says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents_app.domain.analysis.types import Section
from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import Material
from documents_app.domain.matter.places import SectionsOf
from documents_app.domain.matter.standing import is_exercise
from documents_app.domain.matter.types import Row, Span
from documents_app.domain.reading.form import reading_form
from tutor_project.language import Language

_LEAST_ROWS = 2
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])‐ (?=[^\W\d_])")
"""A word broken at the end of a line of its cell."""


def rows_of(material: Material, sections: Sequence[Section], tongue: Language) -> Iterator[Row]:
    """Yield the rows below the head of every table that has one, in order."""
    number = 0
    for document, source in enumerate(material):
        section_of = SectionsOf(sections, document, source)
        for block in source.content.of_kind(BlockKind.TABLE):
            section = section_of.of(block)
            if section is not None and not is_exercise(section.path or (section.title,), tongue):
                yield from _rows(block, source.content.text, document, section.index, number)
                number += 1


def _rows(block: Block, text: str, document: int, section: int, number: int) -> Iterator[Row]:
    """Yield the rows of a table whose every row is a line of the text; a row of one cell is a title and none of them."""
    lines = text[block.char_start : block.char_end].split("\n")
    if block.rows is None or len(lines) != len(block.rows):
        return
    full: list[tuple[tuple[str, ...], Span]] = []
    start = block.char_start
    for line, row in zip(lines, block.rows, strict=True):
        if row and all(cell.strip() for cell in row):
            full.append((tuple(_joined(cell) for cell in row), Span(document, start, start + len(line))))
        start += len(line) + 1
    if len(full) <= _LEAST_ROWS or len(full[0][0]) < 2:
        return
    head = full[0][0]
    for row, span in full[1:]:
        if len(row) == len(head):
            yield Row(number, head[0], row[0], tuple(zip(head[1:], row[1:], strict=True)), span, section, full[0][1])


def _joined(cell: str) -> str:
    return _BROKEN_WORD.sub("", reading_form(cell))

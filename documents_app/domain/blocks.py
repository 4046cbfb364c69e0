"""What a document is made of: blocks that tile its text, and marks inside them.

Every character of the stored text that is neither white space nor a page break stands in exactly one block. Blocks
are in the order of the text and never overlap; a mark lies inside its block. Offsets are code points of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Box = tuple[float, float, float, float]
"""``(x0, top, x1, bottom)`` in points from the top left of a page."""


class BlockKind(StrEnum):
    """What a block is. Furniture (running heads, page numbers, menus) belongs to the page, not to what it teaches."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"
    FIGURE = "figure"
    CAPTION = "caption"
    QUOTE = "quote"
    FOOTNOTE = "footnote"
    FURNITURE = "furniture"


BLOCK_KINDS = [kind.value for kind in BlockKind]


class MarkKind(StrEnum):
    """What the author made of a span: ``term`` where the markup itself says that a term is named or defined."""

    TERM = "term"
    EMPHASIS = "emphasis"
    FORMULA = "formula"
    CODE = "code"
    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Mark:
    """A span inside a block; ``latex`` is the source of a formula."""

    kind: MarkKind
    char_start: int
    char_end: int
    latex: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One block. ``level`` is the depth of a heading (1 = chapter title) or of a list item, from 1.

    ``latex`` is the source of a formula, ``code_language`` the name the author gave, ``rows`` the cells of a table,
    ``bbox`` its place on the page where the format has positions.
    """

    kind: BlockKind
    page: int
    char_start: int
    char_end: int
    level: int | None = None
    latex: str | None = None
    code_language: str | None = None
    rows: tuple[tuple[str, ...], ...] | None = None
    marks: tuple[Mark, ...] = ()
    bbox: Box | None = None


@dataclass(frozen=True, slots=True)
class ExtractionWarning:
    """Something of the file that could not be read: a stable code, and what to do about it in a sentence."""

    code: str
    detail: str
    page: int | None = None


def tile(text: str, page_starts: Sequence[int], known: Iterable[Block] = ()) -> tuple[Block, ...]:
    """Return ``known`` blocks and, for everything between them, a paragraph for each stretch without a blank line.

    ``page_starts``: the offsets where pages 1, 2, … begin. A known block that is blank or begins inside the one
    before it is left out.
    """
    blocks: list[Block] = []
    position = 0
    for block in sorted(known, key=lambda block: (block.char_start, -block.char_end)):
        if block.char_start < position or not text[block.char_start : block.char_end].strip():
            continue
        blocks += _paragraphs(text, position, block.char_start, page_starts)
        blocks.append(block)
        position = block.char_end
    blocks += _paragraphs(text, position, len(text), page_starts)
    return tuple(blocks)


_LINE = re.compile(r"[^\n\f]+")


def _paragraphs(text: str, start: int, end: int, page_starts: Sequence[int]) -> Iterator[Block]:
    first = last = start
    for line in _LINE.finditer(text, start, end):
        content = line[0].strip()
        if not content:
            continue
        begin = line.start() + line[0].index(content[0])
        border = text[last:begin]
        if last > first and ("\f" in border or border.count("\n") > 1):
            yield _paragraph(first, last, page_starts)
            first = begin
        elif last == first:
            first = begin
        last = begin + len(content)
    if last > first:
        yield _paragraph(first, last, page_starts)


def _paragraph(start: int, end: int, page_starts: Sequence[int]) -> Block:
    return Block(BlockKind.PARAGRAPH, max(bisect_right(page_starts, start), 1), start, end)


def block_to_dict(block: Block) -> dict[str, Any]:
    """Return a block as JSON for storage: only what it has."""
    data: dict[str, Any] = {
        "kind": block.kind.value,
        "page": block.page,
        "char_start": block.char_start,
        "char_end": block.char_end,
    }
    for name in ("level", "latex", "code_language", "rows", "bbox"):
        value = getattr(block, name)
        if value is not None:
            data[name] = value
    if block.marks:
        data["marks"] = [_mark_to_dict(mark) for mark in block.marks]
    return data


def _mark_to_dict(mark: Mark) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": mark.kind.value, "char_start": mark.char_start, "char_end": mark.char_end}
    if mark.latex is not None:
        data["latex"] = mark.latex
    return data


_BLOCK_KINDS = {kind.value: kind for kind in BlockKind}
_MARK_KINDS = {kind.value: kind for kind in MarkKind}


def block_from_dict(data: Mapping[str, Any]) -> Block:
    """Return the block of ``block_to_dict``; raises ValueError, KeyError or TypeError for anything else."""
    rows, bbox = data.get("rows"), data.get("bbox")
    return Block(
        kind=_BLOCK_KINDS[data["kind"]],
        page=data["page"],
        char_start=data["char_start"],
        char_end=data["char_end"],
        level=data.get("level"),
        latex=data.get("latex"),
        code_language=data.get("code_language"),
        rows=None if rows is None else tuple(tuple(row) for row in rows),
        marks=tuple(map(_mark_from_dict, data.get("marks", ()))),
        bbox=None if bbox is None else (bbox[0], bbox[1], bbox[2], bbox[3]),
    )


def _mark_from_dict(data: Mapping[str, Any]) -> Mark:
    return Mark(_MARK_KINDS[data["kind"]], data["char_start"], data["char_end"], data.get("latex"))


def check_tiling(blocks: Sequence[Block], length: int) -> None:
    """Raise ValueError unless blocks are in order, inside a text of ``length``, and hold their marks."""
    position = 0
    for block in blocks:
        if not position <= block.char_start < block.char_end <= length:
            raise ValueError(f"block {block.char_start}:{block.char_end} overlaps or is outside the text")
        if any(not block.char_start <= mark.char_start < mark.char_end <= block.char_end for mark in block.marks):
            raise ValueError(f"a mark is outside its block {block.char_start}:{block.char_end}")
        position = block.char_end

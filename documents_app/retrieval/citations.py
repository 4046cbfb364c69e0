"""Exact citations of ranked passages, sliced out of the stored chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from documents_app.domain.material import Citation
from documents_app.domain.passages import ChunkRun
from documents_app.retrieval.sql import binary_rows, integer_array

_CHUNKS = """
SELECT c.document_id, c.ordinal, c.char_start, c.char_end, c.page_start, c.page_end, c.text, d.filename
FROM unnest(%s::uuid[], %s::int[]) AS wanted(document_id, ordinal)
CROSS JOIN LATERAL (SELECT * FROM documents_app_chunk AS one
    WHERE one.document_id = wanted.document_id AND one.ordinal = wanted.ordinal LIMIT 1) AS c
CROSS JOIN LATERAL (SELECT filename FROM documents_app_document AS one
    WHERE one.id = c.document_id AND one.owner_id = %s LIMIT 1) AS d
"""
_BETWEEN = """
SELECT c.document_id, gap.char_start, gap.char_end, substr(c.text, gap.char_start + 1, gap.char_end - gap.char_start)
FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS gap(document_id, char_start, char_end)
JOIN documents_app_documentcontent c USING (document_id)
"""


class _Gap(NamedTuple):
    document: UUID
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    char_start: int
    char_end: int
    page_start: int
    page_end: int
    text: str
    filename: str


def cite(passages: Sequence[ChunkRun[UUID]], *, owner_id: UUID) -> list[Citation | None]:
    """Return the citation of each passage, None for one whose document is gone in the meantime."""
    wanted = [(passage.document, ordinal) for passage in passages for ordinal in passage.ordinals]
    if not wanted:
        return []
    documents, ordinals = zip(*wanted, strict=True)
    rows = binary_rows(_CHUNKS, [list(documents), integer_array(ordinals), owner_id])
    pieces = {(row[0], row[1]): _Piece(*row[2:]) for row in rows}
    whole = [_pieces(passage, pieces) for passage in passages]
    between = _stored_between(passages, whole)
    return [
        _citation(passage, found, between) if found else None for passage, found in zip(passages, whole, strict=True)
    ]


def _pieces(passage: ChunkRun[UUID], pieces: Mapping[tuple[UUID, int], _Piece]) -> list[_Piece]:
    """Return the chunks of a passage, or none when one of them is gone."""
    found = [pieces[key] for ordinal in passage.ordinals if (key := (passage.document, ordinal)) in pieces]
    return found if len(found) == len(passage.ordinals) else []


def _stored_between(passages: Sequence[ChunkRun[UUID]], whole: Sequence[Sequence[_Piece]]) -> dict[_Gap, str]:
    """Read what stands between the chunks of merged passages, mostly a blank line, all at once."""
    gaps = [
        _Gap(passage.document, before.char_end, after.char_start)
        for passage, found in zip(passages, whole, strict=True)
        for before, after in pairwise(found)
        if after.char_start > before.char_end
    ]
    if not gaps:
        return {}
    documents, starts, ends = zip(*gaps, strict=True)
    rows = binary_rows(_BETWEEN, [list(documents), integer_array(starts), integer_array(ends)])
    return {_Gap(row[0], row[1], row[2]): row[3] for row in rows}


def _citation(passage: ChunkRun[UUID], found: Sequence[_Piece], between: Mapping[_Gap, str]) -> Citation:
    text, end = found[0].text, found[0].char_end
    for piece in found[1:]:
        if piece.char_start > end:
            text += between.get(_Gap(passage.document, end, piece.char_start), "")
            end = piece.char_start
        text += piece.text[end - piece.char_start :]
        end = max(end, piece.char_end)
    return Citation(
        document_id=str(passage.document),
        filename=found[0].filename,
        page_start=min(piece.page_start for piece in found),
        page_end=max(piece.page_end for piece in found),
        char_start=found[0].char_start,
        char_end=end,
        text=text,
    )

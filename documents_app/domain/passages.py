"""From ranked chunks to hits: neighbours merged into one passage."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MAX_MERGED = 3
"""Chunks in one hit at most: more would be a page, not a passage."""

DocumentKey = TypeVar("DocumentKey", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ranked(Generic[DocumentKey]):
    """A chunk in a ranking."""

    document: DocumentKey
    ordinal: int
    score: float


@dataclass(slots=True)
class ChunkRun(Generic[DocumentKey]):
    """Chunks ``first..last`` of a document, neighbours in the ranking, with the best score among them."""

    document: DocumentKey
    first: int
    last: int
    score: float

    @property
    def ordinals(self) -> range:
        """The ordinals of its chunks."""
        return range(self.first, self.last + 1)


def merged(ranking: Sequence[Ranked[DocumentKey]], limit: int) -> list[ChunkRun[DocumentKey]]:
    """Return at most ``limit`` passages, best first; a chunk next to a better passage joins it.

    ``ranking`` is best first. A chunk that would make a passage longer than MAX_MERGED starts its own.
    """
    passages: list[ChunkRun[DocumentKey]] = []
    owner: dict[tuple[DocumentKey, int], ChunkRun[DocumentKey]] = {}
    for chunk in ranking:
        joined = _join(chunk, owner)
        if joined is None and len(passages) < limit:
            joined = ChunkRun(chunk.document, chunk.ordinal, chunk.ordinal, chunk.score)
            passages.append(joined)
        if joined is not None:
            owner[chunk.document, chunk.ordinal] = joined
    return passages


def _join(
    chunk: Ranked[DocumentKey], owner: Mapping[tuple[DocumentKey, int], ChunkRun[DocumentKey]]
) -> ChunkRun[DocumentKey] | None:
    for beside in (chunk.ordinal - 1, chunk.ordinal + 1):
        passage = owner.get((chunk.document, beside))
        if passage is not None and len(passage.ordinals) < MAX_MERGED:
            passage.first, passage.last = min(passage.first, chunk.ordinal), max(passage.last, chunk.ordinal)
            return passage
    return None

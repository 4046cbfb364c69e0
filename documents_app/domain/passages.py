"""From ranked chunks to hits: neighbours merged into one passage, and a passage narrowed to its best sentences."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from documents_app.domain.lexical import LexicalAnalyzer

MAX_MERGED = 3
"""Chunks in one hit at most: more would be a page, not a passage."""

_NEIGHBOUR_SHARE = 0.5

DocumentKey = TypeVar("DocumentKey", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ranked(Generic[DocumentKey]):
    """A chunk in a ranking."""

    document: DocumentKey
    ordinal: int
    score: float


@dataclass(slots=True)
class Passage(Generic[DocumentKey]):
    """Chunks ``first..last`` of a document, neighbours in the ranking, with the best score among them."""

    document: DocumentKey
    first: int
    last: int
    score: float

    @property
    def ordinals(self) -> range:
        """The ordinals of its chunks."""
        return range(self.first, self.last + 1)


def merged(ranking: Sequence[Ranked[DocumentKey]], limit: int) -> list[Passage[DocumentKey]]:
    """Return at most ``limit`` passages, best first; a chunk next to a better passage joins it.

    ``ranking`` is best first. A chunk that would make a passage longer than MAX_MERGED starts its own.
    """
    passages: list[Passage[DocumentKey]] = []
    owner: dict[tuple[DocumentKey, int], Passage[DocumentKey]] = {}
    for chunk in ranking:
        joined = _join(chunk, owner)
        if joined is None and len(passages) < limit:
            joined = Passage(chunk.document, chunk.ordinal, chunk.ordinal, chunk.score)
            passages.append(joined)
        if joined is not None:
            owner[chunk.document, chunk.ordinal] = joined
    return passages


def _join(
    chunk: Ranked[DocumentKey], owner: Mapping[tuple[DocumentKey, int], Passage[DocumentKey]]
) -> Passage[DocumentKey] | None:
    for beside in (chunk.ordinal - 1, chunk.ordinal + 1):
        passage = owner.get((chunk.document, beside))
        if passage is not None and len(passage.ordinals) < MAX_MERGED:
            passage.first, passage.last = min(passage.first, chunk.ordinal), max(passage.last, chunk.ordinal)
            return passage
    return None


def narrowed(
    text: str,
    sentences: Sequence[tuple[int, int]],
    weights: Mapping[int, float],
    analyzer: LexicalAnalyzer,
) -> tuple[int, int]:
    """Return the span of the best sentence of ``text`` and the neighbours that carry at least half as much.

    ``sentences``: half-open spans in order; ``weights``: idf of the query's terms by id. Without a match the whole
    of ``text`` is returned.
    """
    scores = [0.0] * len(sentences)
    for index, (start, end) in enumerate(sentences):
        scores[index] = sum(weights.get(term, 0.0) for term in set(analyzer.terms(text[start:end]).tolist()))
    if not scores or max(scores) <= 0:
        return 0, len(text)
    first = last = scores.index(max(scores))
    enough = _NEIGHBOUR_SHARE * scores[first]
    while first > 0 and scores[first - 1] >= enough:
        first -= 1
    while last + 1 < len(scores) and scores[last + 1] >= enough:
        last += 1
    return sentences[first][0], sentences[last][1]

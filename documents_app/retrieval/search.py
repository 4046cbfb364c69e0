"""Search: lexical and dense candidates, fused, fed back once, merged into passages with exact citations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents_app.domain import fusion
from documents_app.domain.dense import DenseHits, word_weights
from documents_app.domain.lexical import QueryTerms
from documents_app.domain.lexical_feedback import CANDIDATES
from documents_app.domain.lexical_hits import LexicalHits
from documents_app.domain.normalise import search_form
from documents_app.domain.passages import Ranked, merged
from documents_app.domain.passages_ids import PassageIds, positions
from documents_app.retrieval.citations import cite
from documents_app.retrieval.coverage import scope_coverage
from documents_app.retrieval.dense_search import dense_search
from documents_app.retrieval.lexical_search import feedback_search, lexical_search
from documents_app.retrieval.results import Hit, SearchResult
from documents_app.retrieval.scope import Scope, ScopeStatistics, scope_statistics
from documents_app.retrieval.spaces import Space, space_embedder, spaces_in_use
from documents_app.retrieval.text import analyzer
from tutor_project.llm.embeddings import Vectors, WeightedQueryEmbedder

Mode = Literal["hybrid", "dense", "lexical"]
Floats = npt.NDArray[np.float64]

MAX_QUERY_CHARACTERS = 4000
MERGE_DEPTH = 3
"""Chunks looked at for each passage asked for: neighbours of a good passage may stand further down."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first, with their scores."""

    passages: PassageIds
    scores: Floats

    def ranked(self) -> list[Ranked[UUID]]:
        """Return the chunks one by one, with their scores as shown to users."""
        shown = fusion.presentable(self.scores).tolist()
        rows = zip(self.passages.document_uuids(), self.passages.ordinals.tolist(), shown, strict=True)
        return [Ranked(document, ordinal, score) for document, ordinal, score in rows]


def search(*, scope: Scope, query: str, limit: int = 10, mode: Mode = "hybrid") -> SearchResult:
    """Return the ``limit`` best passages of ``scope`` for ``query`` (its first 4,000 characters).

    A passage that shares no word with the query is a hit only when its similarity is above the floor of the
    embedder; an empty scope has no hits. Raises EmbeddingUnavailable, except in mode lexical.
    """
    statistics = scope_statistics(scope)
    spaces = spaces_in_use()
    ranking = rank(scope, statistics, spaces[0], query, limit=limit, mode=mode)
    passages = merged(ranking.ranked(), limit)
    citations = cite(passages, owner_id=scope.owner_id)
    hits = [Hit(passage.score, found) for passage, found in zip(passages, citations, strict=True) if found is not None]
    return SearchResult(tuple(hits), scope_coverage(scope, statistics, spaces))


def rank(
    scope: Scope, statistics: ScopeStatistics, space: Space, query: str, *, limit: int, mode: Mode = "hybrid"
) -> Ranking:
    """Rank chunks for ``query``: enough of them for ``limit`` passages."""
    text = search_form(query[:MAX_QUERY_CHARACTERS])
    if not statistics.chunks or not text:
        return Ranking(PassageIds.of(b"", np.zeros(0, dtype=np.int64)), np.zeros(0))
    terms = analyzer().query(text)
    lexical = lexical_search(statistics, terms)
    depth = limit * MERGE_DEPTH
    wanted = max(CANDIDATES, depth)
    matching = lexical.best(wanted)
    if mode == "lexical":
        found = matching.take(np.arange(min(depth, len(matching))))
        return Ranking(found, fusion.standardised(lexical.scores_of(found)))
    vector = _query_vector(space, text, terms, lexical, statistics)
    dense = dense_search(space, scope, statistics.chunks, vector, matching)
    floor = space_embedder(space).similarity_floor
    if mode == "dense":
        return _dense_ranking(dense, floor, depth)
    pool = _union(matching, dense.best(wanted))
    lexical_scores, similarities = lexical.scores_of(pool), dense.similarities_of(pool)
    related = np.flatnonzero((lexical_scores > 0) | (similarities >= floor))
    if not len(related):
        return Ranking(pool.take(related), np.zeros(0))
    pool, lexical_scores, similarities = pool.take(related), lexical_scores[related], similarities[related]
    first = fusion.fused(lexical_scores, similarities, dense_weight=fusion.DENSE_WEIGHT_FIRST)
    kept = fusion.best(first, wanted)
    candidates = pool.take(kept)
    expanded = feedback_search(statistics, terms, lexical, candidates, first[kept])
    final = fusion.fused(expanded, similarities[kept], dense_weight=fusion.DENSE_WEIGHT_FINAL)
    order = fusion.best(final, depth)
    return Ranking(candidates.take(order), final[order])


def _query_vector(
    space: Space, text: str, terms: QueryTerms, lexical: LexicalHits, statistics: ScopeStatistics
) -> Vectors:
    embedder = space_embedder(space)
    if isinstance(embedder, WeightedQueryEmbedder):
        return embedder.embed_weighted_query(text, word_weights(terms, lexical.frequencies, statistics.chunks))
    return embedder.embed_query(text)


def _dense_ranking(dense: DenseHits, floor: float, depth: int) -> Ranking:
    found = dense.best(depth)
    similarities = dense.similarities_of(found)
    near = np.flatnonzero(similarities >= floor)
    return Ranking(found.take(near), fusion.standardised(similarities)[near])


def _union(first: PassageIds, second: PassageIds) -> PassageIds:
    new = positions(second.keys(), first.keys()) < 0
    return first.joined(second.take(np.flatnonzero(new)))


def documents_of(result: SearchResult) -> Sequence[UUID]:
    """Return the documents of the hits, best first, each once."""
    return list(dict.fromkeys(UUID(hit.citation.document_id) for hit in result.hits))

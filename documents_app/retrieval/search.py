"""Search: lexical and dense candidates, fused, fed back once, merged into passages with exact citations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents_app.domain.normalise import search_form
from documents_app.domain.passages import Ranked, merged
from documents_app.domain.search.dense import word_weights
from documents_app.domain.search.fusion import presentable
from documents_app.domain.search.hits import LexicalHits
from documents_app.domain.search.lexical import QueryTerms
from documents_app.domain.search.ranking import (
    NOTHING,
    TUNING,
    Ranking,
    dense_ranking,
    hybrid_ranking,
    lexical_ranking,
)
from documents_app.retrieval.citations import cite
from documents_app.retrieval.coverage import scope_coverage
from documents_app.retrieval.dense_search import SpaceReplaced, dense_search
from documents_app.retrieval.lexical_search import candidate_terms, lexical_search
from documents_app.retrieval.results import Hit, SearchResult
from documents_app.retrieval.scope import Scope, ScopeStatistics, scope_statistics
from documents_app.retrieval.spaces import Space, space_embedder, spaces_in_use
from documents_app.retrieval.text import analyzer
from tutor_project.llm.embeddings import Vectors, WeightedQueryEmbedder

Mode = Literal["hybrid", "dense", "lexical"]

MAX_QUERY_CHARACTERS = 4000
MERGE_DEPTH = 3
"""Chunks looked at for each passage asked for: neighbours of a good passage may stand further down."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The best chunks for a query, and what the ranking rests on.

    ``frequencies``: number of chunks of the scope that hold each term of ``terms``.
    """

    ranking: Ranking
    terms: QueryTerms
    frequencies: npt.NDArray[np.int64]
    statistics: ScopeStatistics
    spaces: Sequence[Space]


def search(*, scope: Scope, query: str, limit: int = 10, mode: Mode = "hybrid") -> SearchResult:
    """Return the ``limit`` best passages of ``scope`` for ``query`` (its first 4,000 characters).

    A passage that shares no word with the query is a hit only when its similarity is above the floor of the
    embedder; an empty scope has no hits. Raises EmbeddingUnavailable, except in mode lexical.
    """
    found = retrieve(scope=scope, query=query, depth=limit * MERGE_DEPTH, mode=mode)
    passages = merged(_ranked(found.ranking), limit)
    citations = cite(passages, owner_id=scope.owner_id)
    hits = [Hit(passage.score, cited) for passage, cited in zip(passages, citations, strict=True) if cited is not None]
    return SearchResult(tuple(hits), scope_coverage(scope, found.statistics, found.spaces))


def retrieve(*, scope: Scope, query: str, depth: int, mode: Mode = "hybrid", related: bool = True) -> Retrieved:
    """Return the ``depth`` best chunks of ``scope`` for ``query``; raises what ``search`` raises.

    With ``related`` False the nearest chunks are there even if they share no word with the query and are not near.
    """
    statistics = scope_statistics(scope)
    spaces = spaces_in_use()
    try:
        return _rank(scope, statistics, spaces, query, depth=depth, mode=mode, related=related)
    except SpaceReplaced:
        return _rank(scope, statistics, spaces_in_use(), query, depth=depth, mode=mode, related=related)


def _rank(
    scope: Scope,
    statistics: ScopeStatistics,
    spaces: Sequence[Space],
    query: str,
    *,
    depth: int,
    mode: Mode,
    related: bool,
) -> Retrieved:
    text = search_form(query[:MAX_QUERY_CHARACTERS])
    terms = analyzer(*statistics.languages).query(text)
    if not statistics.chunks or not text:
        return Retrieved(NOTHING, terms, np.zeros(len(terms.ids), dtype=np.int64), statistics, spaces)
    lexical = lexical_search(statistics, terms)
    ranking = _ranking(scope, statistics, spaces[0], text, terms, lexical, depth=depth, mode=mode, related=related)
    return Retrieved(ranking, terms, lexical.frequencies, statistics, spaces)


def _ranking(
    scope: Scope,
    statistics: ScopeStatistics,
    space: Space,
    text: str,
    terms: QueryTerms,
    lexical: LexicalHits,
    *,
    depth: int,
    mode: Mode,
    related: bool,
) -> Ranking:
    if mode == "lexical":
        return lexical_ranking(lexical, depth)
    wanted = max(TUNING.candidates, depth)
    matching = lexical.best(wanted) if mode == "hybrid" else NOTHING.passages
    vector = _query_vector(space, text, terms, lexical, statistics)
    dense = dense_search(space, scope, statistics.chunks, vector, wanted=wanted, also=matching)
    floor = space_embedder(space).similarity_floor if related else -1.0
    if mode == "dense":
        return dense_ranking(dense, floor, depth)
    return hybrid_ranking(
        lexical, matching, dense, terms, statistics.collection, candidate_terms, floor=floor, depth=depth
    )


def _query_vector(
    space: Space, text: str, terms: QueryTerms, lexical: LexicalHits, statistics: ScopeStatistics
) -> Vectors:
    embedder = space_embedder(space)
    if isinstance(embedder, WeightedQueryEmbedder):
        return embedder.embed_weighted_query(text, word_weights(terms, lexical.frequencies, statistics.chunks))
    return embedder.embed_query(text)


def _ranked(ranking: Ranking) -> list[Ranked[UUID]]:
    """Return the chunks one by one, with their scores as shown to users."""
    shown = presentable(ranking.scores).tolist()
    rows = zip(ranking.passages.document_uuids(), ranking.passages.ordinals.tolist(), shown, strict=True)
    return [Ranked(document, ordinal, score) for document, ordinal, score in rows]

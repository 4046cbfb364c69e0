"""The hybrid ranking: candidates of both indexes, fused, fed back once, fused again.

The weights were chosen by cross-validation over queries (``benchmarks/retrieval_quality.py --cross-validate``); they
stand on a broad plateau.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from documents_app.domain.passage_ids import PassageIds, positions
from documents_app.domain.search.bm25 import Collection, TermMatrix, inverse_document_frequency
from documents_app.domain.search.dense import DenseHits
from documents_app.domain.search.feedback import Feedback, feedback_scores
from documents_app.domain.search.fusion import best, fused, standardised
from documents_app.domain.search.hits import LexicalHits
from documents_app.domain.search.lexical import QueryTerms

Floats = npt.NDArray[np.float64]
ReadTerms = Callable[[PassageIds], TermMatrix]


@dataclass(frozen=True, slots=True)
class Tuning:
    """The constants of the ranking.

    ``dense_first``: share of the dense score in the ranking that chooses the feedback passages; ``dense_final``: its
    share in the end, where the expanded query already carries meaning; ``candidates``: passages scored twice.
    """

    dense_first: float = 0.4
    dense_final: float = 0.2
    candidates: int = 60
    feedback: Feedback = field(default_factory=Feedback)


TUNING = Tuning()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first, with their fused scores."""

    passages: PassageIds
    scores: Floats


NOTHING = Ranking(PassageIds.of(b"", np.zeros(0, dtype=np.int64)), np.zeros(0))


def lexical_ranking(lexical: LexicalHits, depth: int) -> Ranking:
    """Return the passages that hold a query term, by BM25."""
    found = lexical.best(depth)
    return Ranking(found, standardised(lexical.scores_of(found)))


def dense_ranking(dense: DenseHits, floor: float, depth: int) -> Ranking:
    """Return the passages whose similarity is at least ``floor``, by similarity."""
    found = dense.best(depth)
    similarities = dense.similarities_of(found)
    near = np.flatnonzero(similarities >= floor)
    return Ranking(found.take(near), standardised(similarities)[near])


def hybrid_ranking(
    lexical: LexicalHits,
    matching: PassageIds,
    dense: DenseHits,
    query: QueryTerms,
    collection: Collection,
    read_terms: ReadTerms,
    *,
    floor: float,
    depth: int,
    tuning: Tuning = TUNING,
) -> Ranking:
    """Return up to ``depth`` passages by both indexes and one round of feedback.

    ``matching``: the best of ``lexical``, as many as there are candidates. A passage without a query term needs a
    similarity of ``floor`` to be there at all. ``read_terms`` gives the term vectors of the passages it is handed, in
    their order.
    """
    wanted = max(tuning.candidates, depth)
    pool = _union(matching, dense.best(wanted))
    lexical_scores, similarities = lexical.scores_of(pool), dense.similarities_of(pool)
    related = np.flatnonzero((lexical_scores > 0) | (similarities >= floor))
    if not len(related):
        return NOTHING
    pool, lexical_scores, similarities = pool.take(related), lexical_scores[related], similarities[related]
    first = fused(lexical_scores, similarities, dense_weight=tuning.dense_first)
    kept = best(first, wanted)
    candidates = pool.take(kept)
    query_idf = inverse_document_frequency(lexical.frequencies, collection.chunks)
    expanded = feedback_scores(read_terms(candidates), query, query_idf, first[kept], collection, tuning.feedback)
    final = fused(expanded, similarities[kept], dense_weight=tuning.dense_final)
    order = best(final, depth)
    return Ranking(candidates.take(order), final[order])


def _union(first: PassageIds, second: PassageIds) -> PassageIds:
    new = positions(second.keys(), first.keys()) < 0
    return first.joined(second.take(np.flatnonzero(new)))

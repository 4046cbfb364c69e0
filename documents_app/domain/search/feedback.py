"""Pseudo-relevance feedback: the best passages of a first ranking lend their terms to the query (RM3).

Lavrenko and Croft, "Relevance-Based Language Models" (2001); Abdul-Jaleel et al., "UMass at TREC 2004" for the
interpolation with the query. Only the candidates of the first ranking are scored again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.search.bm25 import Collection, TermMatrix, inverse_document_frequency
from documents_app.domain.search.lexical import QueryTerms, TermIds
from documents_app.domain.search.packing import class_length

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAST_IDF = 0.1


@dataclass(frozen=True, slots=True)
class Feedback:
    """How many passages feed back, how many of their terms are kept, and the share of the query as asked."""

    chunks: int = 10
    terms: int = 50
    query_share: float = 0.5


def feedback_scores(
    matrix: TermMatrix,
    query: QueryTerms,
    query_idf: Floats,
    first_scores: Floats,
    collection: Collection,
    feedback: Feedback,
) -> Floats:
    """Return the BM25 scores of the candidates for the expanded query.

    ``matrix`` holds the candidates, best first, ``first_scores`` their fused scores, ``query_idf`` belongs to
    ``query.ids``. The expanded query is the query as asked and the best terms of the first candidates.
    """
    weights = np.zeros(len(matrix.terms))
    places, known = _places(matrix.terms, query.ids)
    idf = _estimated_idf(matrix, places[known], query_idf[known])
    promise = _probability(matrix, first_scores, feedback.chunks) * idf
    kept = np.argsort(-promise, kind="stable")[: feedback.terms]
    mass = promise[kept].sum()
    if mass > 0:
        weights[kept] = (1 - feedback.query_share) * promise[kept] / mass * idf[kept]
    if len(query.ids):
        weights[places[known]] += (feedback.query_share * query.counts / query.counts.sum() * query_idf)[known]
    return matrix.score(weights, collection)


def _probability(matrix: TermMatrix, first_scores: Floats, feedback_chunks: int) -> Floats:
    """Return how probable each term is in the feedback passages, which weigh by the softmax of their scores."""
    rows = min(feedback_chunks, matrix.chunks)
    weights = np.exp(first_scores[:rows] - first_scores[:rows].max(initial=-np.inf))
    weights /= weights.sum() if rows else 1.0
    here = matrix.chunk < rows
    chunk = matrix.chunk[here]
    lengths = np.maximum(class_length(matrix.length_classes), 1.0)
    share = weights[chunk] * matrix.frequencies[here] / lengths[chunk]
    return np.asarray(np.bincount(matrix.term[here], weights=share, minlength=len(matrix.terms)), dtype=np.float64)


def _estimated_idf(matrix: TermMatrix, query_places: Ints, query_idf: Floats) -> Floats:
    """Return the idf of each term in the scope, estimated from the candidates alone.

    Candidates share a topic, so their own idf is too low throughout; it is shifted by as much as it misses the known
    idf of the query's terms. Measured, this ranks as well as looking every term up.
    """
    among = inverse_document_frequency(np.bincount(matrix.term, minlength=len(matrix.terms)), matrix.chunks)
    shift = float((query_idf - among[query_places]).mean()) if len(query_places) else 0.0
    return np.maximum(among + shift, _LEAST_IDF)


def _places(known: TermIds, terms: TermIds) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return where each of ``terms`` stands in the sorted ``known``, and whether it is there at all."""
    if not len(known):
        return np.zeros(len(terms), dtype=np.int64), np.zeros(len(terms), dtype=bool)
    places = np.minimum(np.searchsorted(known, terms), len(known) - 1)
    return places, known[places] == terms

"""What the vectors say about a query: similarities of passages, and the words that matter in the query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.passage_ids import PassageIds, positions
from documents_app.domain.search.bm25 import inverse_document_frequency
from documents_app.domain.search.fusion import best
from documents_app.domain.search.lexical import QueryTerms, plain

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DenseHits:
    """Cosine similarities of some passages with the query."""

    passages: PassageIds
    similarities: Floats

    def best(self, limit: int) -> PassageIds:
        """Return the most similar passages, best first."""
        return self.passages.take(best(self.similarities, limit))

    def similarities_of(self, passages: PassageIds) -> Floats:
        """Return the similarity of each passage, 0 where it is not known."""
        places = positions(passages.keys(), self.passages.keys())
        if not len(self.similarities):
            return np.full(len(passages), 0.0)
        return np.where(places >= 0, self.similarities[places], 0.0)


def word_weights(query: QueryTerms, document_frequencies: npt.NDArray[np.int64], chunks: int) -> Callable[[str], float]:
    """Return the weight of each word of a query in its vector: the square root of its idf in the scope.

    Stop words weigh as a term that every chunk has. Terms of a word (CJK bigrams) are averaged.
    """
    idf = inverse_document_frequency(document_frequencies, chunks) + np.log(2.0)
    by_id = dict(zip(query.ids.tolist(), np.sqrt(idf).tolist(), strict=True))
    floor = float(np.sqrt(np.log(2.0)))
    weights = {word: sum(by_id[term] for term in ids) / len(ids) if ids else floor for word, ids in query.words}
    return lambda word: weights.get(plain(word), floor)

"""What the lexical index says about a query: postings brought into arrays, scores of every chunk that matches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.passage_ids import PassageIds, document_keys
from documents_app.domain.search.bm25 import Collection, inverse_document_frequency, saturation_table
from documents_app.domain.search.fusion import best
from documents_app.domain.search.lexical import QueryTerms, TermIds
from documents_app.domain.search.packing import unpack_postings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PostingRows:
    """Rows of the postings table side by side: ``documents`` 16 bytes a row, ``terms`` and ``sizes`` (in bytes)
    one number a row, ``data`` all postings after each other."""

    documents: bytes
    terms: TermIds
    sizes: Ints
    data: bytes


@dataclass(frozen=True, slots=True)
class LexicalHits:
    """BM25 scores of the chunks that hold a query term.

    Chunks are numbered document by document: ``scores[offsets[d] + ordinal]``; documents by ``keys`` (sorted).
    ``frequencies``: number of chunks with each query term, over the whole scope.
    """

    keys: npt.NDArray[np.uint64]
    documents: npt.NDArray[np.uint8]
    offsets: Ints
    scores: Floats
    frequencies: Ints

    def best(self, limit: int) -> PassageIds:
        """Return the best chunks with a score above 0, best first."""
        places = best(self.scores, limit)
        places = places[self.scores[places] > 0]
        document = np.searchsorted(self.offsets, places, side="right") - 1
        return PassageIds(self.documents[document], places - self.offsets[document])

    def scores_of(self, passages: PassageIds) -> Floats:
        """Return the scores of ``passages``, 0 for those without a query term."""
        if not len(self.keys):
            return np.zeros(len(passages))
        wanted = document_keys(passages.documents)
        document = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        places = self.offsets[document] + passages.ordinals
        inside = (self.keys[document] == wanted) & (places < self.offsets[document + 1])
        return np.where(inside, self.scores[np.minimum(places, len(self.scores) - 1)], 0.0)


def lexical_hits(rows: PostingRows | None, query: QueryTerms, collection: Collection) -> LexicalHits:
    """Score every chunk of ``rows`` for ``query``; None when no term of it occurs."""
    if rows is None:
        none = np.zeros(0, dtype=np.int64)
        nobody = np.zeros((0, 16), dtype=np.uint8)
        absent = np.zeros(len(query.ids), dtype=np.int64)
        return LexicalHits(np.zeros(0, dtype=np.uint64), nobody, none, np.zeros(0), absent)
    documents = np.frombuffer(rows.documents, dtype=np.uint8).reshape(-1, 16)
    keys, first, of_row = np.unique(document_keys(documents), return_index=True, return_inverse=True)
    ordinals, codes = unpack_postings(rows.data)
    counts = rows.sizes // 4
    term = np.searchsorted(query.ids, rows.terms)
    frequencies = np.bincount(term, weights=counts, minlength=len(query.ids)).astype(np.int64)
    weights = query.counts * inverse_document_frequency(frequencies, collection.chunks)
    highest = np.zeros(len(keys), dtype=np.int64)
    np.maximum.at(highest, of_row, ordinals[np.cumsum(counts) - 1])
    offsets = np.concatenate([[0], np.cumsum(highest + 1)])
    chunk = np.repeat(offsets[of_row], counts) + ordinals
    parts = np.repeat(weights[term], counts) * saturation_table(collection)[codes]
    scores = np.asarray(np.bincount(chunk, weights=parts, minlength=int(offsets[-1])), dtype=np.float64)
    return LexicalHits(keys, documents[first], offsets, scores, frequencies)

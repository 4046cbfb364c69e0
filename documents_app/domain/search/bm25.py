"""Okapi BM25 over postings, and over the term vectors of a few candidates.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf of Lucene,
``log(1 + (N - df + 0.5) / (df + 0.5))``, which is never negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.search.lexical import TermIds
from documents_app.domain.search.packing import CODES, class_length, decode

K1 = 1.2
B = 0.75

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Collection:
    """The statistics of what is searched: number of chunks and their mean length in terms."""

    chunks: int
    mean_length: float


def inverse_document_frequency(document_frequencies: npt.ArrayLike, chunks: float) -> Floats:
    """Return the idf of terms that occur in ``document_frequencies`` of ``chunks`` chunks."""
    df = np.asarray(document_frequencies, dtype=np.float64)
    return np.log1p(np.maximum(chunks - df + 0.5, 0.0) / (df + 0.5))


def saturation(frequencies: Floats, lengths: Floats, mean_length: float, *, b: float = B) -> Floats:
    """Return the part of a score that depends on the text: frequency, saturated and normalised by length as far as ``b``."""
    norm = K1 * (1 - b + b * lengths / max(mean_length, 1.0))
    return frequencies * (K1 + 1) / (frequencies + norm)


def text_scores(frequencies: Floats, lengths: Floats, weights: Floats, *, b: float = B) -> Floats:
    """Return the scores of ``n`` texts that are a collection of their own.

    ``frequencies``: how often each text holds each term, ``[n, terms]``; ``weights``: the idf of the terms.
    """
    scores: Floats = saturation(frequencies, lengths[:, None], float(lengths.mean()), b=b) @ weights
    return scores


def saturated(frequencies: Floats, length_classes: Ints, collection: Collection) -> Floats:
    """Return the saturation of stored frequencies, in chunks of these classes of length."""
    return saturation(frequencies, class_length(length_classes), collection.mean_length)


def saturation_table(collection: Collection) -> Floats:
    """Return ``saturated`` for every code of a posting: ``[CODES]``."""
    return saturated(*decode(np.arange(CODES)), collection)


@dataclass(frozen=True, slots=True)
class TermMatrix:
    """The term vectors of some chunks in coordinate form; ``terms`` are the distinct ids, sorted."""

    terms: TermIds
    chunk: Ints
    term: Ints
    frequencies: Floats
    length_classes: Ints

    @property
    def chunks(self) -> int:
        """The number of chunks (rows)."""
        return len(self.length_classes)

    def score(self, weights: Floats, collection: Collection) -> Floats:
        """Return ``sum(weight of term × saturated frequency)`` of each chunk; weights include the idf."""
        parts = weights[self.term] * saturated(self.frequencies, self.length_classes[self.chunk], collection)
        return np.asarray(np.bincount(self.chunk, weights=parts, minlength=self.chunks), dtype=np.float64)

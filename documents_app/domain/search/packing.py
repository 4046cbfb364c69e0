"""How the lexical index is stored: postings by term, and the terms of each chunk, both as packed numbers.

A posting is one little-endian uint32: ordinal of the chunk (20 bits), weighted frequency (6), length class (6).
A chunk's own vector is a row of 9-byte entries, int64 term and uint8 frequency; the first entry has term 0 and the
length class in place of the frequency, so that concatenated vectors can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.search.lexical import TermIds

LEAD_TERMS = 15
"""The first terms of a chunk (heading path, then its first words) count twice: a passage opens with its topic."""

MAX_CHUNKS = 1 << 20
SEGMENT = 256
"""Postings of a term in one document are cut into rows of this many, which an index tuple can hold."""

MAX_CHUNK_TERMS = 800

CODES = 1 << 12
"""Frequency and length class of a posting are one number below this, so that a score is one look-up in a table."""

_HEAD = 0
_MAX_FREQUENCY = 63
_LENGTH_STEP = np.log(1.12)
_ENTRY = np.dtype([("term", "<i8"), ("frequency", "u1")])
_LENGTHS = np.exp(np.arange(64) * _LENGTH_STEP)


def length_class(length: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the class 0..63 of lengths in terms; classes grow by 12 %, so the error is at most 6 % (up to 1,250)."""
    return np.clip(np.rint(np.log(np.maximum(length, 1)) / _LENGTH_STEP), 0, 63).astype(np.int64)


def class_length(classes: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """Return the length in terms that each class stands for."""
    return _LENGTHS[classes]


@dataclass(frozen=True, slots=True)
class ChunkTerms:
    """The lexical side of one chunk: distinct ids, weighted frequencies (1..63), length in terms."""

    ids: TermIds
    frequencies: npt.NDArray[np.int64]
    length: int


def chunk_terms(terms: TermIds) -> ChunkTerms:
    """Count the terms of one chunk, the leading ones twice; a chunk keeps its 800 most frequent distinct terms."""
    length = len(terms)
    weighted = np.concatenate([terms, terms[:LEAD_TERMS]])
    ids, counts = np.unique(weighted, return_counts=True)
    if len(ids) > MAX_CHUNK_TERMS:
        kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_CHUNK_TERMS])
        ids, counts = ids[kept], counts[kept]
    return ChunkTerms(ids=ids, frequencies=np.minimum(counts, _MAX_FREQUENCY), length=length)


def pack_chunk(chunk: ChunkTerms) -> bytes:
    """Return the stored vector of one chunk."""
    entries = np.empty(len(chunk.ids) + 1, dtype=_ENTRY)
    entries[0] = (_HEAD, length_class(chunk.length))
    entries["term"][1:], entries["frequency"][1:] = chunk.ids, chunk.frequencies
    return entries.tobytes()


def unpack_chunks(
    data: bytes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], TermIds, npt.NDArray[np.float64]]:
    """Decode concatenated vectors of ``n`` chunks.

    Returns the length class of each chunk ``[n]`` and, for each term of each chunk, the number of the chunk, the term
    and the weighted frequency.
    """
    entries = np.frombuffer(data, dtype=_ENTRY)
    heads = entries["term"] == _HEAD
    body = ~heads
    numbers = np.cumsum(heads) - 1
    classes = entries["frequency"][heads].astype(np.int64)
    return classes, numbers[body], entries["term"][body].astype(np.int64), entries["frequency"][body].astype(np.float64)


def pack_postings(chunks: Sequence[ChunkTerms], ordinals: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield ``(term id, packed postings)`` in order of id; long lists come in several rows of SEGMENT postings.

    Raises ValueError above MAX_CHUNKS chunks.
    """
    if max(ordinals, default=0) >= MAX_CHUNKS:
        raise ValueError(f"a document is indexed up to {MAX_CHUNKS} chunks")
    sizes = [len(chunk.ids) for chunk in chunks]
    if not sum(sizes):
        return
    terms = np.concatenate([chunk.ids for chunk in chunks])
    classes = length_class([chunk.length for chunk in chunks])
    heads = (np.asarray(ordinals, dtype=np.uint32) << 12) | classes.astype(np.uint32)
    packed = np.repeat(heads, sizes) | (np.concatenate([chunk.frequencies for chunk in chunks]).astype(np.uint32) << 6)
    order = np.argsort(terms, kind="stable")
    terms, data = terms[order], packed[order].astype("<u4").tobytes()
    starts = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]])).tolist()
    for start, end in zip(starts, [*starts[1:], len(terms)], strict=True):
        term = int(terms[start])
        for begin in range(start, end, SEGMENT):
            yield term, data[begin * 4 : min(begin + SEGMENT, end) * 4]


def unpack_postings(data: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the ordinals and the codes (see ``decode``) of concatenated postings."""
    packed = np.frombuffer(data, dtype="<u4").astype(np.int64)
    return packed >> 12, packed & (CODES - 1)


def decode(codes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the weighted frequencies and the length classes that ``codes`` below CODES stand for."""
    return (codes >> 6).astype(np.float64), codes & 63

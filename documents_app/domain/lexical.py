"""From text to lexical terms: folding, stop words, stems, CJK bigrams, 64-bit term ids.

The stemmer is handed in, so this module stays pure. English words are stemmed; other scripts and words with
letters outside a-z are indexed as they stand, which is right for any language if not the best for each.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Stemmer = Callable[[str], str]
TermIds = npt.NDArray[np.int64]

LEXICAL_VERSION = 1
"""Raised whenever the same text would yield other terms; documents of another version are indexed again."""

_STOP_WORDS = (
    "a about above after again against all am an and any are as at be because been before being below between both "
    "but by can cannot could did do does doing down during each few for from further had has have having he her "
    "here hers him himself his how i if in into is it its itself me more most my no nor not of off on once only or "
    "other our out over own same she so some such than that the their them then there these they this those through "
    "to too under until up very was we were what when where which while who whom why with would you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())

_WORD = re.compile(r"\w+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_MAX_WORD = 64
_CACHED_WORDS = 300_000


def fold(text: str) -> str:
    """Return the form that is compared: NFKC, lower case, no accents, no Arabic or Hebrew points."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", lowered))
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed)).lower()


def term_id(term: str) -> int:
    """Return the signed 64-bit id of a term (BLAKE2b): equal everywhere, never 0."""
    return int.from_bytes(blake2b(term.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True) or 1


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The distinct terms of a query, how often each occurs, and the terms of each of its words.

    ``words`` pairs each word as written with the ids of its terms (empty for stop words), in order.
    """

    ids: TermIds
    counts: npt.NDArray[np.float64]
    words: tuple[tuple[str, tuple[int, ...]], ...]


class LexicalAnalyzer:
    """Turns text into term ids; remembers words, since running text repeats them. Safe to share between threads."""

    def __init__(self, stem: Stemmer) -> None:
        self._stem = stem
        self._known: dict[str, tuple[int, ...]] = {}

    def terms(self, text: str) -> TermIds:
        """Return the term ids of ``text`` in order, stop words left out: int64 ``[n]``."""
        known = self._known
        found: list[int] = []
        for word in _WORD.findall(fold(text)):
            ids = known.get(word)
            found += self._learn(word) if ids is None else ids
        return np.array(found, dtype=np.int64)

    def query(self, text: str) -> QueryTerms:
        """Return the terms of a query; a query of stop words only has none."""
        words = tuple((word, self._learn(word)) for word in _WORD.findall(fold(text)))
        ids, counts = np.unique(np.array([i for _, own in words for i in own], dtype=np.int64), return_counts=True)
        return QueryTerms(ids=ids, counts=counts.astype(np.float64), words=words)

    def spans(self, text: str) -> Iterable[tuple[int, int, tuple[int, ...]]]:
        """Yield ``(start, end, term ids)`` of each word of ``text``; offsets point into ``text`` itself."""
        for word in _WORD.finditer(text):
            yield word.start(), word.end(), self._learn(fold(word[0]))

    def _learn(self, word: str) -> tuple[int, ...]:
        ids = self._known.get(word)
        if ids is None:
            ids = tuple(term_id(term) for term in self._word_terms(word))
            if len(self._known) >= _CACHED_WORDS:
                self._known = {}
            self._known[word] = ids
        return ids

    def _word_terms(self, word: str) -> Sequence[str]:
        if word.isascii():
            return [] if word in STOP_WORDS else [self._stem(word[:_MAX_WORD])]
        if _CJK.search(word):
            return _cjk_terms(word)
        return [word[:_MAX_WORD]]


def _cjk_terms(word: str) -> list[str]:
    """Return overlapping bigrams of each CJK run (a lone character stands for itself) and the rest as words."""
    terms: list[str] = []
    last = 0
    for run in _CJK.finditer(word):
        if run.start() > last:
            terms.append(word[last : run.start()][:_MAX_WORD])
        characters = run[0]
        pairs = [characters[i : i + 2] for i in range(len(characters) - 1)]
        terms += pairs or [characters]
        last = run.end()
    if last < len(word):
        terms.append(word[last:][:_MAX_WORD])
    return terms

"""From text to lexical terms: words, stop words and stems by language, CJK bigrams, 64-bit term ids.

A document is analysed in its own language. A query is analysed in every language of the material it searches: its
terms are those of all of them together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import numpy as np
import numpy.typing as npt

TermIds = npt.NDArray[np.int64]

LEXICAL_VERSION = 3
"""Raised whenever the same text would yield other terms; documents of another version are indexed again."""

_WORD = re.compile(r"\w+(?:\+\+(?!\w)|#(?!\w))?")
"""C++ and C# are words of their own."""
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_POINTS = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_MAX_WORD = 64
_CACHED_WORDS = 300_000


class Vocabulary(Protocol):
    """What is known of the words of one language; a ``Language`` will do."""

    @property
    def stop_words(self) -> Collection[str]:
        """Words in lower case that say nothing about a topic."""
        ...

    def stem(self, word: str) -> str:
        """Return the form under which all inflections of ``word`` are found."""
        ...


def plain(text: str) -> str:
    """Return the form whose words are analysed: NFKC, lower case, no Arabic or Hebrew points."""
    lowered = text.lower()
    return lowered if lowered.isascii() else _POINTS.sub("", unicodedata.normalize("NFKC", lowered).lower())


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

    def __init__(self, *languages: Vocabulary) -> None:
        self._languages = languages
        self._known: dict[str, tuple[int, ...]] = {}

    def terms(self, text: str) -> TermIds:
        """Return the term ids of ``text`` in order, stop words left out: int64 ``[n]``."""
        known = self._known
        found: list[int] = []
        for word in _WORD.findall(plain(text)):
            ids = known.get(word)
            found += self._learn(word) if ids is None else ids
        return np.array(found, dtype=np.int64)

    def query(self, text: str) -> QueryTerms:
        """Return the terms of a query; a query of stop words only has none."""
        words = tuple((word, self._learn(word)) for word in _WORD.findall(plain(text)))
        ids, counts = np.unique(np.array([i for _, own in words for i in own], dtype=np.int64), return_counts=True)
        return QueryTerms(ids=ids, counts=counts.astype(np.float64), words=words)

    def _learn(self, word: str) -> tuple[int, ...]:
        ids = self._known.get(word)
        if ids is None:
            ids = tuple(term_id(term) for term in self._word_terms(word))
            if len(self._known) >= _CACHED_WORDS:
                self._known = {}
            self._known[word] = ids
        return ids

    def _word_terms(self, word: str) -> Sequence[str]:
        if not word.isascii() and _CJK.search(word):
            return _cjk_terms(word)
        stems = (one.stem(word[:_MAX_WORD]) for one in self._languages if word not in one.stop_words)
        return [stem for stem in dict.fromkeys(stems) if stem]


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

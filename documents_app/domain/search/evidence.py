"""How well a passage answers a question, and whether it does at all.

Every candidate gets a few features, each standardised over the candidates of the question; a weighted sum ranks them, and
a logistic model over three figures of the best ones says how sure the answer is. Weights and model were fitted with one
chapter left out at a time (``benchmarks/answers.py --fit``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from operator import attrgetter
from typing import Literal

import numpy as np
import numpy.typing as npt

from documents_app.domain.blocks import BlockKind
from documents_app.domain.search.bm25 import text_scores
from documents_app.domain.search.fusion import standardised

Floats = npt.NDArray[np.float64]

_B = 0.4
"""How far the length of a unit counts: less than that of a chunk."""
_LONG = 20
"""Words from which a sentence is long enough to say something on its own."""
_HEADING_SHARE = 0.5
"""A word of the headings counts so much of one in the text."""
FEATURES = (
    "meaning", "meaning_multilingual", "meaning_foreign", "coverage", "own_coverage", "title", "found", "asks", "exercise",
    "instructs", "heading", "table", "list_item", "asked_kind", "number", "cause", "news",
)  # fmt: skip


_MARKS = ("asks", "exercise", "instructs", "number", "cause")
_KINDS = (BlockKind.HEADING, BlockKind.TABLE, BlockKind.LIST_ITEM)
"""The features that are marks of ``Facts``, and those that are kinds of block."""


@dataclass(frozen=True, slots=True)
class QueryWeights:
    """The words of a question: ``terms`` gives the idf of each term, ``words`` the terms of each word that counts."""

    terms: Mapping[int, float]
    words: tuple[tuple[int, ...], ...]
    known: frozenset[int]

    def weight(self, word: Sequence[int]) -> float:
        """Return the idf of a word: that of its rarest term."""
        return max(self.terms[term] for term in word)

    @property
    def total(self) -> float:
        """The idf of all words."""
        return sum(map(self.weight, self.words))

    @property
    def is_known(self) -> bool:
        """Whether every word of the question stands somewhere in the material."""
        return all(map(self.known.intersection, self.words))


@dataclass(frozen=True, slots=True)
class Figures:
    """Features of the candidates, ``[n, len(FEATURES)]``, and the raw figures that confidence rests on."""

    features: Floats
    similarity: Floats
    coverage: Floats


NO_FIGURES = Figures(np.zeros((0, len(FEATURES))), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The words of a question in one candidate: how often each of its terms stands there, and the candidate's length."""

    counts: Mapping[int, int]
    length: int


def words_of(query: QueryWeights, terms: npt.NDArray[np.int64]) -> TermCounts:
    """Count the terms of ``query`` among the term ids of a text."""
    counts: dict[int, int] = {}
    for term in terms.tolist():
        if term in query.terms:
            counts[term] = counts.get(term, 0) + 1
    return TermCounts(counts, len(terms))


Encoder = Literal["native", "multilingual", "foreign"]
"""An encoder made for the language of the material, for many languages, or for another language."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a candidate beside its meaning.

    - ``words``: the question's words in it; ``above``: those in its headings; ``title``: those in its last heading;
    - ``window``: the candidates that would be shown with it;
    - ``found``: the score of its chunk in the search;
    - ``asks``: it is a question; ``exercise``: it stands among exercises;
    - ``instructs``: it tells its reader to do something, and nobody asked what to do;
    - ``number``, ``cause``: it holds a number, or a cause, where the question asks for one.
    """

    words: TermCounts
    above: TermCounts
    title: TermCounts
    window: range
    kind: BlockKind
    found: float
    asks: bool
    exercise: bool
    instructs: bool
    number: bool
    cause: bool


def figures(
    query: QueryWeights, facts: Sequence[Facts], similarity: Floats, kinds: Collection[BlockKind], *, encoder: Encoder
) -> Figures:
    """Return the figures of ``n`` candidates.

    ``similarity``: how near each is to the question, all 0 where there are no vectors, and then its own words stand in;
    ``kinds``: the kinds of block the question names; ``encoder``: how well the one that made the vectors knows the
    language of the material.
    """
    above = [one.above for one in facts]
    units = [one.words for one in facts]
    shown = [_together([units[at] for at in one.window]) for one in facts]
    coverage = _coverage(query, zip(shown, above, strict=True))
    meaning = standardised(similarity if similarity.any() else _by_words(query, units, above))
    held = np.array([sum(unit.counts.values()) for unit in units], dtype=np.float64)
    columns = {
        "meaning": meaning * (encoder == "native"),
        "meaning_multilingual": meaning * (encoder == "multilingual"),
        "meaning_foreign": meaning * (encoder == "foreign"),
        "coverage": coverage,
        "own_coverage": _coverage(query, ([unit] for unit in units)),
        "title": np.array([_likeness(query, one.title) for one in facts]),
        "found": standardised(np.array([one.found for one in facts])),
        "news": np.log1p(np.minimum(np.array([unit.length for unit in units]) - held, _LONG)),
    }
    columns |= _marks(facts, kinds)
    return Figures(np.stack([columns[name] for name in FEATURES], axis=1), similarity, coverage)


def _marks(facts: Sequence[Facts], kinds: Collection[BlockKind]) -> dict[str, Floats]:
    marks = {name: _flags(map(attrgetter(name), facts)) for name in _MARKS}
    marks |= {kind.value: _flags(one.kind is kind for one in facts) for kind in _KINDS}
    return marks | {"asked_kind": _flags(one.kind in kinds for one in facts)}


def _flags(values: Iterable[bool]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _together(units: Sequence[TermCounts]) -> TermCounts:
    counts: dict[int, int] = {}
    for unit in units:
        for term, count in unit.counts.items():
            counts[term] = counts.get(term, 0) + count
    return TermCounts(counts, sum(unit.length for unit in units))


def _by_words(query: QueryWeights, texts: Sequence[TermCounts], headings: Sequence[TermCounts]) -> Floats:
    """Return how near candidates are to the question by its words alone, those of their headings counting less."""
    if not texts or not query.terms:
        return np.zeros(len(texts))
    frequencies = np.array(
        [
            [text.counts.get(term, 0) + _HEADING_SHARE * (term in above.counts) for term in query.terms]
            for text, above in zip(texts, headings, strict=True)
        ]
    )
    lengths = np.array([text.length for text in texts], dtype=np.float64)
    return text_scores(frequencies, lengths, np.array(list(query.terms.values())), b=_B)


def _coverage(query: QueryWeights, texts: Iterable[Iterable[TermCounts]]) -> Floats:
    """Return the share of the question's weight, in [0, 1], whose words stand in each text, which may have several parts."""
    weights = [(word, query.weight(word)) for word in query.words]
    total = query.total or 1.0
    shares = []
    for parts in texts:
        held = {term for part in parts for term in part.counts}
        shares.append(sum(weight for word, weight in weights if not held.isdisjoint(word)) / total)
    return np.array(shares)


def _likeness(query: QueryWeights, text: TermCounts) -> float:
    """Return how like a short text is to the question, in [0, 1]: twice the words they share over those they have (Dice)."""
    shared = sum(not text.counts.keys().isdisjoint(word) for word in query.words)
    return 2 * shared / (len(query.words) + text.length) if shared else 0.0


# The fit would give a question or an instruction in the material less: they are set apart, since they answer nothing.
WEIGHTS: Mapping[str, float] = {
    "meaning": 1.5,
    "meaning_multilingual": 1.3,
    "meaning_foreign": 1.2,
    "coverage": 1.1,
    "own_coverage": 0.7,
    "title": 1.5,
    "found": 0.4,
    "asks": -4.0,
    "exercise": -0.8,
    "instructs": -1.5,
    "heading": -1.1,
    "table": 1.2,
    "list_item": 0.2,
    "asked_kind": 1.7,
    "number": 0.4,
    "cause": 1.4,
    "news": 0.9,
}


def scores(found: Figures) -> Floats:
    """Return the score of each candidate, ``[n]``."""
    result: Floats = found.features @ np.array([WEIGHTS[name] for name in FEATURES])
    return result


@dataclass(frozen=True, slots=True)
class Certainty:
    """A logistic model: the probability that what is shown answers the question.

    ``similarity`` and ``coverage`` weigh those of the best candidate, ``reach`` the best coverage of any.
    """

    constant: float
    similarity: float
    coverage: float
    reach: float

    def probability(self, found: Figures, ranked: Floats) -> float:
        """Return the probability for one or more candidates with these figures and scores."""
        similarity, coverage, reach = signs(found, ranked)
        weighed = self.similarity * similarity + self.coverage * coverage + self.reach * reach
        return 1 / (1 + exp(-(self.constant + weighed)))


def signs(found: Figures, ranked: Floats) -> tuple[float, float, float]:
    """Return what certainty rests on: similarity and coverage of the best of some candidates, and the best coverage."""
    best = int(ranked.argmax())
    return float(found.similarity[best]), float(found.coverage[best]), float(found.coverage.max())


WITH_MEANING = Certainty(-2.2, 3.2, 1.3, 1.2)
BY_WORDS = Certainty(-0.7, 0.0, 0.0, 2.6)
ANSWERED_FROM = 0.7
"""Probability from which an answer is given as one.

Two of 61 unanswerable questions on twenty chapters reach it; with each chapter left out of the fit three of 49 on sixteen.
"""
RELATED_FROM = 0.3
"""Probability below which what was found is not even close."""

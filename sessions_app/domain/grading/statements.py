"""Grading of answers to questions whose right answer is a statement: by what the words share with it.

A logistic model over a dozen plain features says how likely an answer is right; beyond one threshold it is right, below
another wrong, between them a person decides. Weights and thresholds are fitted on answers of real students with the
questions held out (``benchmarks/grading.py --write``). Cosines of sentence vectors were tried as features: they decided no
more. A contradiction that can be named is never called right.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sessions_app.domain.grading.normalise import may_deny, parts
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.types import Grade, right, unsure, wrong
from sessions_app.domain.questions.text import content_roots, roots
from tutor_project.language import FULL_LANGUAGES
from tutor_project.language.quantities import Match, Quantity, compare_quantities
from tutor_project.language.quantities.characters import fold_word
from tutor_project.language.wordlists import word_set

STATEMENT_FROM = 6
"""Words from which a right answer is a statement rather than a term; from ``SENTENCE_FROM`` on where it has a finite verb."""
SENTENCE_FROM = 4
MODEL = Path(__file__).parent / "data" / "statement_model.json"
DENIAL_REACH = 3
CLOSE = 0.6
"""How much of their words (F1) an answer and a right one share where what differs between them is what is wrong."""
_WORD = re.compile(r"[^\W\d_]+(?:['’\"][^\W\d_]+)*")
FEATURES = (
    "recall", "precision", "f1", "pairs", "best_recall", "best_f1", "opposites", "negation", "numbers_differ", "number_lost",
    "length", "wanted_length", "length_ratio", "new_words", "accepted", "all_small",
)  # fmt: skip


def is_statement(text: str) -> bool:
    """Return whether a right answer is long enough to be compared as a statement."""
    words = [fold_word(word) for word in text.split()]
    if len(parts(text)[0].tokens) <= 2:
        return False  # a quantity in many words
    return len(words) >= STATEMENT_FROM or (len(words) >= SENTENCE_FROM and not _finite_verbs().isdisjoint(words))


@cache
def _finite_verbs() -> frozenset[str]:
    return frozenset().union(*(word_set(tag, "finite_verbs") for tag in FULL_LANGUAGES))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says: content roots, all roots, neighbouring pairs, the content roots that are denied, quantities."""

    content: frozenset[str]
    every: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    denied: frozenset[str]
    quantities: tuple[Quantity, ...]


@lru_cache(maxsize=8192)
def _said(text: str) -> _Said:
    content = content_roots(text)
    return _Said(
        frozenset(content), roots(text), frozenset(pairwise(content)), _denied_roots(text), parts(text)[0].quantities
    )


def _denied_roots(text: str) -> frozenset[str]:
    """The content roots in reach of a denial: the words after it, up to three."""
    words = [fold_word(word).replace("'", "") for word in _WORD.findall(text)]
    spoken = frozenset(reading.language for reading in parts(text))
    found: set[str] = set()
    for place, word in enumerate(words):
        if may_deny(word, spoken):
            found.update(content_roots(" ".join(words[place + 1 : place + 1 + DENIAL_REACH])))
    return frozenset(found)


def statement_features(answer: str, accepted: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the features of an answer against the right answers: float64, in the order of ``FEATURES``."""
    given = _said(answer)
    wanted = [_said(text) for text in accepted]
    overlaps = [_overlap(given, one) for one in wanted]
    best = max(range(len(wanted)), key=lambda place: overlaps[place][2])
    recall, precision, f1, pairs = overlaps[best]
    one = wanted[best]
    new = given.content - frozenset().union(*(other.content for other in wanted))
    values = (
        recall,
        precision,
        f1,
        pairs,
        max(overlap[0] for overlap in overlaps),
        max(overlap[2] for overlap in overlaps),
        float(_opposed(given, one)),
        float(bool(given.denied) != bool(one.denied)),
        float(_numbers_differ(given, one)),
        float(bool(one.quantities) and not given.quantities),
        math.log1p(len(given.every)),
        math.log1p(len(one.every)),
        math.log((1 + len(given.content)) / (1 + len(one.content))),
        math.log1p(len(new)),
        math.log1p(len(wanted)),
        float(not given.content),
    )
    return np.array(values)


def _overlap(given: _Said, wanted: _Said) -> tuple[float, float, float, float]:
    """Recall, precision, F1 of the content roots, and the share of neighbouring pairs found."""
    shared = len(given.content & wanted.content)
    recall = shared / len(wanted.content) if wanted.content else 0.0
    precision = shared / len(given.content) if given.content else 0.0
    f1 = 2 * recall * precision / (recall + precision) if shared else 0.0
    pairs = len(given.pairs & wanted.pairs) / len(wanted.pairs) if wanted.pairs else 0.0
    return recall, precision, f1, pairs


def _opposed(given: _Said, wanted: _Said) -> bool:
    mine, theirs = given.content - wanted.content, wanted.content - given.content
    return any(are_opposites(a, b) for a in sorted(mine)[:30] for b in sorted(theirs)[:30])


def _numbers_differ(given: _Said, wanted: _Said) -> bool:
    """Whether a quantity was given that is none of those wanted."""
    if not given.quantities or not wanted.quantities:
        return False
    return any(
        all(compare_quantities(mine, theirs) is Match.DIFFERENT for theirs in wanted.quantities[:20])
        for mine in given.quantities[:20]
    )


@dataclass(frozen=True, slots=True)
class StatementModel:
    """The fitted model: features are centred and scaled, weighed and added up; below ``wrong_below`` an answer is wrong, from
    ``right_from`` on right (scores are log odds)."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    wrong_below: float
    right_from: float

    def score(self, values: npt.NDArray[np.float64]) -> float:
        """Return the log odds that an answer with these features is right."""
        return float((values - self.mean) / self.scale @ np.array(self.weights)) + self.bias


@cache
def fitted_model() -> StatementModel:
    """Return the model of the data file."""
    stored: dict[str, Any] = json.loads(MODEL.read_text())
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    return StatementModel(**values)


def grade_statement(answer: str, accepted: Sequence[str], model: StatementModel | None = None) -> Grade:
    """Grade an answer against the statements that are right."""
    model = model or fitted_model()
    score = model.score(statement_features(answer, accepted))
    if score >= model.right_from and not _contradicted(answer, accepted):
        return right(Reason.SAYS_THE_SAME)
    if score < model.wrong_below:
        return wrong(Reason.SAYS_ELSE)
    return unsure(Reason.IN_OTHER_WORDS)


def _contradicted(answer: str, accepted: Sequence[str]) -> bool:
    """Whether a denial, an opposite or another number stands against every right answer."""
    given = _said(answer)
    return all(
        _denies_what_is_said(given, wanted)
        or _denies_what_is_said(wanted, given)
        or _opposed(given, wanted)
        or _numbers_differ(given, wanted)
        for wanted in map(_said, accepted)
    )


def contradicts_closely(answer: str, accepted: Sequence[str]) -> bool:
    """Return whether an answer uses the words of a right one but for a denial, an opposite or another number.

    An answer in other words may oppose single words of a right one and still say the same: it contradicts nothing for certain.
    """
    given = _said(answer)
    return all(
        _overlap(given, wanted)[2] >= CLOSE
        and (
            _denies_what_is_said(given, wanted)
            or _denies_what_is_said(wanted, given)
            or _opposed(given, wanted)
            or _numbers_differ(given, wanted)
        )
        for wanted in map(_said, accepted)
    )


def _denies_what_is_said(one: _Said, other: _Said) -> bool:
    return bool(one.denied & other.content - other.denied)

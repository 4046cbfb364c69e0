"""Classical item analysis: how questions behave once learners have answered them.

Facility, item-rest correlation, distractor use and reliability are the textbook figures (Crocker & Algina 1986,
chapters 7 and 14). Nothing is decided from few answers: a question retires only when a one-sided 95 %
bound, not just the figure, is beyond the limit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

LEAST_ANSWERS = 30
LEAST_ANSWERS_FOR_LABEL = 20
LEAST_ATTEMPTS_FOR_RELIABILITY = 10
ONE_SIDED_Z = 1.6448536269514722
TOO_HARD_FACILITY = 0.10
TOO_EASY_FACILITY = 0.95
DEAD_DISTRACTOR_SHARE = 0.05
EASY_FROM = 0.70
HARD_BELOW = 0.40


@dataclass(frozen=True, slots=True)
class Response:
    """One graded answer: ``score`` in [0, 1], within the attempt (sitting) it belongs to."""

    attempt_id: str
    question_id: str
    score: float
    option_id: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class DistractorUse:
    """How often a wrong option was chosen. ``dead``: below 5 % although there were enough answers."""

    option_id: str
    chosen: int
    share: float
    dead: bool


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """The figures of one question; None where the answers do not define them.

    ``facility``: mean score. ``discrimination``: corrected item-rest correlation, in [-1, 1].
    ``*_low`` and ``*_high`` are one-sided 95 % bounds. ``median_seconds``: seconds.
    """

    question_id: str
    n: int
    facility: float | None
    facility_low: float | None
    facility_high: float | None
    discrimination: float | None
    discrimination_low: float | None
    discrimination_high: float | None
    distractors: tuple[DistractorUse, ...]
    median_seconds: float | None


@dataclass(frozen=True, slots=True)
class QuizStatistics:
    """The figures of one quiz over its complete attempts; scores are points in [0, questions]."""

    attempts: int
    questions: int
    mean: float | None
    standard_deviation: float | None
    cronbach_alpha: float | None
    kr20: float | None
    standard_error: float | None


def item_statistics(
    question_id: str, responses: Iterable[Response], *, options: Sequence[str] = (), key_option: str = ""
) -> ItemStatistics:
    """Return the figures of one question from all responses of the attempts that it was part of.

    The discrimination is the Pearson correlation of the question's score with the mean score on the
    *other* questions of the same attempt, so an item is not compared with itself (point-biserial for right or wrong
    answers; Henrysson 1963). Its bounds come from Fisher's z, those of the facility from Wilson's score (1927).
    """
    rows = list(responses)
    own = [row for row in rows if row.question_id == question_id]
    scores = [row.score for row in own]
    n = len(scores)
    facility = math.fsum(scores) / n if n else None
    low, high = wilson_bounds(facility, n) if facility is not None else (None, None)
    correlation, pairs = _item_rest(question_id, rows)
    r_low, r_high = fisher_bounds(correlation, pairs) if correlation is not None else (None, None)
    seconds = [row.seconds for row in own if row.seconds is not None]
    return ItemStatistics(
        question_id=question_id,
        n=n,
        facility=facility,
        facility_low=low,
        facility_high=high,
        discrimination=correlation,
        discrimination_low=r_low,
        discrimination_high=r_high,
        distractors=_distractors(own, options, key_option),
        median_seconds=median(seconds) if seconds else None,
    )


def quiz_statistics(responses: Iterable[Response], question_ids: Sequence[str]) -> QuizStatistics:
    """Return mean, spread and reliability over the attempts that answered every question.

    Cronbach's alpha (1951) ``k/(k-1) * (1 - sum var_i / var_total)``; KR-20 (Kuder & Richardson 1937) is the same
    with ``p * q`` and defined for right or wrong scores only; the standard error of measurement is
    ``sd * sqrt(1 - alpha)``. Variances are of the population. Reliability needs two questions and ten attempts.
    """
    table: dict[str, dict[str, float]] = {}
    for row in responses:
        table.setdefault(row.attempt_id, {})[row.question_id] = row.score
    complete = [[scores[q] for q in question_ids] for scores in table.values() if set(question_ids) <= scores.keys()]
    k, n = len(question_ids), len(complete)
    if not n or not k:
        return QuizStatistics(n, k, None, None, None, None, None)
    totals = [math.fsum(scores) for scores in complete]
    variance = _variance(totals)
    deviation = math.sqrt(variance)
    alpha = kr20 = error = None
    if k > 1 and n >= LEAST_ATTEMPTS_FOR_RELIABILITY and variance > 0:
        alpha, kr20 = _reliability(list(zip(*complete, strict=True)), variance)
        error = deviation * math.sqrt(max(1 - alpha, 0.0))
    return QuizStatistics(n, k, math.fsum(totals) / n, deviation, alpha, kr20, error)


def _reliability(columns: Sequence[Sequence[float]], variance: float) -> tuple[float, float | None]:
    """Return alpha, and KR-20 where all scores are right or wrong; a column holds the scores of one question."""
    k, n = len(columns), len(columns[0])
    alpha = k / (k - 1) * (1 - math.fsum(_variance(column) for column in columns) / variance)
    if not all(score in (0.0, 1.0) for column in columns for score in column):
        return alpha, None
    shares = [math.fsum(column) / n for column in columns]
    return alpha, k / (k - 1) * (1 - math.fsum(p * (1 - p) for p in shares) / variance)


def retirement_reason(figures: ItemStatistics) -> str | None:
    """Return why the question should not be asked again, or None.

    ``negative_discrimination``: those who know the rest get it wrong, so its key is doubtful; ``too_hard``:
    hardly anybody gets it right, not even by guessing; ``too_easy``: it measures nothing. A dead distractor
    weakens a question but does not retire it.
    """
    if figures.n < LEAST_ANSWERS:
        return None
    if figures.discrimination_high is not None and figures.discrimination_high < 0:
        return "negative_discrimination"
    if figures.facility_high is not None and figures.facility_high < TOO_HARD_FACILITY:
        return "too_hard"
    if figures.facility_low is not None and figures.facility_low > TOO_EASY_FACILITY:
        return "too_easy"
    return None


def measured_difficulty(figures: ItemStatistics, guess: float = 0.0) -> str | None:
    """Return easy, medium or hard from the facility corrected for guessing, or None below 20 answers.

    Corrected facility ``(f - g) / (1 - g)`` (Lord & Novick 1968): from .7 easy, below .4 hard.
    """
    if figures.n < LEAST_ANSWERS_FOR_LABEL or figures.facility is None:
        return None
    known = (figures.facility - guess) / (1.0 - guess)
    if known >= EASY_FROM:
        return "easy"
    return "hard" if known < HARD_BELOW else "medium"


def wilson_bounds(share: float, n: int, z: float = ONE_SIDED_Z) -> tuple[float, float]:
    """Return the Wilson score bounds of a share seen in ``n`` answers, each one-sided at ``z``."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def fisher_bounds(correlation: float, n: int, z: float = ONE_SIDED_Z) -> tuple[float, float]:
    """Return the bounds of a correlation over ``n`` pairs by Fisher's transformation; (-1, 1) below four pairs."""
    if n < 4:
        return -1.0, 1.0
    centre = math.atanh(min(max(correlation, -0.999999), 0.999999))
    reach = z / math.sqrt(n - 3)
    return math.tanh(centre - reach), math.tanh(centre + reach)


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Pearson's correlation, or None with fewer than three pairs or where one side does not vary."""
    n = len(first)
    if n < 3:
        return None
    mean_first, mean_second = math.fsum(first) / n, math.fsum(second) / n
    covariance = math.fsum((a - mean_first) * (b - mean_second) for a, b in zip(first, second, strict=True))
    spread = math.sqrt(_variance(first) * _variance(second)) * n
    return covariance / spread if spread > 1e-12 else None


def _item_rest(question_id: str, rows: Sequence[Response]) -> tuple[float | None, int]:
    item: dict[str, float] = {}
    rest: dict[str, list[float]] = {}
    for row in rows:
        if row.question_id == question_id:
            item[row.attempt_id] = row.score
        else:
            rest.setdefault(row.attempt_id, []).append(row.score)
    shared = sorted(item.keys() & rest.keys())
    means = [math.fsum(rest[attempt]) / len(rest[attempt]) for attempt in shared]
    return correlation([item[attempt] for attempt in shared], means), len(shared)


def _distractors(own: Sequence[Response], options: Sequence[str], key_option: str) -> tuple[DistractorUse, ...]:
    chosen: Mapping[str, int] = Counter(row.option_id for row in own if row.option_id)
    total = sum(chosen.get(option, 0) for option in options)
    uses = []
    for option in options:
        if option == key_option:
            continue
        count = chosen.get(option, 0)
        share = count / total if total else 0.0
        uses.append(DistractorUse(option, count, share, total >= LEAST_ANSWERS and share < DEAD_DISTRACTOR_SHARE))
    return tuple(uses)


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)

"""Calibrated mastery: the chance that a learner's next answer on a concept is right, with an interval.

A logistic model over what is known of the learner before the answer:

- how easy the concept usually is (``priors``: the benchmarks know it; the product passes none, and every concept begins alike);
- the shares right on the concept, older answers fading at three rates;
- the present and the previous run of equal answers;
- the learner's level on the other concepts;
- the learner's own habit: how answers turned out, against expectation, after runs of the same length.

It belongs to the family of performance factors analysis (Pavlik, Cen & Koedinger 2009) with decayed counts (R-PFA,
Galyardt & Goldin 2015). The coefficients are fixed and published in ``parameters.py``; ``benchmarks/mastery.py``
fits and measures them. They are fitted so that a right answer never leaves a lower estimate than a wrong one would have.

Guessing: where a guesser is right with chance ``guess``, an answer weighs ``1 - guess`` and counts
``(correct - guess) / (1 - guess)``. This is the classical correction (formula scoring; Lord & Novick 1968, chapter 14):
blind guessing adds up to nothing. Slips are part of the fitted coefficients.

Nothing of it is stored: the state of a learner is made of the history. Updating it answer by answer gives exactly the state
that a replay of the whole history gives, as long as the same priors are used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sessions_app.domain.mastery import parameters
from tutor_project.common.errors import InvalidInput

Priors = Mapping[str, float]
"""Concept → expected share of right answers in (0, 1) over all learners, for those concepts where it is known."""

SHARES = ((1.0, 3.0), (0.7, 1.5), (0.4, 0.7), (0.9, 3.0))
"""(decay per answer, pseudo-answers at the prior) of the shares right; the last is the expectation of a habit."""
EXPECTATION = 3
"""Index in SHARES of the expectation against which a habit is measured."""
LEAST_SHARE = 0.001
LEVEL_DECAY = 0.97
HABIT_DECAY = 0.98
RUN_SATURATION = 0.6
LONGEST_RUN_WRONG = 3
LONGEST_RUN_RIGHT = 6
LONGEST_PREVIOUS_RUN = 3
PROBABILITY_FLOOR = 0.005
INTERVAL_Z = 1.6448536269514722
"""Two-sided 90 % of the normal distribution."""

LEAST_ANSWERS = 3
"""Answers on a concept below which its estimate says more about other learners than about this one."""
SOLID_FROM = 0.75
SOLID_LOW = 0.5
"""A concept is solid when its estimate reaches the first and the low end of its interval the second."""

FEATURES = (
    "prior",
    "share_all",
    "share_recent",
    "share_latest",
    "run_right",
    "run_wrong",
    "run_right_saturating",
    "run_wrong_saturating",
    "previous_run",
    "previous_run_share_all",
    "previous_run_share_latest",
    "answers",
    "answers_inverse",
    "level_other",
    "level_recent",
    "switching",
    "switching_run_right",
    "habit_run",
    "habit_pattern",
    "answers_habit_run",
    "switching_habit_run",
    "experience_inverse",
    "answers_level_other",
    "experience_habit_pattern",
)
"""Names of the model's inputs, in the order of the vectors that ``features`` returns."""


class InvalidAnswer(InvalidInput):
    """400: an answer that cannot be evidence of mastery."""

    code = "invalid_mastery_answer"
    detail = "The chance of guessing right must be at least 0 and below 1."


@dataclass(frozen=True, slots=True)
class ConceptAnswer:
    """One graded answer: which concept it is about, whether it was right, the chance of guessing it right.

    ``weight`` in (0, 1]: how much it counts (a learner's own verdict, and practice on an answer already shown, count half).
    """

    concept: str
    correct: bool
    guess: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Mastery:
    """The chance to answer right without guessing, its 90 % interval, and the number of answers behind it."""

    probability: float
    low: float
    high: float
    n: int

    @property
    def level(self) -> str:
        """The estimate in a word: what a learner may conclude from the number."""
        if self.n < LEAST_ANSWERS:
            return "not enough answers yet"
        return "solid" if self.probability >= SOLID_FROM and self.low >= SOLID_LOW else "shaky"


@dataclass(slots=True)
class ConceptState:
    """What is kept per concept: decayed sums of right answers and of weights, runs, switches, surprises.

    ``n`` counts answers, ``weight`` what they weigh (an answer that cannot be guessed weighs 1).
    """

    right: list[float] = field(default_factory=lambda: [0.0] * len(SHARES))
    weights: list[float] = field(default_factory=lambda: [0.0] * len(SHARES))
    n: int = 0
    run: float = 0.0
    previous_run: float = 0.0
    switches: float = 0.0
    surprise: float = 0.0


@dataclass(slots=True)
class LearnerState:
    """What is kept per learner; ``habits`` maps a situation to (decayed sum of surprises, decayed count).

    ``limits``: concept → (number of answers when it was set, probability) where the model by itself would have put a right answer below
    a wrong one; it holds until the next answer.
    """

    concepts: dict[str, ConceptState] = field(default_factory=dict)
    habits: dict[str, tuple[float, float]] = field(default_factory=dict)
    n: int = 0
    weight: float = 0.0
    recent_weight: float = 0.0
    surprise: float = 0.0
    recent_surprise: float = 0.0
    limits: dict[str, tuple[int, float]] = field(default_factory=dict)


def replay(history: Iterable[ConceptAnswer], priors: Priors | None = None) -> LearnerState:
    """Return the state after ``history``, oldest answer first."""
    state = LearnerState()
    for answer in history:
        observe(state, answer, priors)
    return state


def estimate(state: LearnerState, concept: str, priors: Priors | None = None) -> Mastery:
    """Return the mastery of ``concept`` in ``state``; a concept without answers rests on prior and other concepts."""
    probability = _probability(features(state, concept, priors))
    limit = state.limits.get(concept)
    if limit is not None and limit[0] == state.n:
        probability = limit[1]
    own = state.concepts.get(concept)
    n = own.n if own else 0
    low, high = _interval(probability, n, state.n - n)
    return Mastery(probability, low, high, n)


def observe(state: LearnerState, answer: ConceptAnswer, priors: Priors | None = None) -> None:
    """Take one graded answer into ``state``, in place.

    The fitted coefficients keep a right answer above a wrong one nearly always; where they do not, the two change places, so that
    a right answer never leaves a lower estimate than a wrong one would have left.
    """
    if not 0.0 <= answer.guess < 1.0:
        raise InvalidAnswer(attr="guess")
    otherwise = _branch(state, answer.concept)
    _take(state, answer, priors)
    _take(otherwise, replace(answer, correct=not answer.correct), priors)
    mine = _probability(features(state, answer.concept, priors))
    theirs = _probability(features(otherwise, answer.concept, priors))
    state.limits = {}
    if mine != theirs and (mine < theirs) is answer.correct:
        state.limits[answer.concept] = (state.n, theirs)


def _branch(state: LearnerState, concept: str) -> LearnerState:
    """A copy on which another answer on the concept can be tried; other concepts are shared, because they do not change."""
    own = state.concepts.get(concept) or ConceptState()
    copied = replace(own, right=list(own.right), weights=list(own.weights))
    return replace(state, concepts={**state.concepts, concept: copied}, habits=dict(state.habits), limits={})


def _take(state: LearnerState, answer: ConceptAnswer, priors: Priors | None) -> None:
    prior = _prior(answer.concept, priors)
    weight = (1.0 - answer.guess) * answer.weight
    credit = (float(answer.correct) - answer.guess) * answer.weight
    own = state.concepts.setdefault(answer.concept, ConceptState())
    deviation = credit - weight * _share(own, EXPECTATION, prior)
    for key in _situation(own):
        total, count = state.habits.get(key, (0.0, 0.0))
        state.habits[key] = (HABIT_DECAY * total + deviation, HABIT_DECAY * count + weight)
    for index, (decay, _) in enumerate(SHARES):
        own.right[index] = decay * own.right[index] + credit
        own.weights[index] = decay * own.weights[index] + weight
    _extend_run(own, answer.correct, weight, answer.weight)
    surprise = credit - weight * prior
    own.n += 1
    own.surprise += surprise
    state.n += 1
    state.weight += weight
    state.surprise += surprise
    state.recent_weight = LEVEL_DECAY * state.recent_weight + weight
    state.recent_surprise = LEVEL_DECAY * state.recent_surprise + surprise


def features(state: LearnerState, concept: str, priors: Priors | None = None) -> list[float]:
    """Return the model's inputs before the next answer on ``concept``; see ``FEATURES`` for the names."""
    prior = _prior(concept, priors)
    prior_logit = _logit(prior)
    own = state.concepts.get(concept) or ConceptState()
    n = own.weights[0]
    shares = [_logit(_share(own, index, prior)) - prior_logit for index in range(EXPECTATION)]
    right, wrong = max(own.run, 0.0), max(-own.run, 0.0)
    run_right, run_wrong = math.log1p(right), math.log1p(wrong)
    previous = math.log1p(own.previous_run)
    others = max(state.weight - n, 0.0)
    experience = math.log1p(others)
    level_other = (state.surprise - own.surprise) / (others + 4.0)
    level_recent = state.recent_surprise / (state.recent_weight + 3.0)
    switching = own.switches / (n + 2.0)
    run_key, pattern_key = _situation(own)
    habit_run = _habit(state, run_key)
    habit_pattern = _habit(state, pattern_key)
    answers = math.log1p(n)
    return [
        prior_logit,
        *shares,
        run_right,
        run_wrong,
        RUN_SATURATION**right,
        RUN_SATURATION**wrong,
        previous,
        previous * shares[0],
        previous * shares[2],
        answers,
        1.0 / (1.0 + n),
        level_other,
        level_recent,
        switching,
        switching * run_right,
        habit_run,
        habit_pattern,
        answers * habit_run,
        switching * habit_run,
        experience / (1.0 + n),
        answers * level_other,
        experience * habit_pattern,
    ]


def _probability(inputs: Sequence[float]) -> float:
    score = parameters.INTERCEPT + math.fsum(
        weight * value for weight, value in zip(parameters.WEIGHTS, inputs, strict=True)
    )
    return min(max(1.0 / (1.0 + math.exp(-score)), PROBABILITY_FLOOR), 1.0 - PROBABILITY_FLOOR)


def _interval(probability: float, n: int, others: int) -> tuple[float, float]:
    """Return the 90 % interval: a normal distribution of the logit, its spread fitted to the answers that followed."""
    centre = _logit(probability)
    base, per_answer, per_other, per_logit = parameters.SPREAD
    log_spread = base + per_answer * math.log1p(n) + per_other * math.log1p(others) + per_logit * abs(centre)
    spread = INTERVAL_Z * math.exp(log_spread)
    return 1.0 / (1.0 + math.exp(spread - centre)), 1.0 / (1.0 + math.exp(-spread - centre))


def _extend_run(own: ConceptState, correct: bool, weight: float, counts: float) -> None:
    """A run of right answers grows by their weight: two lucky guesses are no run of two. A wrong one cannot be a lucky guess."""
    same = own.run > 0 if correct else own.run < 0
    if own.n and not same:
        own.switches += weight
        own.previous_run = abs(own.run)
        own.run = 0.0
    own.run += weight if correct else -counts


def _situation(own: ConceptState) -> tuple[str, str]:
    """Return the keys under which the learner's habit is kept: by present run, and by present and previous run."""
    run = min(max(round(own.run), -LONGEST_RUN_WRONG), LONGEST_RUN_RIGHT)
    previous = min(round(own.previous_run), LONGEST_PREVIOUS_RUN)
    return f"{run}", f"{run}/{previous}"


def _habit(state: LearnerState, key: str) -> float:
    total, count = state.habits.get(key, (0.0, 0.0))
    return total / (count + 4.0)


def _share(own: ConceptState, index: int, prior: float) -> float:
    pseudo_answers = SHARES[index][1]
    share = (own.right[index] + pseudo_answers * prior) / (own.weights[index] + pseudo_answers)
    return min(max(share, LEAST_SHARE), 1.0 - LEAST_SHARE)


def _prior(concept: str, priors: Priors | None) -> float:
    value = parameters.POPULATION_PRIOR if priors is None else priors.get(concept, parameters.POPULATION_PRIOR)
    return min(max(value, 0.02), 0.98)


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))

"""The mastery gate: passed when the answers on a concept can hardly be luck.

A sequential test of a fixed plan against "right half of the time". A learner passes with no wrong answer
after 9, one after 13, two after 14 or three after 15 answers; later the last 15 count, with at most one wrong,
or the last 12 if all are right. In every case the last two answers are right. Checked exactly over all
answer sequences (``pass_chance``): one who is right half of the time passes within 20 answers with
probability .0163, one who is right a quarter of the time with .00002, one who is right nine
times out of ten passes within 15 with probability .922. A rule of five right answers in a row, for
comparison, lets the first pass in a quarter of the cases.

The plan holds for the worst case that a question can be, one of two options. On top of it the posterior
chance that the learner knows rather than guesses, from the guess chance of each question, must be high
enough; it is decisive where guessing succeeds more often than half of the time.

A pass lapses when at least three of the last five answers are wrong; the gate then starts afresh.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

WINDOW = 15
LEAST_ANSWERS_BY_WRONG = (9, 13, 14, 15)
"""Index: wrong answers; value: the number of answers from which so many are allowed."""
LATER_WRONG_ALLOWED = 1
LATER_RUN = 12
LAST_RIGHT = 2
LAPSE_WINDOW = 5
LAPSE_WRONG = 3
KNOWER_RIGHT = 0.9
LEAST_GUESS = 0.05
PRIOR_KNOWS = 0.5
CONFIDENCE_NEEDED = 0.85


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """A graded answer on the concept: right or wrong, and the chance to guess it right (1 / options)."""

    correct: bool
    guess: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """Where a learner stands: ``passed`` now, ``passes`` ever, answers since the start or the last lapse.

    - ``confidence``: the chance, judged by the last 15 answers, that the learner knows rather than guesses;
    - ``right_in_a_row_needed``: how many right answers without an error pass from here (0 = passed);
    - ``passed_at``: which answer, of all ever given, won the present pass.
    """

    passed: bool
    passes: int
    answers: int
    confidence: float
    right_in_a_row_needed: int
    passed_at: int | None = None


@dataclass(slots=True)
class _Run:
    mask: int = 0
    n: int = 0
    gains: tuple[float, ...] = ()
    passed: bool = False
    passes: int = 0
    total: int = 0
    passed_at: int | None = None

    def take(self, answer: GateAnswer) -> None:
        self.mask = _shift(self.mask, answer.correct)
        self.n += 1
        self.total += 1
        self.gains = (*self.gains, _log_odds_gain(answer))[-WINDOW:]
        if self.passed:
            if _wrong(self.mask, min(self.n, LAPSE_WINDOW)) >= LAPSE_WRONG:
                self.mask, self.n, self.gains = 0, 0, ()
                self.passed, self.passed_at = False, None
        elif _plan_met(self.mask, self.n) and self.confidence >= CONFIDENCE_NEEDED:
            self.passed = True
            self.passes += 1
            self.passed_at = self.total

    @property
    def confidence(self) -> float:
        odds = math.log(PRIOR_KNOWS / (1.0 - PRIOR_KNOWS)) + math.fsum(self.gains)
        return 1.0 / (1.0 + math.exp(-odds))


def guess_chance(option_count: int) -> float:
    """Return the chance to hit the key blindly: 1 / options, and 0 where there are none to choose from."""
    return 1.0 / option_count if option_count else 0.0


def gate_state(answers: Iterable[GateAnswer]) -> Gate:
    """Return the state of the gate after ``answers`` on one concept, oldest first."""
    run = _Run()
    guess = 0.0
    for answer in answers:
        run.take(answer)
        guess = answer.guess
    return Gate(run.passed, run.passes, run.n, run.confidence, _needed(run, guess), run.passed_at)


def first_pass(answers: Iterable[GateAnswer]) -> int | None:
    """Return after how many answers the gate is first passed, or None."""
    run = _Run()
    for number, answer in enumerate(answers, start=1):
        run.take(answer)
        if run.passed:
            return number
    return None


def pass_chance(right: float, tries: int, guess: float = 0.0) -> float:
    """Return the exact probability to pass within ``tries`` answers when each is right with chance ``right``.

    Sums over all sequences that differ in their last 15 answers. ``guess`` is that of every question.
    """
    waiting = {0: 1.0}
    passed = 0.0
    for n in range(1, tries + 1):
        after: dict[int, float] = {}
        for mask, weight in waiting.items():
            for correct, chance in ((True, right), (False, 1.0 - right)):
                longer = _shift(mask, correct)
                if _plan_met(longer, n) and _confidence_of(longer, min(n, WINDOW), guess) >= CONFIDENCE_NEEDED:
                    passed += weight * chance
                else:
                    after[longer] = after.get(longer, 0.0) + weight * chance
        waiting = after
    return passed


def _plan_met(mask: int, n: int) -> bool:
    if _wrong(mask, min(n, LAST_RIGHT)) or n < LEAST_ANSWERS_BY_WRONG[0]:
        return False
    wrong = _wrong(mask, min(n, WINDOW))
    if n > WINDOW:
        return wrong <= LATER_WRONG_ALLOWED or not _wrong(mask, LATER_RUN)
    return wrong < len(LEAST_ANSWERS_BY_WRONG) and n >= LEAST_ANSWERS_BY_WRONG[wrong]


def _shift(mask: int, correct: bool) -> int:
    """Return the last WINDOW outcomes as bits, the newest in bit 0."""
    return ((mask << 1) | correct) & ((1 << WINDOW) - 1)


def _wrong(mask: int, last: int) -> int:
    return last - (mask & ((1 << last) - 1)).bit_count()


def _log_odds_gain(answer: GateAnswer) -> float:
    guess = min(max(answer.guess, LEAST_GUESS), 0.99)
    if answer.correct:
        return math.log(KNOWER_RIGHT / guess)
    return math.log((1.0 - KNOWER_RIGHT) / (1.0 - guess))


def _confidence_of(mask: int, n: int, guess: float) -> float:
    wrong = _wrong(mask, n)
    gain = (n - wrong) * _log_odds_gain(GateAnswer(True, guess)) + wrong * _log_odds_gain(GateAnswer(False, guess))
    return 1.0 / (1.0 + math.exp(-math.log(PRIOR_KNOWS / (1.0 - PRIOR_KNOWS)) - gain))


def _needed(run: _Run, guess: float) -> int:
    if run.passed:
        return 0
    trial = _Run(run.mask, run.n, run.gains)
    for more in range(1, 2 * WINDOW):
        trial.take(GateAnswer(True, guess))
        if trial.passed:
            return more
    return 2 * WINDOW

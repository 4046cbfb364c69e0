"""Whether the expected share of marks in an exam is what learners get, and whether the interval holds it.

Usage: ``python -m benchmarks.readiness [--data DIR] [--learners 150]``. Two kinds of learners:

- replayed (DIR holds ``learners/assistments_train.csv``): of each skill a learner's first answers are the history, how many is
  drawn beforehand, and the next answers are an exam that asks every skill once, or three times. The constant ``SHARED`` was chosen
  on four fifths of the learners; the last fifth, on which nothing was fitted, is printed beside them.
- simulated: learners of different ability answer questions, learn from mistakes, review within the cap, miss days and forget as
  FSRS states; on a day before the exam the share is predicted, then they go on as before and sit the exam, which asks a new
  question of each concept. Nothing is fitted on them.

Printed for each: how many, mean share predicted and observed, how many of the 90 % intervals hold the marks, and a table of
reliability by predicted share.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.mastery import Learner, load_learners, split
from sessions_app.domain import readiness as domain
from sessions_app.domain.exam_plan import exam_days
from sessions_app.domain.mastery import belief
from sessions_app.domain.mastery.belief import ConceptAnswer, LearnerState
from sessions_app.domain.readiness import ConceptOutlook, memory_on_day, readiness
from sessions_app.domain.review_load import reviews_today
from sessions_app.engine import scheduling
from sessions_app.engine.exams import exam_card, forecast
from sessions_app.engine.scheduling import DEFAULT_RETENTION, CardDocument, ReviewRating

HALF = 0.5
"""What an answer to a question that was answered before counts, as in ``sessions_app.services.mastery``."""

START = date(2026, 1, 1)
HISTORIES = (1, 2, 3, 5, 8)
LEAST_CONCEPTS = 4
SHARES_TRIED = (0.0, 0.1, 0.2, 0.3, 0.5)
GUESS = 0.25
LEARNT, CARRIED_OVER = 0.5, 0.1
"""Assumed: how often a question answered wrong is understood afterwards, and how much that carries over to its concept."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """An exam as predicted and as it went: the outlook of each concept, and the share of marks."""

    outlooks: tuple[ConceptOutlook, ...]
    marks: float


def replayed(learners: Sequence[Learner], questions: int, seed: int) -> list[Sitting]:
    """Return one sitting of each learner with enough skills; ``questions``: how often the exam asks each skill."""
    dice = random.Random(seed)
    found = []
    for skills, outcomes in learners:
        kept = {skill: dice.choice(HISTORIES) for skill in dict.fromkeys(skills)}
        state, seen = LearnerState(), dict.fromkeys(kept, 0)
        exam: dict[str, list[int]] = {}
        for skill, outcome in zip(skills, outcomes, strict=True):
            seen[skill] += 1
            if seen[skill] <= kept[skill]:
                belief.observe(state, ConceptAnswer(skill, bool(outcome)))
            elif seen[skill] <= kept[skill] + questions:
                exam.setdefault(skill, []).append(outcome)
        if len(exam) >= LEAST_CONCEPTS:
            marks = sum(sum(given) / len(given) for given in exam.values()) / len(exam)
            found.append(Sitting(tuple(_outlook(state, skill, 1.0) for skill in exam), marks))
    return found


def _outlook(state: LearnerState, concept: str, memory: float) -> ConceptOutlook:
    known = belief.estimate(state, concept)
    return ConceptOutlook(concept, known.probability, known.low, known.high, memory)


@dataclass(slots=True)
class Student:
    """A simulated learner: the chance to understand a question of each concept, which of those asked are understood, the cards,
    and what was answered."""

    dice: random.Random
    habit: float
    chance: dict[str, float]
    understood: dict[str, bool]
    concept: dict[str, str]
    cards: dict[str, CardDocument] = field(default_factory=dict)
    state: LearnerState = field(default_factory=LearnerState)

    def answer(self, question: str, day: date) -> None:
        """Answer a question, new or as a review: right with understanding and memory, or by a guess; a wrong one may teach."""
        now = scheduling.clock(day)
        card = self.cards.get(question)
        knows = self.understood[question] and (
            card is None or self.dice.random() < scheduling.retrievability(card, now)
        )
        right = knows or self.dice.random() < GUESS
        belief.observe(self.state, ConceptAnswer(self.concept[question], right, GUESS, 1.0 if card is None else HALF))
        rating = ReviewRating.GOOD if right else ReviewRating.AGAIN
        self.cards[question] = scheduling.review_answer(card or scheduling.new_card(now), rating, now)
        if not right and self.dice.random() < LEARNT:
            self.understood[question] = True
            self.chance[self.concept[question]] += CARRIED_OVER * (1 - self.chance[self.concept[question]])

    def review(self, day: date, exam_on: date, cap: int) -> None:
        """Do the day's reviews, as the plan for the exam has them."""
        days = exam_days([exam_card(pk, card, exam_on) for pk, card in self.cards.items()], day, exam_on, cap)
        waiting = [scheduling.waiting_card(pk, card, day, days[pk]) for pk, card in self.cards.items()]
        for question in reviews_today(waiting, day, cap):
            self.answer(question, day)

    def outlooks(self, day: date, exam_on: date, cap: int) -> tuple[ConceptOutlook, ...]:
        """Return what the product expects of each concept that was answered."""
        ahead = forecast(self.cards, day, exam_on, exam_on, cap=cap, retention=DEFAULT_RETENTION)
        recalls: dict[str, list[float]] = {}
        for question, recall in ahead.recall.items():
            recalls.setdefault(self.concept[question], []).append(recall)
        return tuple(
            _outlook(self.state, concept, memory_on_day(found, DEFAULT_RETENTION)) for concept, found in recalls.items()
        )

    def marks(self, concepts: Sequence[str], exam_on: date) -> float:
        """Sit an exam that asks a new question of each concept, without options to guess from; a concept is remembered as its
        cards are."""
        right = 0
        for concept in concepts:
            cards = [card for pk, card in self.cards.items() if self.concept[pk] == concept]
            recall = np.mean([scheduling.retrievability(card, scheduling.clock(exam_on)) for card in cards])
            right += self.dice.random() < self.chance[concept] * recall
        return right / len(concepts)


def simulated(number: int, cap: int) -> Sitting:
    """Return the sitting of one simulated learner."""
    dice = random.Random(number)
    ability, concepts = dice.gauss(0.8, 1.2), dice.randint(5, 14)
    student = Student(dice, dice.uniform(0.6, 0.95), {}, {}, {})
    for concept in range(concepts):
        chance = student.chance[str(concept)] = 1 / (1 + math.exp(-(ability + dice.gauss(0, 0.8))))
        for place in range(dice.randint(2, 6)):
            question = f"{concept}.{place}"
            student.understood[question], student.concept[question] = dice.random() < chance, str(concept)
    exam_on = START + timedelta(days=dice.randint(15, 60))
    asked_on = START + timedelta(days=dice.randint(5, (exam_on - START).days - 1))
    new = sorted(student.understood)
    dice.shuffle(new)
    outlooks: tuple[ConceptOutlook, ...] = ()
    for day in (START + timedelta(days=n) for n in range((exam_on - START).days)):
        if day == asked_on:
            outlooks = student.outlooks(day, exam_on, cap)
            new = []  # what is asked until then is what the exam asks about
        if dice.random() > student.habit and day != START:
            continue
        student.review(day, exam_on, cap)
        for question in [new.pop() for _ in range(min(len(new), 6))]:
            student.answer(question, day)
    return Sitting(outlooks, student.marks([outlook.concept for outlook in outlooks], exam_on))


def report(name: str, sittings: Sequence[Sitting]) -> None:
    """Print means, coverage and the table of reliability."""
    found = [readiness(sitting.outlooks) for sitting in sittings]
    marks = np.array([sitting.marks for sitting in sittings])
    share, low, high = (
        np.array(column, dtype=float)
        for column in zip(*((f.expected_share, f.low, f.high) for f in found), strict=True)
    )
    inside = (low <= marks) & (marks <= high)
    print(
        f"{name}: {len(marks)} sittings, predicted {share.mean():.3f}, observed {marks.mean():.3f}, "
        f"inside the interval {inside.mean():.3f}, mean width {(high - low).mean():.3f}, "
        f"correlation {np.corrcoef(share, marks)[0, 1]:.2f}"
    )
    error = 0.0
    for place in range(5):
        chosen = np.minimum((share * 5).astype(int), 4) == place
        if chosen.any():
            error += chosen.mean() * abs(share[chosen].mean() - marks[chosen].mean())
            print(
                f"    {place / 5:.1f}-{(place + 1) / 5:.1f} {chosen.sum():>5} sittings  predicted {share[chosen].mean():.3f}  "
                f"observed {marks[chosen].mean():.3f}  inside {inside[chosen].mean():.3f}"
            )
    print(f"    expected calibration error {error:.3f}")


def choices(sittings: Sequence[Sequence[Sitting]]) -> None:
    """Print how many intervals hold the marks for each value of ``SHARED``, over exams of one and of three questions a skill."""
    marks = [np.array([sitting.marks for sitting in group]) for group in sittings]
    for value in SHARES_TRIED:
        with mock.patch.object(domain, "SHARED", value):
            found = [[readiness(sitting.outlooks) for sitting in group] for group in sittings]
        held = [
            np.mean([f.low <= m <= f.high for f, m in zip(group, own, strict=True)])
            for group, own in zip(found, marks, strict=True)
        ]
        print(f"    SHARED {value}: inside {', '.join(f'{share:.3f}' for share in held)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder that holds learners/assistments_train.csv")
    parser.add_argument("--learners", type=int, default=150, help="simulated learners")
    parser.add_argument("--cap", type=int, default=30)
    options = parser.parse_args(arguments)
    if options.data is not None:
        fitted_on, kept_aside = split(load_learners(options.data / "learners" / "assistments_train.csv"), 0)
        for name, learners in (("fitted on", fitted_on), ("kept aside", kept_aside)):
            groups = [replayed(learners, questions, seed=questions) for questions in (1, 3)]
            for questions, sittings in zip((1, 3), groups, strict=True):
                report(f"replayed, {name}, {questions} a skill", sittings)
            choices(groups)
    report("simulated", [simulated(number, options.cap) for number in range(options.learners)])
    return 0


if __name__ == "__main__":
    sys.exit(main())

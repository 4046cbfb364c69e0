"""Review load over an absence of thirty days: the daily cap, waiting times and recall, by simulation.

Usage: ``python -m benchmarks.reviews [--cap 30] [--cards 600] [--days 240]``. No data is needed: a learner
adds cards at a steady pace, answers right with exactly the chance FSRS states, stays away for thirty days and
comes back. The other sides: the same learner without a cap, and with the cap filled by due date only.

``--exam`` simulates 200 learners over 120 days before an exam instead, in time zones from -11 to +14 hours, who learn new cards,
study at odd hours, miss days, and forget as FSRS states: with the plan for the exam, and without it at a desired retention that
costs as many reviews. Printed: recall of the cards on the day of the exam, reviews, the busiest day, cards that were answered and
did not move, and due cards that waited for more than a month.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from sessions_app.domain.exam_plan import exam_days
from sessions_app.domain.review_load import WaitingCard, reviews_today
from sessions_app.engine import scheduling
from sessions_app.engine.exams import exam_card
from sessions_app.engine.scheduling import CardDocument, ReviewRating

START = date(2026, 1, 1)
ABSENT = range(90, 120)
Chooser = Callable[[Sequence[WaitingCard], date, int], list[str]]


@dataclass(slots=True)
class Outcome:
    """What a simulated learner went through; ``waits`` are days between due and shown."""

    loads: dict[int, int] = field(default_factory=dict)
    waits: list[int] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    late: int = 0
    back_to_normal: int | None = None


def by_due_date(cards: Sequence[WaitingCard], today: date, cap: int) -> list[str]:
    """Fill the cap with the cards that are due longest."""
    due = sorted((card for card in cards if card.due <= today), key=lambda card: (card.due, card.id))
    return [card.id for card in due[:cap]]


def simulate(choose: Chooser, *, cap: int, cards: int, days: int, level: bool) -> Outcome:
    """Return the loads, waits and recall of a learner who is absent for thirty days."""
    dice = random.Random(7)
    deck: dict[str, CardDocument] = {}
    outcome = Outcome()
    for day in range(days):
        today = START + timedelta(days=day)
        if day in ABSENT:
            continue
        now = datetime.combine(today, time(9), tzinfo=UTC)
        load = scheduling.load_by_day(scheduling.due_at(card).date() for card in deck.values())
        waiting = [scheduling.waiting_card(identity, card, today) for identity, card in deck.items()]
        chosen = choose(waiting, today, cap)
        due = sum(card.due <= today for card in waiting)
        if day > ABSENT[-1] and due <= cap and outcome.back_to_normal is None:
            outcome.back_to_normal = day - ABSENT[-1]
        for identity in chosen:
            card = deck[identity]
            outcome.waits.append((today - scheduling.due_at(card).date()).days)
            chance = scheduling.retrievability(card, now)
            outcome.recall.append(chance)
            rating = ReviewRating.GOOD if dice.random() < chance else ReviewRating.AGAIN
            limits = {"load": load, "cap": cap} if level else {}
            deck[identity] = scheduling.review_answer(card, rating, now, **limits)
            next_day = scheduling.due_at(deck[identity]).date()
            load[next_day] = load.get(next_day, 0) + 1
        outcome.loads[day] = len(chosen)
        if len(deck) < cards:
            for _ in range(6):
                fresh = scheduling.new_card(now)
                deck[f"{len(deck):04d}"] = scheduling.review_answer(fresh, ReviewRating.GOOD, now)
    today = START + timedelta(days=days)
    outcome.late = sum((today - scheduling.due_at(card).date()).days > 30 for card in deck.values())
    return outcome


@dataclass(slots=True)
class Term:
    """What a term before an exam came to, over all learners."""

    reviews: int = 0
    recall: list[float] = field(default_factory=list)
    busiest: int = 0
    unmoved: int = 0
    starved: int = 0

    def line(self, name: str) -> str:
        """Return the figures as a line."""
        mean = sum(self.recall) / len(self.recall)
        return (
            f"{name:<34} recall on the day {mean:.4f}  reviews {self.reviews:>7}  busiest day {self.busiest:>3}  "
            f"answered and not moved {self.unmoved}  starved {self.starved}"
        )


def term(*, learners: int, days: int, cap: int, exam: bool, retention: float) -> Term:
    """Simulate a term: every learner has cards of one course, and studies on four days of five."""
    found = Term()
    for number in range(learners):
        _study(found, random.Random(number), days=days, cap=cap, exam=exam, retention=retention)
    return found


def _study(found: Term, dice: random.Random, *, days: int, cap: int, exam: bool, retention: float) -> None:
    zone = timezone(timedelta(hours=dice.randint(-11, 14)))
    exam_on = START + timedelta(days=days)
    deck: dict[str, CardDocument] = {}
    total, pace = dice.randint(60, 240), dice.randint(2, 5)
    habit = dice.uniform(0.6, 0.95)
    for number in range(days):
        if dice.random() > habit:
            continue
        moment = datetime.combine(START + timedelta(days=number), time(dice.randint(0, 23), 30), tzinfo=zone)
        today = moment.astimezone(UTC).astimezone(zone).date()
        now = scheduling.clock(today)
        plan = {pk: scheduling.due_at(card).date() for pk, card in deck.items()}
        if exam:
            plan |= exam_days([exam_card(pk, card, exam_on) for pk, card in deck.items()], today, exam_on, cap)
        waiting = [scheduling.waiting_card(pk, card, today, plan[pk]) for pk, card in deck.items()]
        found.starved += sum((today - card.due).days > 30 for card in waiting)
        chosen = reviews_today(waiting, today, cap)
        load = scheduling.load_by_day(scheduling.due_at(card).date() for card in deck.values())
        for pk in chosen:
            recalled = dice.random() < scheduling.retrievability(deck[pk], now)
            rating = ReviewRating.GOOD if recalled else ReviewRating.AGAIN
            before = deck[pk]
            deck[pk] = scheduling.review_answer(before, rating, now, desired_retention=retention, load=load, cap=cap)
            found.unmoved += scheduling.due_at(deck[pk]).date() <= today
        found.reviews += len(chosen)
        found.busiest = max(found.busiest, len(chosen))
        for _ in range(pace if len(deck) < total and number < days - 10 else 0):
            deck[f"{len(deck):04d}"] = scheduling.review_answer(scheduling.new_card(now), ReviewRating.GOOD, now)
    found.recall += [scheduling.retrievability(card, scheduling.clock(exam_on)) for card in deck.values()]


def exam(*, learners: int, days: int, cap: int) -> int:
    """Print the term with the plan and without it at about the same work; exit 1 unless the plan remembers more."""
    planned = term(learners=learners, days=days, cap=cap, exam=True, retention=scheduling.DEFAULT_RETENTION)
    plain = term(learners=learners, days=days, cap=cap, exam=False, retention=scheduling.DEFAULT_RETENTION)
    print(planned.line("with the date of the exam"))
    print(plain.line("without it"))
    same = plain
    for step in range(1, 9):
        if same.reviews >= planned.reviews:
            break
        retention = scheduling.DEFAULT_RETENTION + 0.005 * step
        same = term(learners=learners, days=days, cap=cap, exam=False, retention=retention)
    print(same.line("without it, as many reviews"))
    better = sum(planned.recall) / len(planned.recall) > sum(same.recall) / len(same.recall)
    return int(not better or planned.unmoved > 0 or planned.busiest > cap)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the three sides; exit 1 when a day is above the cap or a card is starved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cap", type=int, default=30)
    parser.add_argument("--cards", type=int, default=600)
    parser.add_argument("--days", type=int, default=240)
    parser.add_argument("--exam", action="store_true")
    parser.add_argument("--learners", type=int, default=200)
    options = parser.parse_args(argv)
    if options.exam:
        return exam(learners=options.learners, days=min(options.days, 120), cap=options.cap)
    sides: list[tuple[str, Chooser, bool, int]] = [
        ("this plan", reviews_today, True, options.cap),
        ("cap, by due date only", by_due_date, False, options.cap),
        ("no cap", by_due_date, False, 10**6),
    ]
    failed = False
    for name, choose, level, cap in sides:
        result = simulate(choose, cap=cap, cards=options.cards, days=options.days, level=level)
        after = [load for day, load in result.loads.items() if day > ABSENT[-1]]
        print(
            f"{name:<24} busiest day {max(result.loads.values()):>4}  first day back {after[0]:>4}  longest wait "
            f"{max(result.waits):>3} days  mean recall {sum(result.recall) / len(result.recall):.3f}  "
            f"reviews {len(result.recall)}  back to normal after {result.back_to_normal} days  left late {result.late}"
        )
        if level:
            failed = max(result.loads.values()) > cap or result.late > 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

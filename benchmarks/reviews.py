"""Review load over an absence of thirty days: the daily cap, waiting times and recall, by simulation.

Usage: ``python -m benchmarks.reviews [--cap 30] [--cards 600] [--days 240]``. No data is needed: a learner
adds cards at a steady pace, answers right with exactly the chance FSRS states, stays away for thirty days and
comes back. The other sides: the same learner without a cap, and with the cap filled by due date only.

``--exam`` simulates 200 learners over 120 days before an exam instead: in real time zones, most with a change to or from summer
time within the term, who learn new cards, study at any hour, miss days, stay away or move to another time zone, and forget as FSRS
states. Cards are moved by the function that moves stored ones. The sides: with the date of the exam, without it, and without it at
the desired retention that costs at least as many reviews. Printed: recall of the cards on the day of the exam, reviews, the busiest
day, cards that were answered and did not move, the longest wait, and how often a due card had waited for more than a month.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
django.setup()

from sessions_app.domain.exam_plan import ExamCard, exam_days  # noqa: E402
from sessions_app.domain.review_load import WaitingCard, reviews_today  # noqa: E402
from sessions_app.engine import scheduling  # noqa: E402
from sessions_app.engine.exams import exam_card  # noqa: E402
from sessions_app.engine.scheduling import CardDocument, ReviewRating  # noqa: E402
from sessions_app.models import ReviewCard  # noqa: E402
from sessions_app.selectors.practice import calendar_card, local_day, start_of_day  # noqa: E402
from sessions_app.services.cards import card_move  # noqa: E402

TERM_DAYS = 120
STARVED_DAYS = 30
HIGHEST_RETENTION = 0.98
HALVINGS = 6
SAMPLED = 10
RETENTION_STEP = 0.002
ZONES = (
    "Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Los_Angeles", "America/Santiago", "America/Havana", "America/St_Johns",
)  # fmt: skip
"""Time zones of learners: all but four change their clocks in the term, four of them at midnight, one by half an hour."""
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
        load = Counter(scheduling.due_at(card).date() for card in deck.values())
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
    longest_wait: int = 0
    starved: int = 0

    @property
    def mean_recall(self) -> float:
        """The mean chance to recall a card on the day of the exam."""
        return sum(self.recall) / len(self.recall)

    def line(self, name: str) -> str:
        """Return the figures as a line."""
        return (
            f"{name:<34} recall on the day {self.mean_recall:.4f}  cards {len(self.recall)}  reviews {self.reviews:>7}  "
            f"busiest day {self.busiest:>3}  answered and not moved {self.unmoved}  longest wait {self.longest_wait} days  "
            f"starved {self.starved}"
        )


@dataclass(slots=True)
class Plan:
    """How a term is reviewed: the daily cap, whether the date of the exam is known, and the desired retention."""

    cap: int
    exam: bool
    retention: float = scheduling.DEFAULT_RETENTION


@dataclass(slots=True)
class Studying:
    """A learner of the simulation: a real time zone, cards as they are stored, and how the cards look in their calendar."""

    zone: ZoneInfo
    exam_on: date
    cards: dict[str, ReviewCard] = field(default_factory=dict)
    views: dict[str, ExamCard] = field(default_factory=dict)
    answered_at: list[datetime] = field(default_factory=list)

    def see(self, pk: str) -> None:
        """Look at a card anew, after an answer or a journey."""
        self.views[pk] = exam_card(pk, calendar_card(self.cards[pk], self.zone), self.exam_on)

    def move_to(self, zone: ZoneInfo) -> None:
        """Go to live in another time zone."""
        self.zone = zone
        for pk in self.cards:
            self.see(pk)

    def done(self, day: date) -> int:
        """Return how many reviews were answered on a day of the learner's calendar."""
        start, end = start_of_day(day, self.zone), start_of_day(day + timedelta(days=1), self.zone)
        return sum(start <= moment < end for moment in self.answered_at)

    def due(self, today: date, plan: Plan) -> list[WaitingCard]:
        """Return the cards that may come today, by the plan of the exam where its date is known."""
        days = {pk: view.due for pk, view in self.views.items()}
        if plan.exam:
            days = exam_days(list(self.views.values()), today, self.exam_on, plan.cap)
        return [
            scheduling.waiting_card(pk, calendar_card(self.cards[pk], self.zone), today, day)
            for pk, day in days.items()
            if day <= today
        ]


def term(learners: Sequence[int], days: int, plan: Plan) -> Term:
    """Simulate a term of the learners with these numbers: each has cards of one course and days of their own."""
    found = Term()
    for number in learners:
        _study(found, number, days, plan)
    return found


def _study(found: Term, who: int, days: int, plan: Plan) -> None:
    """One learner: studies once or twice on most days, at any hour; some stay away for a while, some go to live elsewhere.

    Their days come from dice of their own, so that they are the same on every side.
    """
    dice, memory = random.Random(who), random.Random(-1 - who)
    learner = Studying(ZoneInfo(dice.choice(ZONES)), START + timedelta(days=days))
    total, pace, habit = dice.randint(60, 240), dice.randint(2, 5), dice.uniform(0.6, 0.95)
    away = range(0)
    if dice.random() < 0.5:
        away = range(first := dice.randrange(20, days - 30), first + dice.randint(5, 14))
    journey = dice.randrange(days) if dice.random() < 0.2 else None
    for number in range(days):
        if number == journey:
            learner.move_to(ZoneInfo(dice.choice(ZONES)))
        hours = sorted(dice.sample(range(24), dice.choice((1, 1, 2))))
        if number in away or dice.random() > habit:
            continue
        for hour in hours:
            local = datetime.combine(START + timedelta(days=number), time(hour, 30), tzinfo=learner.zone)
            _sitting(found, learner, memory, local.astimezone(UTC), plan)
        for _ in range(pace if len(learner.cards) < total and number < days - 10 else 0):
            _learn(learner, local.astimezone(UTC), plan)
    on_the_day = scheduling.clock(learner.exam_on)
    found.recall += [
        scheduling.retrievability(calendar_card(card, learner.zone), on_the_day) for card in learner.cards.values()
    ]


def _sitting(found: Term, learner: Studying, dice: random.Random, moment: datetime, plan: Plan) -> None:
    """Answer what the day still asks for; a card is recalled with exactly the chance that FSRS states."""
    today = local_day(moment, learner.zone)
    waiting = learner.due(today, plan)
    for seen in waiting:
        wait = (today - learner.views[seen.id].due).days
        found.longest_wait = max(found.longest_wait, wait)
        found.starved += wait > STARVED_DAYS
    load = Counter(view.due for view in learner.views.values() if view.due >= today)
    now = scheduling.clock(today)
    for pk in reviews_today(waiting, today, plan.cap, learner.done(today)):
        card = learner.cards[pk]
        chance = scheduling.retrievability(calendar_card(card, learner.zone), now)
        rating = ReviewRating.GOOD if dice.random() < chance else ReviewRating.AGAIN
        card_move(card, rating, moment, zone=learner.zone, load=load, cap=plan.cap, retention=plan.retention)
        learner.answered_at.append(moment)
        learner.see(pk)
        found.unmoved += learner.views[pk].due <= today
        found.reviews += 1
    found.busiest = max(found.busiest, learner.done(today))


def _learn(learner: Studying, moment: datetime, plan: Plan) -> None:
    pk, now = f"{len(learner.cards):04d}", scheduling.clock(local_day(moment, learner.zone))
    learner.cards[pk] = ReviewCard(state=scheduling.new_card(now), due_at=moment)
    card_move(
        learner.cards[pk], ReviewRating.GOOD, moment,
        zone=learner.zone, load={}, cap=plan.cap, retention=plan.retention,
    )  # fmt: skip
    learner.see(pk)


def as_many_reviews(learners: range, days: int, cap: int, reviews: int) -> Term:
    """Return the term without the date at a desired retention that costs at least ``reviews``.

    The retention is found by halving on every tenth learner, whose share of the reviews is known by running them with the date;
    then all run, at a higher one as long as that is too few.
    """
    some = learners[::SAMPLED]
    wanted = term(some, days, Plan(cap, exam=True)).reviews
    low, high = scheduling.DEFAULT_RETENTION, HIGHEST_RETENTION
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = term(some, days, Plan(cap, exam=False, retention=middle)).reviews >= wanted
        low, high = (low, middle) if enough else (middle, high)
    while (found := term(learners, days, Plan(cap, exam=False, retention=high))).reviews < reviews:
        if high >= HIGHEST_RETENTION:
            break
        high = min(high + RETENTION_STEP, HIGHEST_RETENTION)
    print(f"without the date, desired retention {high:.4f} instead of {scheduling.DEFAULT_RETENTION}:")
    return found


def exam(*, learners: int, days: int, cap: int) -> int:
    """Print the term with the date and without it, as usual and at the same work; exit 1 unless the date remembers more."""
    everybody = range(learners)
    planned = term(everybody, days, Plan(cap, exam=True))
    print(planned.line("with the date of the exam"), flush=True)
    print(term(everybody, days, Plan(cap, exam=False)).line("without it"), flush=True)
    same = as_many_reviews(everybody, days, cap, planned.reviews)
    print(same.line("without it, at least as many reviews"))
    enough = same.reviews >= planned.reviews
    print("the same work was reached" if enough else "the same work was NOT reached: the comparison does not hold")
    better = planned.mean_recall > same.mean_recall
    return int(not enough or not better or planned.unmoved + planned.starved > 0 or planned.busiest > cap)


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
        return exam(learners=options.learners, days=TERM_DAYS, cap=options.cap)
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

"""Review load over an absence of thirty days: the daily cap, waiting times and recall, by simulation.

Usage: ``python -m benchmarks.reviews [--cap 30] [--cards 600] [--days 240]``. No data is needed: a learner
adds cards at a steady pace, answers right with exactly the chance FSRS states, stays away for thirty days and
comes back. The other sides: the same learner without a cap, and with the cap filled by due date only.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sessions_app.domain.review_load import WaitingCard, reviews_today
from sessions_app.engine import scheduling
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


def main(argv: Sequence[str] | None = None) -> int:
    """Print the three sides; exit 1 when a day is above the cap or a card is starved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cap", type=int, default=30)
    parser.add_argument("--cards", type=int, default=600)
    parser.add_argument("--days", type=int, default=240)
    options = parser.parse_args(argv)
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

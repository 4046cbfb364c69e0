"""Cards before an exam: how the plan for it sees a card, and what the reviews until then leave in memory on the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sessions_app.domain.exam_plan import ExamCard, exam_days
from sessions_app.engine import scheduling
from sessions_app.engine.scheduling import CardDocument, ReviewRating

RELEARNT = 0.8
"""Recall on the day of what was forgotten in its last review and learned anew."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What lies before an exam: reviews a day, and by card the chance that it is recalled on the day of the exam."""

    load: dict[date, int]
    recall: dict[str, float]


def exam_card(identity: str, card: CardDocument, exam_on: date) -> ExamCard:
    """Return a card, its days in the learner's calendar, as the plan for an exam sees it."""
    last = card.get("last_review")
    return ExamCard(
        id=identity,
        due=scheduling.due_at(card).date(),
        last_review=date.fromisoformat(last[:10]) if last else None,
        lapsed=scheduling.lapsed_last(card),
        stability=scheduling.stability_days(card) or 0.0,
        recall_on_day=scheduling.retrievability(card, scheduling.clock(exam_on)),
    )


def forecast(
    cards: Mapping[str, CardDocument], today: date, horizon: date, exam_on: date, *, cap: int, retention: float
) -> Forecast:
    """Return the reviews of each day from today to ``horizon``, and the recall to expect on ``exam_on``.

    Each review is taken to be done on its day, within the cap. In one that comes before the exam the card is recalled with
    the chance it has on that day, or else learned anew.
    """
    states = dict(cards)
    planned = {identity: exam_card(identity, card, exam_on) for identity, card in states.items()}
    recall = {identity: card.recall_on_day for identity, card in planned.items()}
    load: dict[date, int] = {}
    for day in (today + timedelta(days=n) for n in range((horizon - today).days + 1)):
        days = exam_days(list(planned.values()), day, exam_on, cap)
        due = sorted((identity for identity, on in days.items() if on <= day), key=lambda i: (days[i], i))[:cap]
        load[day] = len(due)
        for identity in due:
            now = scheduling.clock(day)
            recalled = scheduling.retrievability(states[identity], now)
            after = scheduling.review_answer(states[identity], ReviewRating.GOOD, now, desired_retention=retention)
            states[identity] = after
            planned[identity] = exam_card(identity, after, exam_on)
            if day < exam_on:
                recall[identity] = (recalled + (1 - recalled) * RELEARNT) * planned[identity].recall_on_day
    return Forecast(load, recall)

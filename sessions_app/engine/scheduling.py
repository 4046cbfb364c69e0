"""Reviews by FSRS-6 over plain card documents, so that any store can hold them.

A card is the JSON document of the ``fsrs`` library. The library's own steps of minutes are left out and every
interval is whole days, because the plan of a day (cap and levelling, ``domain.review_load``) is made in days.
There is no random fuzz: levelling spreads the load, and the same answers give the same dates.

A day is a day in the learner's calendar. The card counts in noons of such days (``clock``), so that an answer at eleven at
night and one the next morning are a day apart, as listing, answering and scheduling all see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from fsrs import Card, Rating, Scheduler

from sessions_app.domain import review_load
from sessions_app.domain.review_load import WaitingCard

CardDocument = dict[str, Any]
DEFAULT_RETENTION = 0.9
LONGEST_INTERVAL_DAYS = 365
SLOW_FACTOR = 2.0
FAST_FACTOR = 0.5
EASY_GUESS_LIMIT = 0.25
PARTIAL_CREDIT_RECALLED = 0.5


class ReviewRating(StrEnum):
    """How well an answer was recalled; the four grades of FSRS."""

    AGAIN = "again"
    HARD = "hard"
    GOOD = "good"
    EASY = "easy"


RATINGS = {
    ReviewRating.AGAIN: Rating.Again,
    ReviewRating.HARD: Rating.Hard,
    ReviewRating.GOOD: Rating.Good,
    ReviewRating.EASY: Rating.Easy,
}


@lru_cache(maxsize=16)
def _scheduler(desired_retention: float) -> Scheduler:
    return Scheduler(
        desired_retention=desired_retention,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=LONGEST_INTERVAL_DAYS,
        enable_fuzzing=False,
    )


def rating_of_answer(
    *,
    credit: float,
    hints_used: int = 0,
    seconds: float | None = None,
    usual_seconds: float | None = None,
    guess: float = 0.0,
) -> ReviewRating:
    """Return the grade of an answer with ``credit`` in [0, 1].

    Wrong is again; partly right, helped by a hint or twice slower than usual is hard; quick and unaided is easy,
    but never where one guess in four or more succeeds, because a lucky guess is quick too.
    """
    if credit < PARTIAL_CREDIT_RECALLED:
        return ReviewRating.AGAIN
    timed = seconds is not None and usual_seconds is not None and usual_seconds > 0
    if credit < 1.0 or hints_used > 0 or (timed and seconds > SLOW_FACTOR * usual_seconds):  # type: ignore[operator]
        return ReviewRating.HARD
    if timed and seconds <= FAST_FACTOR * usual_seconds and guess < EASY_GUESS_LIMIT:  # type: ignore[operator]
        return ReviewRating.EASY
    return ReviewRating.GOOD


def clock(day: date) -> datetime:
    """Return the moment that stands for a day of the learner's calendar on a card: noon, written as UTC."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def on_calendar(card: Mapping[str, Any], *, due: date, last_review: date | None) -> CardDocument:
    """Return the card with its due day and the day of its last review in the learner's calendar."""
    last = (
        clock(last_review).isoformat()
        if last_review is not None and card.get("last_review")
        else card.get("last_review")
    )
    return {**card, "due": clock(due).isoformat(), "last_review": last}


def new_card(at: datetime) -> CardDocument:
    """Return a card that was never reviewed and is due at ``at`` (an aware time)."""
    return dict(Card(card_id=0, due=at.astimezone(UTC)).to_dict())


def review_answer(
    card: Mapping[str, Any],
    rating: ReviewRating,
    at: datetime,
    *,
    desired_retention: float = DEFAULT_RETENTION,
    load: Mapping[date, int] | None = None,
    cap: int | None = None,
) -> CardDocument:
    """Return the card after an answer at ``at``; with ``load`` and ``cap`` its due day is levelled.

    A right answer before the card is due proves little: it never counts as easy, within a day of the last
    one it changes nothing, and later it moves stability only by what FSRS gives for a recall that was
    nearly certain. A wrong answer always counts, once a day, and brings the card back after one day.
    """
    moment = at.astimezone(UTC)
    before = Card.from_dict(dict(card))  # type: ignore[arg-type]
    if before.last_review is not None and moment < before.due:
        if moment - before.last_review < timedelta(days=1):
            if rating is not ReviewRating.AGAIN or lapsed_last(card):
                return dict(card)
        elif rating is ReviewRating.EASY:
            rating = ReviewRating.GOOD
    after, _ = _scheduler(desired_retention).review_card(before, RATINGS[rating], moment)
    if rating is ReviewRating.AGAIN:
        after.due = moment + timedelta(days=1)
    document: CardDocument = {**after.to_dict(), "last_rating": rating.value}
    if load is not None and cap is not None:
        day = review_load.level_due_day(after.due.date(), moment.date(), load, cap)
        document["due"] = (after.due + timedelta(days=(day - after.due.date()).days)).isoformat()
    return document


def lapsed_last(card: Mapping[str, Any]) -> bool:
    """Return whether the last answer was wrong, so that the card is learned anew first."""
    return bool(card.get("last_rating") == ReviewRating.AGAIN.value)


def due_at(card: Mapping[str, Any]) -> datetime:
    """Return when the card is due (aware, UTC)."""
    return Card.from_dict(dict(card)).due  # type: ignore[arg-type]


def retrievability(card: Mapping[str, Any], at: datetime) -> float:
    """Return the chance in [0, 1] that the card is recalled at ``at``; 0 for a card that was never reviewed."""
    return float(_scheduler(DEFAULT_RETENTION).get_card_retrievability(Card.from_dict(dict(card)), at.astimezone(UTC)))  # type: ignore[arg-type]


def with_due(card: Mapping[str, Any], due: datetime) -> CardDocument:
    """Return the card with another due time; memory (stability, last review) stays as it is."""
    return {**card, "due": due.astimezone(UTC).isoformat()}


def stability_days(card: Mapping[str, Any]) -> float | None:
    """Return the days until the chance to recall has fallen to 90 %, or None for a card never reviewed."""
    return Card.from_dict(dict(card)).stability  # type: ignore[arg-type]


def waiting_card(identity: str, card: Mapping[str, Any], today: date, due: date | None = None) -> WaitingCard:
    """Return the card as the day's plan sees it, judged at the end of ``today``; ``due`` replaces the card's own due day."""
    parsed = Card.from_dict(dict(card))  # type: ignore[arg-type]
    evening = datetime.combine(today, time.max, tzinfo=UTC)
    recall = _scheduler(DEFAULT_RETENTION).get_card_retrievability
    return WaitingCard(
        identity,
        due or parsed.due.date(),
        float(recall(parsed, evening)),
        float(recall(parsed, evening + timedelta(days=1))),
    )

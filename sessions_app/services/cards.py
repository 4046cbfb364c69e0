"""Review cards follow graded answers: FSRS decides when a question comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from sessions_app.engine import scheduling
from sessions_app.engine.scheduling import ReviewRating
from sessions_app.models import AnswerRecord, Question, ReviewCard
from sessions_app.selectors import practice as selectors_practice
from sessions_app.services.mastery import guess_of
from tutor_project.common import runtime

USUAL_SECONDS = {"multiple_choice": 30.0, "true_false": 15.0, "cloze": 30.0, "short_answer": 45.0, "numeric": 60.0}
"""Time an unaided answer usually takes, in seconds, until the question's own median is known."""
REVIEW_BY_A_PERSON = timedelta(days=1)
NOON = time(12)
"""A due day is stored as its noon, so that a learner who moves to a near time zone keeps it."""


def rating_of(record: AnswerRecord, question: Question) -> ReviewRating | None:
    """Return how well the answer was recalled, or None while a person has to decide."""
    if record.verdict == AnswerRecord.Verdict.NEEDS_REVIEW:
        # The learner's own verdict: a right answer nobody checked is recalled with effort at best.
        own = {None: None, True: ReviewRating.HARD, False: ReviewRating.AGAIN}
        return own[record.self_assessed]
    usual = question.item_statistics.get("median_seconds") or USUAL_SECONDS.get(question.kind)
    return scheduling.rating_of_answer(
        credit=1.0 if record.verdict == AnswerRecord.Verdict.CORRECT else min(record.credit, 0.99),
        hints_used=record.hints_used,
        seconds=record.time_taken_seconds,
        usual_seconds=usual,
        guess=guess_of(question.kind, len(question.options)),
    )


def card_move(
    card: ReviewCard,
    rating: ReviewRating | None,
    at: datetime,
    *,
    zone: ZoneInfo,
    load: dict[date, int],
    cap: int,
    retention: float,
) -> None:
    """Move a card, in memory, after an answer at ``at`` in the learner's time zone; ``load`` counts its new day.

    Without a rating, while a person has to decide, the card stays as it is and comes back the next day.
    """
    now = scheduling.clock(selectors_practice.local_day(at, zone))
    state = selectors_practice.calendar_card(card, zone)
    if rating is None:
        card.state = scheduling.with_due(state, max(scheduling.due_at(state), now + REVIEW_BY_A_PERSON))
    else:
        card.state = scheduling.review_answer(state, rating, now, desired_retention=retention, load=load, cap=cap)
        card.last_reviewed_at = at
        card.review_count += 1
    day = scheduling.due_at(card.state).date()
    card.due_at = datetime.combine(day, NOON, tzinfo=zone)
    load[day] = load.get(day, 0) + 1


@transaction.atomic
def cards_review(*, owner_id: UUID, records: Sequence[AnswerRecord], at: datetime) -> dict[UUID, ReviewCard]:
    """Move the cards of the answered questions, making those that are missing; returns them by question.

    The caller's transaction holds the session, so cards are always locked after it.
    """
    if not records:
        return {}
    zone = selectors_practice.learner_zone(owner_id=owner_id)
    today = selectors_practice.local_day(at, zone)
    fresh = scheduling.new_card(scheduling.clock(today))
    ReviewCard.objects.bulk_create(
        [
            ReviewCard(owner_id=owner_id, question_id=r.question_id, session_id=r.session_id, state=fresh, due_at=at)
            for r in records
        ],
        ignore_conflicts=True,
    )
    wanted = [record.question_id for record in records]
    locked = ReviewCard.objects.select_for_update(of=("self",)).filter(owner_id=owner_id, question_id__in=wanted)
    cards = {card.question_id: card for card in locked.select_related("question").order_by("pk")}
    load = selectors_practice.review_load(owner_id=owner_id, since=today, zone=zone)
    cap = runtime.get_int("REVIEW_DAILY_CAP")
    retention = float(runtime.get("REVIEW_DESIRED_RETENTION"))
    for record in records:
        card = cards[record.question_id]
        card_move(card, rating_of(record, card.question), at, zone=zone, load=load, cap=cap, retention=retention)
    ReviewCard.objects.bulk_update(
        cards.values(), ["state", "due_at", "last_reviewed_at", "review_count", "updated_at"]
    )
    return cards

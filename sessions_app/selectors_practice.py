"""Reads of practice: reviews that are due, their load, the exportable part of the question bank."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from sessions_app.domain.review_load import WaitingCard, reviews_today
from sessions_app.engine import scheduling
from sessions_app.errors import ReviewNotFound
from sessions_app.models import AnswerRecord, Question, ReviewCard
from tutor_project.common import runtime


def review_cards(*, owner_id: UUID) -> QuerySet[ReviewCard]:
    """Return the owner's cards of questions that may still be asked."""
    cards = ReviewCard.objects.filter(owner_id=owner_id, question__state=Question.State.PUBLISHED)
    return cards.select_related("question")


def review_get(*, owner_id: UUID, review_id: UUID) -> ReviewCard:
    """Return one of the owner's cards; raises ReviewNotFound."""
    card = review_cards(owner_id=owner_id).filter(pk=review_id).first()
    if card is None:
        raise ReviewNotFound
    return card


def reviews_due(*, owner_id: UUID, session_id: UUID | None = None) -> list[tuple[ReviewCard, WaitingCard]]:
    """Return today's reviews with their recall, most urgent first, within what is left of the daily cap (UTC days).

    The cap is the learner's, over all sessions; with ``session_id`` only those of today's reviews that belong to it.
    """
    today = timezone.now().date()
    cards = {
        str(card.pk): card
        for card in review_cards(owner_id=owner_id).filter(due_at__lt=_start_of(today + timedelta(days=1)))
    }
    waiting = {
        identity: scheduling.waiting_card(identity, scheduling.with_due(card.state, card.due_at), today)
        for identity, card in cards.items()
    }
    cap = runtime.get_int("REVIEW_DAILY_CAP")
    chosen = reviews_today(waiting.values(), today, cap, reviews_done(owner_id=owner_id, day=today))
    rows = [(cards[identity], waiting[identity]) for identity in chosen]
    return [row for row in rows if session_id is None or row[0].session_id == session_id]


def reviews_done(*, owner_id: UUID, day: date) -> int:
    """Return how many reviews the learner answered on that day."""
    start = _start_of(day)
    answers = AnswerRecord.objects.filter(owner_id=owner_id, source="review", created_at__gte=start)
    return answers.filter(created_at__lt=start + timedelta(days=1)).count()


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def review_load(*, owner_id: UUID, since: datetime) -> dict[date, int]:
    """Return how many of the owner's reviews fall on each coming day."""
    rows = (
        review_cards(owner_id=owner_id)
        .filter(due_at__gte=since)
        .order_by()
        .annotate(day=TruncDate("due_at"))
        .values_list("day")
        .annotate(number=Count("pk"))
    )
    return dict(rows)


def concept_due_times(*, owner_id: UUID, session_id: UUID) -> dict[str, datetime]:
    """Return when the next review of each concept of the session is due."""
    cards = review_cards(owner_id=owner_id).filter(session_id=session_id).order_by()
    return dict(cards.values_list("question__concept").annotate(due=Min("due_at")))


def questions_exportable(*, session_id: UUID, owner_id: UUID, sealed: bool) -> QuerySet[Question]:
    """Return the published questions of a session, oldest first; ``sealed``: only those that were answered.

    An export holds the keys, so what a learner has not answered yet stays out of theirs.
    """
    questions = Question.objects.filter(session_id=session_id, owner_id=owner_id, state=Question.State.PUBLISHED)
    if sealed:
        questions = questions.filter(answers__owner_id=owner_id).distinct()
    return questions.order_by("id")


def review_cards_of(*, owner_id: UUID, session_id: UUID) -> dict[UUID, ReviewCard]:
    """Return the owner's cards of a session by question."""
    return {card.question_id: card for card in ReviewCard.objects.filter(owner_id=owner_id, session_id=session_id)}

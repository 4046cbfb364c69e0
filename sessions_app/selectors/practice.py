"""Reads of practice: reviews that are due, their load, the exportable part of the question bank."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from sessions_app.domain.concepts import concept_key, concept_name
from sessions_app.domain.exam_plan import exam_days
from sessions_app.domain.review_load import WaitingCard, reviews_today
from sessions_app.engine import scheduling
from sessions_app.engine.exams import exam_card
from sessions_app.errors import ReviewNotFound
from sessions_app.models import AnswerRecord, Question, Quiz, QuizAttempt, ReviewCard
from tutor_project.common import runtime

OPEN_AT_MOST = timedelta(hours=24)
"""How long a question of an attempt that is not handed in stays open."""
QUEUE_WORKED_WITHIN = timedelta(days=28)


def learner_zone(*, owner_id: UUID) -> ZoneInfo:
    """Return the learner's time zone; UTC where none, or none that exists, is set."""
    name = get_user_model().objects.filter(pk=owner_id).values_list("time_zone", flat=True).first()
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def learner_today(*, owner_id: UUID) -> date:
    """Return the date in the learner's calendar."""
    return timezone.now().astimezone(learner_zone(owner_id=owner_id)).date()


def open_questions(*, owner_id: UUID, session_id: UUID | None = None) -> QuerySet[Question]:
    """Return the questions that are open in a quiz of the learner's: nothing else may use or answer them meanwhile.

    Open from the beginning of an attempt until it is handed in, or from the making of a quiz that was not begun yet; at most a day.
    """
    since = timezone.now() - OPEN_AT_MOST
    attempts = QuizAttempt.objects.filter(owner_id=owner_id, status=QuizAttempt.Status.OPEN, created_at__gt=since)
    quizzes: list[UUID] = []
    missed: list[UUID] = []
    for quiz_id, question_ids in attempts.values_list("quiz_id", "question_ids"):
        missed += question_ids
        quizzes += [] if question_ids else [quiz_id]
    not_begun = Quiz.objects.filter(owner_id=owner_id, created_at__gt=since, attempts=None)
    quizzes += not_begun.order_by().values_list("pk", flat=True)
    questions = Question.objects.filter(Q(placements__quiz_id__in=quizzes) | Q(pk__in=missed), owner_id=owner_id)
    if session_id is not None:
        questions = questions.filter(session_id=session_id)
    return questions.distinct().order_by("id")


def open_question_ids(*, owner_id: UUID) -> set[UUID]:
    """Return the ids of the learner's open questions."""
    return set(open_questions(owner_id=owner_id).order_by().values_list("pk", flat=True))


def teacher_reviews(*, owner_id: UUID) -> bool:
    """Return whether somebody works the queue in which the learner's answers wait: a person decided one in the last weeks."""
    since = timezone.now() - QUEUE_WORKED_WITHIN
    return AnswerRecord.objects.filter(owner_id=owner_id, reviewed_at__gt=since).exclude(reviewed_by=owner_id).exists()


def review_cards(*, owner_id: UUID) -> QuerySet[ReviewCard]:
    """Return the owner's cards of questions that may still be asked; whether one is open in a quiz is left to the caller."""
    cards = ReviewCard.objects.filter(owner_id=owner_id, question__state=Question.State.PUBLISHED)
    return cards.select_related("question")


def review_get(*, owner_id: UUID, review_id: UUID) -> ReviewCard:
    """Return one of the owner's cards; raises ReviewNotFound."""
    card = review_cards(owner_id=owner_id).filter(pk=review_id).first()
    if card is None:
        raise ReviewNotFound
    return card


def reviews_due(*, owner_id: UUID, session_id: UUID | None = None) -> list[tuple[ReviewCard, WaitingCard]]:
    """Return today's reviews with their recall, most urgent first, within what is left of the daily cap.

    Today is the day in the learner's calendar. The cap is the learner's, over all sessions; with ``session_id`` only those of
    today's reviews that belong to it. A question that is open in a quiz waits; before an exam the plan for it decides.
    """
    zone = learner_zone(owner_id=owner_id)
    today = timezone.now().astimezone(zone).date()
    cards, waiting = reviews_planned(owner_id=owner_id, today=today, zone=zone)
    cap = runtime.get_int("REVIEW_DAILY_CAP")
    chosen = reviews_today(waiting.values(), today, cap, reviews_done(owner_id=owner_id, day=today, zone=zone))
    rows = [(cards[identity], waiting[identity]) for identity in chosen]
    return [row for row in rows if session_id is None or row[0].session_id == session_id]


def reviews_planned(
    *, owner_id: UUID, today: date, zone: ZoneInfo
) -> tuple[dict[str, ReviewCard], dict[str, WaitingCard]]:
    """Return the cards that may come today, and the same cards as the day's plan sees them, both by card id.

    These are the cards due by the end of ``today``, and every card of a session with an exam ahead. Listing and answering
    both ask here what is due.
    """
    ending = start_of_day(today + timedelta(days=1), zone)
    held = open_question_ids(owner_id=owner_id)
    rows = review_cards(owner_id=owner_id).select_related("question", "session")
    found = [
        card
        for card in rows.filter(Q(due_at__lt=ending) | Q(session__exam_on__gt=today))
        if card.question_id not in held
    ]
    by_exam: dict[date, list[ReviewCard]] = {}
    for card in found:
        if card.session.exam_on is not None and card.session.exam_on > today:
            by_exam.setdefault(card.session.exam_on, []).append(card)
    days: dict[str, date] = {}
    for exam_on, cards in by_exam.items():
        planned = [exam_card(str(card.pk), calendar_card(card, zone), exam_on) for card in cards]
        days |= exam_days(planned, today, exam_on, runtime.get_int("REVIEW_DAILY_CAP"))
    waiting = {
        str(card.pk): scheduling.waiting_card(
            str(card.pk), calendar_card(card, zone), today, days.get(str(card.pk), local_day(card.due_at, zone))
        )
        for card in found
    }
    return {str(card.pk): card for card in found}, waiting


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of a moment in a time zone."""
    return moment.astimezone(zone).date()


def calendar_card(card: ReviewCard, zone: ZoneInfo) -> dict[str, Any]:
    """Return the scheduler's card with its days in the learner's calendar."""
    last = local_day(card.last_reviewed_at, zone) if card.last_reviewed_at is not None else None
    return scheduling.on_calendar(card.state, due=local_day(card.due_at, zone), last_review=last)


def reviews_done(*, owner_id: UUID, day: date, zone: ZoneInfo) -> int:
    """Return how many reviews the learner answered on that day of their calendar."""
    start, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    answers = AnswerRecord.objects.filter(owner_id=owner_id, source="review", created_at__gte=start)
    return answers.filter(created_at__lt=end).count()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) at which a day begins in a time zone."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def review_load(*, owner_id: UUID, since: date, zone: ZoneInfo) -> dict[date, int]:
    """Return how many of the owner's reviews fall on each day of their calendar from ``since`` on."""
    rows = (
        review_cards(owner_id=owner_id)
        .filter(due_at__gte=start_of_day(since, zone))
        .order_by()
        .annotate(day=TruncDate("due_at", tzinfo=zone))
        .values_list("day")
        .annotate(number=Count("pk"))
    )
    return dict(rows)


def concept_due_times(*, owner_id: UUID, session_id: UUID) -> dict[str, datetime]:
    """Return when the next review of each concept of the session is due, by the key of the concept."""
    cards = review_cards(owner_id=owner_id).filter(session_id=session_id).order_by()
    earliest: dict[str, datetime] = {}
    for concept, section, due in cards.values_list("question__concept", "question__related_section", "due_at"):
        key = concept_key(concept_name(concept, section))
        earliest[key] = min(due, earliest.get(key, due))
    return earliest


def questions_exportable(*, session_id: UUID, owner_id: UUID, sealed: bool) -> QuerySet[Question]:
    """Return the published questions of a session, oldest first; ``sealed``: only those that were answered.

    An export holds the keys, so what a learner has not answered yet, left blank, or has open in a quiz stays out of theirs.
    """
    questions = Question.objects.filter(session_id=session_id, owner_id=owner_id, state=Question.State.PUBLISHED)
    if sealed:
        given = AnswerRecord.objects.filter(owner_id=owner_id, session_id=session_id).exclude(option_id="", text="")
        questions = questions.filter(pk__in=given.values("question_id"))
        questions = questions.exclude(pk__in=open_question_ids(owner_id=owner_id))
    return questions.order_by("id")


def review_cards_of(*, owner_id: UUID, session_id: UUID) -> dict[UUID, ReviewCard]:
    """Return the owner's cards of a session by question."""
    return {card.question_id: card for card in ReviewCard.objects.filter(owner_id=owner_id, session_id=session_id)}

"""Answering a review: graded on the server, then the card moves and the belief about the concept with it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from sessions_app.domain.concepts import concept_key, concept_name
from sessions_app.domain.grading.attempt import GradedItem, attempt_feedback
from sessions_app.domain.grading.types import Grade
from sessions_app.errors import OptionUnknown, QuestionOpenInQuiz, ReviewNotDue
from sessions_app.models import AnswerRecord, LearningSession, ReviewCard
from sessions_app.selectors import practice as selectors_practice
from sessions_app.services.attempts import stored_verdict
from sessions_app.services.bank import candidate_of
from sessions_app.services.cards import cards_review, rating_of
from sessions_app.services.grading import answer_grader
from sessions_app.services.mastery import mastery_refresh
from sessions_app.services.spoken import spoken_language
from tutor_project.common import events
from tutor_project.common.text import sanitize

SOURCE = "review"


def review_answer(
    *, card: ReviewCard, option_id: str = "", text: str = "", seconds: float | None = None, hints_used: int = 0
) -> dict[str, Any]:
    """Grade the answer to a due review and return the feedback with the next due time.

    The feedback has the shape of a quiz's feedback item. A review that is not due, also one that was answered a
    moment ago, raises ReviewNotDue, so answering twice counts once; one whose question is open in a quiz raises
    QuestionOpenInQuiz. Raises OptionUnknown before anything is written.
    """
    question = card.question
    candidate = candidate_of(question)
    if option_id and option_id not in {option["id"] for option in question.options}:
        raise OptionUnknown(question=question.pk, attr="option_id")
    grade = answer_grader(session_id=card.session_id)(candidate, option_id=option_id, text=text)
    with transaction.atomic():
        LearningSession.objects.select_for_update().get(pk=card.session_id)
        now = timezone.now()
        _ensure_due(card, now)
        record = _record(card, grade, option_id, text, seconds, hints_used)
        moved = cards_review(owner_id=card.owner_id, records=[record], at=now)[question.pk]
        believed = {concept_key(belief.concept): belief for belief in mastery_refresh(session_id=card.session_id)}
    chosen = candidate.option(option_id)
    item = GradedItem.of(candidate, chosen.text if chosen else text, grade)
    rating = rating_of(record, question)
    belief = believed.get(concept_key(concept_name(question.concept, question.related_section)))
    return {
        "review_id": str(card.pk),
        "question_id": str(question.pk),
        **asdict(attempt_feedback([item], quiz_title="", tongue=spoken_language()).feedback_items[0]),
        "rating": rating.value if rating else None,
        "due_at": moved.due_at,
        "concept": question.concept,
        "probability": belief.mastery.probability if belief else None,
        "mastered": belief.gate.passed if belief else False,
    }


def _ensure_due(card: ReviewCard, now: datetime) -> None:
    """Raise ReviewNotDue or QuestionOpenInQuiz unless the card is among those that the listing may show today."""
    if card.question_id in selectors_practice.open_question_ids(owner_id=card.owner_id):
        raise QuestionOpenInQuiz
    zone = selectors_practice.learner_zone(owner_id=card.owner_id)
    today = selectors_practice.local_day(now, zone)
    _, waiting = selectors_practice.reviews_planned(owner_id=card.owner_id, today=today, zone=zone)
    planned = waiting.get(str(card.pk))
    if planned is None or planned.due > today:
        due_at = ReviewCard.objects.values_list("due_at", flat=True).get(pk=card.pk)
        raise ReviewNotDue(due=planned.due if planned else selectors_practice.local_day(due_at, zone))


def _record(
    card: ReviewCard, grade: Grade, option_id: str, text: str, seconds: float | None, hints_used: int
) -> AnswerRecord:
    record = AnswerRecord.objects.create(
        question=card.question,
        owner_id=card.owner_id,
        session_id=card.session_id,
        source=SOURCE,
        option_id=option_id,
        text=sanitize(text),
        verdict=stored_verdict(grade),
        credit=grade.credit,
        reason=grade.words,
        hints_used=hints_used,
        time_taken_seconds=seconds,
    )
    LearningSession.objects.filter(pk=card.session_id).update(last_activity_at=record.created_at)
    events.record(
        "interaction",
        durable=True,
        interaction_type="review",
        user_id=card.owner_id,
        session_id=card.session_id,
        object_id=card.question_id,
        answers=1,
        correct_answers=int(record.verdict == AnswerRecord.Verdict.CORRECT),
    )
    return record


def review_shown(card: ReviewCard, sealed_question: dict[str, Any], recall: float) -> dict[str, Any]:
    """Return a due review with its sealed question; ``recall`` is the chance in [0, 1] that it is remembered now."""
    return {
        "id": str(card.pk),
        "session_id": str(card.session_id),
        "question": sealed_question,
        "concept": card.question.concept,
        "due_at": card.due_at,
        "recall_probability": round(recall, 4),
        "review_count": card.review_count,
    }

"""What follows graded answers, in their transaction: facts, mastery, reviews."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from sessions_app.models import AnswerRecord, LearningSession, QuizAttempt
from sessions_app.services.cards import cards_review
from sessions_app.services.mastery import mastery_refresh
from tutor_project.common import events


def answers_recorded(*, attempt: QuizAttempt, records: Sequence[AnswerRecord]) -> None:
    """Record an attempt's answers once; called by the transaction that submits it."""
    session_id = attempt.quiz.session_id
    LearningSession.objects.filter(pk=session_id).update(last_activity_at=timezone.now())
    correct = sum(record.verdict == AnswerRecord.Verdict.CORRECT for record in records)
    events.record(
        "interaction",
        durable=True,
        interaction_type="quiz_attempt",
        user_id=attempt.owner_id,
        session_id=session_id,
        object_id=attempt.pk,
        answers=len(records),
        correct_answers=correct,
    )
    cards_review(owner_id=attempt.owner_id, records=records, at=timezone.now())
    mastery_refresh(session_id=session_id)


def dialogue_answer_recorded(*, record: AnswerRecord) -> None:
    """Record an answer given in the dialogue; called by the transaction that keeps the turn."""
    LearningSession.objects.filter(pk=record.session_id).update(last_activity_at=timezone.now())
    cards_review(owner_id=record.owner_id, records=[record], at=timezone.now())
    mastery_refresh(session_id=record.session_id)

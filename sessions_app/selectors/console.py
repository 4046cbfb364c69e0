"""Reads of learning for the staff console; not scoped to an owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from documents_app.selectors.documents import document_list
from sessions_app.domain.mastery.belief import Mastery
from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Message, Question, QuizAttempt, ReviewCard


@dataclass(frozen=True, slots=True)
class MasteryFigures:
    """Beliefs that changed in a range: mean probability (None without any), concepts, and those mastered in it."""

    mean: float | None
    concepts: int
    mastered: int


def mastery_figures(*, start: datetime, end: datetime) -> MasteryFigures:
    """Return the mastery of the concepts answered in ``[start, end)``."""
    row = MasteryState.objects.filter(updated_at__gte=start, updated_at__lt=end).aggregate(
        mean=Avg("probability"),
        concepts=Count("pk"),
        mastered=Count("pk", filter=Q(mastered_at__gte=start, mastered_at__lt=end)),
    )
    return MasteryFigures(**row)


def reviews_by_day(*, first: date, days: int) -> list[tuple[date, int]]:
    """Return how many reviews of all learners fall due on each day (UTC) from ``first`` on; overdue ones count for ``first``."""
    end = datetime.combine(first + timedelta(days=days), datetime.min.time(), tzinfo=UTC)
    due = ReviewCard.objects.filter(due_at__lt=end).order_by().values_list(TruncDate("due_at", tzinfo=UTC))
    counts = dict.fromkeys((first + timedelta(days=ahead) for ahead in range(days)), 0)
    for day, count in due.annotate(count=Count("pk")):
        counts[max(day, first)] += count
    return list(counts.items())


QUEUE_STATES = (Question.State.QUARANTINED, Question.State.DRAFT, Question.State.VERIFIED)
COUNTED_UP_TO = 1000


def queue_questions() -> QuerySet[Question]:
    """Return the questions that wait for a person: of those with one fingerprint (the same question of several learners) the newest."""
    waiting = Question.objects.filter(state__in=QUEUE_STATES)
    newer = waiting.filter(fingerprint=OuterRef("fingerprint"), pk__gt=OuterRef("pk"))
    return waiting.filter(~Exists(newer))


def family_sizes(questions: Iterable[Question]) -> dict[str, int]:
    """Return for the fingerprint of each question how many that wait have it, itself included."""
    alike = Question.objects.filter(state__in=QUEUE_STATES, fingerprint__in={q.fingerprint for q in questions})
    return dict(alike.order_by().values_list("fingerprint").annotate(Count("pk")))


def review_queue_length() -> int:
    """Return how many questions and answers wait for a person, counted up to a thousand of each."""
    questions = queue_questions().order_by().values("pk")[:COUNTED_UP_TO]
    answers = AnswerRecord.objects.filter(verdict=AnswerRecord.Verdict.NEEDS_REVIEW).order_by().values("pk")
    return questions.union(answers[:COUNTED_UP_TO], all=True).count()


NEWEST = 50
"""So many rows of each kind stand on the page of a learner."""


def learner_shown(*, owner_id: UUID) -> dict[str, Any]:
    """Return the newest sessions, beliefs, answers, quizzes and documents of a learner, as staff read them."""
    answers = AnswerRecord.objects.filter(owner_id=owner_id).select_related("question", "session").order_by("-id")
    attempts = QuizAttempt.objects.filter(owner_id=owner_id, status=QuizAttempt.Status.SUBMITTED)
    beliefs = MasteryState.objects.filter(owner_id=owner_id).select_related("session")
    return {
        "most": NEWEST,
        "sessions": list(LearningSession.objects.filter(owner_id=owner_id).order_by("-id")[:NEWEST]),
        "mastery": [_mastery_shown(belief) for belief in beliefs.order_by("probability", "concept")[:NEWEST]],
        "answers": [_answer_shown(answer) for answer in answers[:NEWEST]],
        "attempts": list(attempts.select_related("quiz").defer("draft", "result").order_by("-submitted_at")[:NEWEST]),
        "documents": list(document_list(owner_id=owner_id).order_by("-id")[:NEWEST]),
    }


def _mastery_shown(belief: MasteryState) -> dict[str, Any]:
    known = Mastery(belief.probability, belief.low, belief.high, belief.answer_count)
    return {
        "concept": belief.concept,
        "level": known.level,
        "share": round(belief.probability * 100),
        "answers": belief.answer_count,
        "session": belief.session.title,
    }


def _answer_shown(answer: AnswerRecord) -> dict[str, Any]:
    options = {option["id"]: option["text"] for option in answer.question.options}
    return {
        "question": answer.question,
        "said": answer.text or options.get(answer.option_id, ""),
        "verdict": answer.get_verdict_display(),
        "right": answer.verdict == AnswerRecord.Verdict.CORRECT,
        "wrong": answer.verdict == AnswerRecord.Verdict.INCORRECT,
        "hints": answer.hints_used,
        "created_at": answer.created_at,
    }


def transcript_shown(*, session: LearningSession) -> list[Message]:
    """Return the newest turns of a session in the order they were said."""
    newest = Message.objects.filter(session=session).only("role", "content", "created_at").order_by("-turn_no")
    return list(reversed(newest[: 4 * NEWEST]))

"""Reads of learning for the staff console; not scoped to an owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from sessions_app.models import AnswerRecord, MasteryState, Question


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


QUEUE_STATES = (Question.State.QUARANTINED, Question.State.DRAFT, Question.State.VERIFIED)
COUNTED_UP_TO = 1000


def queue_questions() -> QuerySet[Question]:
    """Return the questions that wait for a person: of those with one fingerprint (the same question of several learners) the newest."""
    waiting = Question.objects.filter(state__in=QUEUE_STATES)
    newer = waiting.filter(fingerprint=OuterRef("fingerprint"), pk__gt=OuterRef("pk"))
    return waiting.filter(~Exists(newer))


def review_queue_length() -> int:
    """Return how many questions and answers wait for a person, counted up to a thousand of each."""
    questions = queue_questions().order_by().values("pk")[:COUNTED_UP_TO]
    answers = AnswerRecord.objects.filter(verdict=AnswerRecord.Verdict.NEEDS_REVIEW).order_by().values("pk")
    return questions.union(answers[:COUNTED_UP_TO], all=True).count()

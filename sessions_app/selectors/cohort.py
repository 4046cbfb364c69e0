"""Reads over many learners, for staff figures and for analytics; not scoped to an owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Avg, Count, F, FloatField, Max, Q, QuerySet, Window
from django.db.models.functions import Cast, RowNumber

from documents_app.selectors.cohort import documents_of_sessions
from sessions_app.domain.mastery.belief import LEAST_ANSWERS, SOLID_FROM, SOLID_LOW
from sessions_app.errors import FolderNotFound
from sessions_app.models import AnswerRecord, Folder, LearningSession, MasteryState, Question

FEWEST_AT_ONCE = 100
WEAKEST_NAMED = 3


@dataclass(frozen=True, slots=True)
class SessionSpan:
    """Whose session it is and when it lasted; ``ended_at`` is None while it is open."""

    session_id: UUID
    owner_id: UUID
    folder_id: UUID | None
    started_at: datetime
    last_activity_at: datetime
    ended_at: datetime | None


def session_spans(*, session_ids: Iterable[UUID]) -> list[SessionSpan]:
    """Return the spans of those sessions that still exist."""
    rows = LearningSession.objects.filter(pk__in=list(session_ids)).values_list(
        "pk", "owner_id", "folder_id", "created_at", "last_activity_at", "ended_at"
    )
    return [SessionSpan(*row) for row in rows]


def _of_folder(folder_id: UUID | None) -> Q:
    if folder_id is None:
        return Q()
    if not Folder.objects.filter(pk=folder_id).exists():
        raise FolderNotFound
    return Q(session__folder_id=folder_id)


def mastery_by_concept(*, folder_id: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return per concept the learners, mean probability of mastery, masters and answers, weakest first."""
    rows = (
        MasteryState.objects.filter(_of_folder(folder_id))
        .order_by()
        .values("concept")
        .annotate(
            learners=Count("owner", distinct=True),
            mean_probability=Avg("probability"),
            mastered=Count("owner", distinct=True, filter=Q(mastered_at__isnull=False)),
            answers=Avg("answer_count"),
        )
        .order_by("mean_probability", "concept")
    )
    return [
        {**row, "mean_probability": round(row["mean_probability"], 4), "answers": round(row["answers"], 2)}
        for row in rows[:limit]
    ]


def learners_struggling(*, folder_id: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return the learners with shaky concepts, the lowest mean first, each with the names of the weakest ones.

    Concepts with too few answers to judge by count for nobody.
    """
    judged = MasteryState.objects.filter(_of_folder(folder_id), answer_count__gte=LEAST_ANSWERS).order_by()
    solid = Q(probability__gte=SOLID_FROM, low__gte=SOLID_LOW)
    rows = list(
        judged.values(user_id=F("owner_id"), learner=F("owner__username"))
        .annotate(
            concepts=Count("pk"),
            shaky=Count("pk", filter=~solid),
            mean_probability=Avg("probability"),
            last_answer_at=Max("updated_at"),
        )
        .filter(shaky__gt=0)
        .order_by("mean_probability", "user_id")[:limit]
    )
    weakest = (
        judged.exclude(solid)
        .filter(owner_id__in=[row["user_id"] for row in rows])
        .annotate(place=Window(RowNumber(), partition_by="owner_id", order_by=["probability", "concept"]))
        .filter(place__lte=WEAKEST_NAMED)
        .order_by("owner_id", "place")
    )
    named: dict[UUID, list[str]] = {}
    for owner_id, concept in weakest.values_list("owner_id", "concept"):
        named.setdefault(owner_id, []).append(concept)
    return [
        {**row, "mean_probability": round(row["mean_probability"], 4), "weakest": named.get(row["user_id"], [])}
        for row in rows
    ]


def questions_most_missed(*, folder_id: UUID | None, limit: int, min_answers: int) -> list[dict[str, Any]]:
    """Return the questions with the largest share of wrong answers among those answered often enough."""
    judged = Q(verdict__in=[AnswerRecord.Verdict.CORRECT, AnswerRecord.Verdict.INCORRECT, AnswerRecord.Verdict.PARTIAL])
    rows = (
        AnswerRecord.objects.filter(_of_folder(folder_id) & judged)
        .order_by()
        .values("question_id")
        .annotate(answers=Count("pk"), missed=Count("pk", filter=Q(verdict=AnswerRecord.Verdict.INCORRECT)))
        .filter(answers__gte=min_answers, missed__gt=0)
        .annotate(share=Cast("missed", FloatField()) / F("answers"))
        .order_by("-share", "-answers", "question_id")[:limit]
    )
    counts = list(rows)
    questions = Question.objects.only("stem", "concept", "state").in_bulk([row["question_id"] for row in counts])
    return [
        {
            "question_id": row["question_id"],
            "question": question.stem,
            "concept": question.concept,
            "state": question.state,
            "answers": row["answers"],
            "missed": row["missed"],
            "miss_rate": round(row["share"], 4),
        }
        for row in counts
        if (question := questions.get(row["question_id"])) is not None
    ]


def documents_without_use(*, folder_id: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return processed documents that no published question, lesson or answer stands on, oldest first.

    A session cites its own documents, so each batch of them asks its own sessions and no others.
    """
    sessions = _sessions(folder_id).values_list("pk", flat=True)
    asked: set[UUID] = set()
    used: set[UUID] = set()
    unused: list[dict[str, Any]] = []
    last: UUID | None = None
    while (missing := limit - len(unused)) > 0 and (
        batch := documents_of_sessions(session_ids=sessions, after=last, limit=max(missing, FEWEST_AT_ONCE))
    ):
        last = batch[-1]["document_id"]
        unseen = {document["session_id"] for document in batch} - asked
        asked |= unseen
        used |= _documents_in_use(unseen)
        unused += [document for document in batch if document["document_id"] not in used]
    return unused[:limit]


def _sessions(folder_id: UUID | None) -> QuerySet[LearningSession]:
    if folder_id is None:
        return LearningSession.objects.all()
    if not Folder.objects.filter(pk=folder_id).exists():
        raise FolderNotFound
    return LearningSession.objects.filter(folder_id=folder_id)


def _documents_in_use(sessions: set[UUID]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_IN_USE, {"sessions": list(sessions), "published": Question.State.PUBLISHED})
        return {document_id for (document_id,) in cursor.fetchall()}


_IN_USE = """
    SELECT unnest(document_ids) FROM sessions_app_question
    WHERE session_id = ANY(%(sessions)s) AND state = %(published)s
    UNION
    SELECT (jsonb_path_query(content, 'strict $.**.document_id') #>> '{}')::uuid FROM sessions_app_lesson
    WHERE session_id = ANY(%(sessions)s)
    UNION
    SELECT (jsonb_path_query(citations, 'strict $.**.document_id') #>> '{}')::uuid FROM sessions_app_message
    WHERE session_id = ANY(%(sessions)s) AND citations <> '[]'::jsonb
"""

"""Reads over many learners, for staff figures and for analytics; not scoped to an owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet

from documents_app.selectors_cohort import documents_of_sessions
from sessions_app.errors import FolderNotFound
from sessions_app.models import AnswerRecord, Folder, LearningSession, Lesson, MasteryState, Message, Question


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


def session_ids_active_since(*, since: datetime) -> list[UUID]:
    """Return the ids of sessions with activity since then."""
    return list(LearningSession.objects.filter(last_activity_at__gte=since).values_list("pk", flat=True))


def session_ids_of(*, owner_id: UUID) -> list[UUID]:
    """Return the ids of all sessions of one learner."""
    return list(LearningSession.objects.filter(owner_id=owner_id).values_list("pk", flat=True))


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


def questions_most_missed(*, folder_id: UUID | None, limit: int, min_answers: int) -> list[dict[str, Any]]:
    """Return the questions with the largest share of wrong answers among those answered often enough."""
    judged = Q(verdict__in=[AnswerRecord.Verdict.CORRECT, AnswerRecord.Verdict.INCORRECT, AnswerRecord.Verdict.PARTIAL])
    rows = (
        AnswerRecord.objects.filter(_of_folder(folder_id) & judged)
        .order_by()
        .values("question_id", "question__stem", "question__concept", "question__state")
        .annotate(answers=Count("pk"), missed=Count("pk", filter=Q(verdict=AnswerRecord.Verdict.INCORRECT)))
        .filter(answers__gte=min_answers, missed__gt=0)
    )
    found = [
        {
            "question_id": row["question_id"],
            "question": row["question__stem"],
            "concept": row["question__concept"],
            "state": row["question__state"],
            "answers": row["answers"],
            "missed": row["missed"],
            "miss_rate": round(row["missed"] / row["answers"], 4),
        }
        for row in rows
    ]
    found.sort(key=lambda row: (-row["miss_rate"], -row["answers"], str(row["question_id"])))
    return found[:limit]


def documents_without_use(*, folder_id: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return processed documents that no published question, lesson or answer stands on, oldest first.

    A session cites its own documents, so each batch of them asks its own sessions and no others.
    """
    documents = documents_of_sessions(session_ids=_sessions(folder_id).values_list("pk", flat=True))
    asked: set[UUID] = set()
    used: set[UUID] = set()
    unused: list[dict[str, Any]] = []
    while len(unused) < limit and (batch := list(islice(documents, limit))):
        sessions = {document["session_id"] for document in batch} - asked
        asked |= sessions
        used.update(_documents_in_use(sessions))
        unused += [document for document in batch if document["document_id"] not in used]
    return unused[:limit]


def _sessions(folder_id: UUID | None) -> QuerySet[LearningSession]:
    if folder_id is None:
        return LearningSession.objects.all()
    if not Folder.objects.filter(pk=folder_id).exists():
        raise FolderNotFound
    return LearningSession.objects.filter(folder_id=folder_id)


def _documents_in_use(sessions: set[UUID]) -> Iterator[UUID]:
    questions = Question.objects.filter(session__in=sessions, state=Question.State.PUBLISHED)
    for document_ids in questions.values_list("document_ids", flat=True).iterator():
        yield from document_ids
    for content in Lesson.objects.filter(session__in=sessions).values_list("content", flat=True).iterator():
        yield from _cited_documents(content)
    cited = Message.objects.filter(session__in=sessions).exclude(citations=[])
    for citations in cited.values_list("citations", flat=True).iterator():
        yield from _cited_documents(citations)


def _cited_documents(value: Any) -> Iterator[UUID]:
    if isinstance(value, dict):
        if isinstance(value.get("document_id"), str):
            yield UUID(value["document_id"])
        for part in value.values():
            yield from _cited_documents(part)
    elif isinstance(value, list):
        for part in value:
            yield from _cited_documents(part)

"""Reads of learning, scoped to the owner before anything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from documents_app.selectors.documents import document_count_of, document_counts
from sessions_app.errors import AttemptNotFound, FolderNotFound, QuizNotFound, SessionNotFound
from sessions_app.models import AnswerRecord, Folder, LearningSession, Message, Quiz


def folder_list(*, owner_id: UUID) -> QuerySet[Folder]:
    """Return the owner's folders with their number of sessions, newest first."""
    return Folder.objects.filter(owner_id=owner_id).annotate(session_count=Count("sessions"))


def folder_get(*, owner_id: UUID, folder_id: UUID) -> Folder:
    """Return one of the owner's folders; raises FolderNotFound."""
    folder = folder_list(owner_id=owner_id).filter(pk=folder_id).first()
    if folder is None:
        raise FolderNotFound
    return folder


def folder_document_counts(folders: Sequence[Folder]) -> dict[UUID, int]:
    """Return the number of documents in the sessions of each folder."""
    pairs = LearningSession.objects.filter(folder__in=folders).values_list("pk", "folder_id")
    sessions: dict[UUID, Any] = dict(pairs)
    counts: dict[UUID, int] = {}
    for session_id, number in document_counts(session_ids=sessions).items():
        counts[sessions[session_id]] = counts.get(sessions[session_id], 0) + number
    return counts


def session_list(*, owner_id: UUID) -> QuerySet[LearningSession]:
    """Return the owner's sessions, newest first."""
    return LearningSession.objects.filter(owner_id=owner_id)


def session_get(*, owner_id: UUID, session_id: UUID) -> LearningSession:
    """Return one of the owner's sessions; raises SessionNotFound."""
    session = LearningSession.objects.filter(owner_id=owner_id, pk=session_id).first()
    if session is None:
        raise SessionNotFound
    return session


def with_document_count(sessions: QuerySet[LearningSession]) -> QuerySet[Any]:
    """Return the sessions with their ``document_count``, in the same statement."""
    return sessions.annotate(document_count=document_count_of('"sessions_app_learningsession"."id"'))


def session_with_count(*, owner_id: UUID, session_id: UUID) -> Any:
    """Return one of the owner's sessions with its ``document_count``; raises SessionNotFound."""
    session = next(iter(with_document_count(LearningSession.objects.filter(owner_id=owner_id, pk=session_id))), None)
    if session is None:
        raise SessionNotFound
    return session


def folder_session_ids(*, folder: Folder) -> list[UUID]:
    """Return the ids of a folder's sessions that are its owner's."""
    return list(LearningSession.objects.filter(folder=folder, owner_id=folder.owner_id).values_list("pk", flat=True))


def message_page(*, session: LearningSession, before: int | None, limit: int) -> list[Message]:
    """Return the newest ``limit`` messages before turn ``before``, oldest first."""
    messages = Message.objects.filter(session=session)
    if before is not None:
        messages = messages.filter(turn_no__lt=before)
    return list(reversed(messages.order_by("-turn_no")[:limit]))


def quiz_list(*, owner_id: UUID, session_id: UUID | None = None) -> QuerySet[Quiz]:
    """Return the owner's quizzes with their questions, newest first."""
    quizzes = Quiz.objects.filter(owner_id=owner_id).prefetch_related("items__question")
    return quizzes.filter(session_id=session_id) if session_id is not None else quizzes


def quiz_get(*, owner_id: UUID, quiz_id: UUID) -> Quiz:
    """Return one of the owner's quizzes; raises QuizNotFound."""
    quiz = quiz_list(owner_id=owner_id).filter(pk=quiz_id).first()
    if quiz is None:
        raise QuizNotFound
    return quiz


def session_ids_of(*, owner_id: UUID) -> list[UUID]:
    """Return the ids of all sessions of a learner."""
    return list(LearningSession.objects.filter(owner_id=owner_id).values_list("pk", flat=True))


def attempt_answer_get(*, owner_id: UUID, attempt_id: UUID, question_id: UUID) -> AnswerRecord:
    """Return one of the owner's answers in an attempt; raises AttemptNotFound."""
    answers = AnswerRecord.objects.filter(owner_id=owner_id, attempt_id=attempt_id, question_id=question_id)
    answer = answers.first()
    if answer is None:
        raise AttemptNotFound
    return answer

"""What learning holds of a person, to hand out and to remove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sessions_app import models
from sessions_app.services.sessions import session_delete
from tutor_project.common.privacy import ExportedFile

OWNED: dict[str, Any] = {
    "folders": models.Folder,
    "sessions": models.LearningSession,
    "questions": models.Question,
    "quizzes": models.Quiz,
    "attempts": models.QuizAttempt,
    "answers": models.AnswerRecord,
    "mastery": models.MasteryState,
    "reviews": models.ReviewCard,
}
OF_SESSIONS: dict[str, Any] = {
    "messages": models.Message,
    "summaries": models.Summary,
    "plans": models.Plan,
    "lessons": models.Lesson,
    "reports": models.SessionReport,
}
SEALED = {"key", "failures"}
"""Keys stay sealed in an export: it must not be a way around the quiz."""


def export(user_id: UUID) -> Iterator[ExportedFile]:
    """Yield everything of the person, one file a kind."""
    for name, model in OWNED.items():
        yield f"{name}.jsonl", _rows(model.objects.filter(owner_id=user_id))
    for name, model in OF_SESSIONS.items():
        yield f"{name}.jsonl", _rows(model.objects.filter(session__owner_id=user_id))


def _rows(queryset: Any) -> Iterator[dict[str, Any]]:
    for row in queryset.order_by("pk").values().iterator(chunk_size=500):
        yield {key: value for key, value in row.items() if key not in SEALED}


def erase(user_id: UUID) -> dict[str, int]:
    """Remove sessions with their documents, then folders; returns the counts."""
    sessions = list(models.LearningSession.objects.filter(owner_id=user_id))
    for session in sessions:
        session_delete(session=session)
    folders = models.Folder.objects.filter(owner_id=user_id).delete()[0]
    return {"sessions": len(sessions), "folders": folders}

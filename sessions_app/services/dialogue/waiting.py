"""What a turn of the dialogue has to wait for: its lesson, or the analysis that judges a summary."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from documents_app.services.analysis import (
    analysis_awaited,
    ensure_has_material,
)
from sessions_app.domain.dialogue.machine import (
    EventType,
)
from sessions_app.models import LearningSession, Lesson
from sessions_app.services.dialogue.stage import topic_in
from sessions_app.services.writing import writing_awaited, writing_job


def lesson_missing(session: LearningSession) -> bool:
    """Tell whether the first turn has to wait for a lesson to be made."""
    return not Lesson.objects.filter(session=session).exists()


def turn_awaited(*, session: LearningSession, action: str, data: dict[str, Any]) -> UUID | None:
    """Return the job that this turn has to wait for, None where it can be taken now.

    Without a lesson that is the job of the lesson or of its analysis; a summary is judged by the analysis. Raises what
    ``writing_awaited`` raises.
    """
    if lesson_missing(session):
        awaited = writing_awaited(session=session, job_type="lesson_generation", wanted={"topic": topic_in(data)})
        return awaited if isinstance(awaited, UUID) else None
    if action == EventType.SUMMARY:
        return analysis_awaited(owner_id=session.owner_id, session_id=session.pk)
    return None


def lesson_job(session: LearningSession, data: dict[str, Any]) -> UUID:
    """Have a job write the lesson of the first turn, without waiting for a model; raises NoMaterial, MaterialProcessing."""
    ensure_has_material(session_id=session.pk)
    return writing_job(session=session, job_type="lesson_opening", wanted={"topic": topic_in(data)}, shared=True)

"""Writes on folders, sessions and messages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from documents_app.services.removal import documents_delete_for_session
from sessions_app.errors import ExamInThePast, ExamTooFar, SessionEnded
from sessions_app.models import Folder, LearningSession, Message
from sessions_app.selectors import sessions as selectors
from sessions_app.selectors.practice import learner_today
from tutor_project.common import events
from tutor_project.common.models import new_id
from tutor_project.common.text import sanitize

EXAM_WITHIN = timedelta(days=3 * 365)
"""No course is planned for further ahead; a later date is a slip of the keyboard."""
DEFAULT_TITLE = "Untitled session"


@transaction.atomic
def folder_create(*, owner_id: UUID, name: str) -> Folder:
    """Create a folder."""
    return Folder.objects.create(owner_id=owner_id, name=sanitize(name))


@transaction.atomic
def folder_update(*, folder: Folder, name: str) -> Folder:
    """Rename a folder."""
    folder.name = sanitize(name)
    folder.save(update_fields=["name", "updated_at"])
    return folder


@transaction.atomic
def folder_delete(*, folder: Folder) -> None:
    """Delete a folder; its sessions stay, without a folder."""
    folder.delete()


@transaction.atomic
def session_create(*, owner_id: UUID, folder_id: UUID | None = None, title: str = "") -> LearningSession:
    """Create a session; raises FolderNotFound when the folder is not the owner's."""
    if folder_id is not None:
        selectors.folder_get(owner_id=owner_id, folder_id=folder_id)
    session = LearningSession.objects.create(
        owner_id=owner_id, folder_id=folder_id, title=sanitize(title).strip() or DEFAULT_TITLE
    )
    events.record("event", event_type="session_created", user_id=owner_id, session_id=session.pk)
    return session


@transaction.atomic
def session_update(*, session: LearningSession, changes: dict[str, Any]) -> LearningSession:
    """Change title, folder or date of the exam; raises FolderNotFound, ExamInThePast, ExamTooFar, and changes nothing then."""
    if changes.get("exam_on") is not None:
        _ensure_exam_date(changes["exam_on"], learner_today(owner_id=session.owner_id))
    if changes.get("folder_id") is not None:
        selectors.folder_get(owner_id=session.owner_id, folder_id=changes["folder_id"])
    for name, value in changes.items():
        setattr(session, name, sanitize(value).strip() or DEFAULT_TITLE if name == "title" else value)
    session.save(update_fields=[*changes, "updated_at"])
    return session


def _ensure_exam_date(exam_on: date, today: date) -> None:
    if exam_on < today:
        raise ExamInThePast(today=today, attr="exam_on")
    if exam_on > today + EXAM_WITHIN:
        raise ExamTooFar(latest=today + EXAM_WITHIN, attr="exam_on")


@transaction.atomic
def session_end(*, session: LearningSession) -> LearningSession:
    """End a session; ending twice is the same as ending once."""
    ended = LearningSession.objects.filter(pk=session.pk, ended_at=None).update(
        ended_at=timezone.now(), updated_at=timezone.now()
    )
    session.refresh_from_db()
    if ended:
        events.record("event", event_type="session_ended", user_id=session.owner_id, session_id=session.pk)
    return session


@transaction.atomic
def session_reopen(*, session: LearningSession) -> LearningSession:
    """Go on with a session that has ended; one that has not stays as it is."""
    reopened = LearningSession.objects.filter(pk=session.pk, ended_at__isnull=False).update(
        ended_at=None, updated_at=timezone.now()
    )
    session.refresh_from_db()
    if reopened:
        events.record("event", event_type="session_reopened", user_id=session.owner_id, session_id=session.pk)
    return session


@transaction.atomic
def session_delete(*, session: LearningSession) -> None:
    """Delete a session with its documents and everything made from them."""
    LearningSession.objects.select_for_update().get(pk=session.pk)
    documents_delete_for_session(session_id=session.pk)
    session.delete()


def ensure_active(session: LearningSession) -> None:
    """Raise SessionEnded when the session has ended."""
    if session.ended_at is not None:
        raise SessionEnded


@transaction.atomic
def message_append(
    *,
    session_id: UUID,
    role: str,
    content: str,
    interaction: dict[str, Any] | None = None,
    citations: list[dict[str, Any]] | None = None,
    message_id: UUID | None = None,
) -> Message:
    """Append a message; its turn number follows the last one's, also when two are appended at once."""
    LearningSession.objects.filter(pk=session_id).update(
        message_count=F("message_count") + 1, last_activity_at=timezone.now()
    )
    turn = LearningSession.objects.values_list("message_count", flat=True).get(pk=session_id)
    return Message.objects.create(
        id=message_id or new_id(),
        session_id=session_id,
        turn_no=turn,
        role=role,
        content=sanitize(content),
        interaction=interaction,
        citations=citations or [],
    )


def folder_of(session_id: UUID) -> str | None:
    """Return the id of the folder a session lies in, None for one that lies in none."""
    found = LearningSession.objects.filter(pk=session_id).values_list("folder_id", flat=True).first()
    return str(found) if found else None

"""On whose budget a model call about documents is booked; the app above registers how to find a session's folder."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tutor_project.llm.types import Caller

_folder_of: Callable[[UUID], str | None] = lambda session_id: None  # noqa: E731  the state before anybody registers


def register_folder_of(lookup: Callable[[UUID], str | None]) -> None:
    """Make ``lookup`` (session id → folder id, if any) this process's (called once at start-up)."""
    global _folder_of
    _folder_of = lookup


def caller_of_session(*, session_id: UUID, owner_id: UUID) -> Caller:
    """Return on whose behalf a model is called for a session's documents."""
    return Caller(user_id=str(owner_id), session_id=str(session_id), folder_id=_folder_of(session_id))

"""Which engine serves a person, a model or the built-in one, and which model may judge.

The rule is ``tutor_project.llm.engines.engine_for``. Whoever has to know before it begins asks here; whoever just wants
the work done calls ``tutor_project.llm.standby.written``, where the built-in engine stands in for a model that fails.
"""

from __future__ import annotations

from typing import Any

from sessions_app.models import LearningSession
from tutor_project.llm.engines import engine_for
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway, get_gateway
from tutor_project.llm.profiles import profile_serving
from tutor_project.llm.standby import stood_in
from tutor_project.llm.standing import capabilities
from tutor_project.llm.types import Caller


def uses_model(feature: str, user: Any) -> bool:
    """Tell whether a model does ``feature`` for ``user``."""
    try:
        return engine_for(feature, user) == "model"
    except LLMError:
        return False  # the settings insist on a model, and there is none: ``unserved`` says so


def unserved(feature: str, user: Any) -> str | None:
    """Return what ``user`` is told where the settings insist on a model for ``feature`` and there is none; else None."""
    try:
        engine_for(feature, user)
    except LLMError as failure:
        return stood_in(feature, failure)
    return None


def quizzes_by_model(session: LearningSession) -> bool:
    """Tell whether a model writes the questions of the session's owner."""
    return uses_model("quiz", session.owner)


def lessons_by_model(session: LearningSession) -> bool:
    """Tell whether a model writes the plans or lessons of the session's owner, or questions for them."""
    return any(uses_model(feature, session.owner) for feature in ("lesson", "plan", "quiz"))


def tutors_by_model(session: LearningSession) -> bool:
    """Tell whether a model speaks in the dialogue of the session's owner."""
    return uses_model("answer", session.owner)


def gateway_of_judge() -> Gateway | None:
    """Return the gateway to the model that judges; None unless the one that serves the task passed ``evaluate_model``."""
    try:
        profile = profile_serving("judge")
    except LLMError:
        return None
    passed = profile is not None and capabilities(profile.config).get("judges") is True
    return get_gateway("judge") if passed else None


def caller_of(session: LearningSession) -> Caller:
    """Return on whose behalf a model is called."""
    folder_id = str(session.folder_id) if session.folder_id else None
    return Caller(user_id=str(session.owner_id), session_id=str(session.pk), folder_id=folder_id)

"""The built-in engine stands in where a model fails: the learner gets an answer and a sentence that says who gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from django.utils.translation import gettext

from tutor_project.llm.engines import engine_for, gateway_for
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway

T = TypeVar("T")

log = structlog.get_logger(__name__)

_WHY = {
    "spend_cap_reached": "The budget for the language model is used up for now.",
    "budget_unavailable": "The language model cannot be used at the moment.",
    "llm_timeout": "The language model took too long.",
    "llm_too_slow": "The language model is too slow for this.",
    "llm_rate_limited": "The language model is busy.",
    "llm_unavailable": "The language model does not answer at the moment.",
    "llm_invalid_output": "The language model gave no usable reply.",
    "llm_refused": "The language model declined.",
    "llm_stream_interrupted": "The language model broke off.",
    "llm_context_too_large": "The text is too long for the language model.",
    "llm_prompt_too_large": "The text is too long for the language model.",
}
_OTHERWISE = "The language model cannot be used at the moment."
_BY = "This comes from the built-in tutor, which quotes your material."


def notice_of(failure: LLMError) -> str:
    """Return what a learner is told when the built-in engine stands in because of ``failure``."""
    return f"{gettext(_WHY.get(failure.code, _OTHERWISE))} {gettext(_BY)}"


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A value and who wrote it: the ``model`` (None: the built-in engine), and the ``notice`` when it stood in."""

    value: T
    model: str | None = None
    notice: str | None = None

    @property
    def origin(self) -> dict[str, Any]:
        """Return ``{model, notice}``, as they are stored and shown with the value."""
        return {"model": self.model, "notice": self.notice}


def written(feature: str, owner: Any, *, by_model: Callable[[Gateway], T], builtin: Callable[[], T]) -> Written[T]:
    """Return what the engine of ``owner`` writes for ``feature``; the built-in one stands in when the model fails."""
    try:
        if engine_for(feature, owner) == "builtin":
            return Written(builtin())
        gateway = gateway_for(feature)
        return Written(by_model(gateway), gateway.model)
    except LLMError as failure:
        return Written(builtin(), notice=stood_in(feature, failure))


def stood_in(feature: str, failure: LLMError) -> str:
    """Note in the log that the built-in engine stands in, and return the learner's notice."""
    log.warning("builtin_stood_in", feature=feature, code=failure.code)
    return notice_of(failure)

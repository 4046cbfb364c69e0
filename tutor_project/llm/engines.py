"""Which engine serves a feature for a user: a runtime setting, and flags that override it for one feature."""

from __future__ import annotations

from typing import Any, Literal

from tutor_project.llm.errors import LLMNotConfigured
from tutor_project.llm.gateway import Gateway, get_gateway
from tutor_project.llm.profiles import Task, model_is_configured

EngineName = Literal["builtin", "model"]

ENGINE_FEATURES = ("analysis", "plan", "lesson", "quiz", "answer")
"""The features that have both engines."""

TASK_OF_FEATURE: dict[str, Task] = {
    "analysis": "cheap", "plan": "cheap", "lesson": "strong", "quiz": "strong", "answer": "strong",
}  # fmt: skip
"""What reads much and writes little goes to the cheap model; what a learner reads word for word to the strong one."""


def gateway_for(feature: str) -> Gateway:
    """Return the gateway to the model that serves ``feature``; raises ``LLMNotConfigured`` or ``LLMMisconfigured``."""
    return get_gateway(TASK_OF_FEATURE[feature])


def model_flag(feature: str) -> str:
    """Return the name of the flag that puts its users on the model for ``feature``."""
    return f"engine_model_{feature}"


def builtin_flag(feature: str) -> str:
    """Return the name of the flag that puts its users on the built-in engine for ``feature``."""
    return f"engine_builtin_{feature}"


def choose_engine(
    *, setting: str, configured: bool, forced_builtin: bool = False, forced_model: bool = False
) -> EngineName:
    """Return the engine for these switches: a flag beats the setting, and caution (built-in) beats the model.

    ``setting`` is auto, builtin or model. Raises ``LLMNotConfigured`` when the setting insists on a model
    and there is none; a flag or ``auto`` falls back to the built-in engine.
    """
    if forced_builtin:
        return "builtin"
    if not configured:
        if setting == "model":
            raise LLMNotConfigured()
        return "builtin"
    if forced_model:
        return "model"
    return "builtin" if setting == "builtin" else "model"


def engine_for(feature: str, user: Any) -> EngineName:
    """Return the engine that serves ``feature`` (one of ``ENGINE_FEATURES``) for ``user``.

    With no model configured no flag is read. Raises ValueError for an unknown feature and
    ``LLMNotConfigured`` as ``choose_engine``.
    """
    if feature not in ENGINE_FEATURES:
        raise ValueError(f"{feature!r} is not one of {ENGINE_FEATURES}")
    from tutor_project.common import flags, runtime

    configured = model_is_configured(TASK_OF_FEATURE[feature])
    return choose_engine(
        setting=runtime.get_str("ENGINE"),
        configured=configured,
        forced_builtin=configured and flags.is_enabled(builtin_flag(feature), user),
        forced_model=configured and flags.is_enabled(model_flag(feature), user),
    )

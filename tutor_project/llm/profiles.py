"""Model profiles: which model serves which task.

The environment's model is the first profile and serves every task that no other profile claims. Further profiles come
from whoever registers a source (the console's table); without one there is only the environment's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tutor_project.llm.config import ModelConfig, config_from_settings, environment_names_a_model
from tutor_project.llm.errors import LLMNotConfigured

Task = Literal["cheap", "strong", "judge", "embedding"]
TASKS: tuple[Task, ...] = get_args(Task)
ENVIRONMENT = "environment"

_INSTEAD: Mapping[Task, tuple[Task, ...]] = {
    "cheap": ("cheap", "strong"), "strong": ("strong", "cheap"), "judge": ("judge", "strong", "cheap"),
    "embedding": ("embedding",),
}  # fmt: skip
"""Which claims serve a task, the best first: a task nobody claims goes to the profile of a like one."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A model that may be used. ``id`` is ``environment`` or the row's; ``tasks`` are those it claims."""

    id: str
    name: str
    config: ModelConfig
    tasks: frozenset[Task]


_source: Callable[[], Sequence[Profile]] = tuple


def register_profile_source(source: Callable[[], Sequence[Profile]]) -> None:
    """Make ``source`` (the usable profiles, oldest first; cheap to call) this process's further profiles."""
    global _source
    _source = source


def environment_profile() -> Profile | None:
    """Return the environment's profile, None without one; raises ``LLMMisconfigured``."""
    if not environment_names_a_model():
        return None
    return Profile(ENVIRONMENT, "Environment", config_from_settings(), frozenset())


def profile_serving(task: Task) -> Profile | None:
    """Return the profile that serves ``task``, None when none does; raises ``LLMMisconfigured``."""
    further = _source()
    claimed = next((profile for profile in further if task in profile.tasks), None)
    if claimed is not None:
        return claimed
    if task != "embedding" and (own := environment_profile()) is not None:
        return own
    return next((profile for claim in _INSTEAD[task] for profile in further if claim in profile.tasks), None)


def profile_for(task: Task) -> Profile:
    """Return the profile that serves ``task``; raises ``LLMNotConfigured`` or ``LLMMisconfigured``."""
    profile = profile_serving(task)
    if profile is None:
        raise LLMNotConfigured()
    return profile


def model_is_configured(task: Task = "strong") -> bool:
    """Say whether some model serves ``task``; nothing is imported or contacted."""
    if task != "embedding" and environment_names_a_model():
        return True
    return any(claim in profile.tasks for claim in _INSTEAD[task] for profile in _source())

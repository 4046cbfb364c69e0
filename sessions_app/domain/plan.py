"""A learning plan: what to learn, in which order, for how long, and what has to come first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tutor_project.common.errors import DomainError


class MaterialEmpty(DomainError):
    """There is no prose to plan, teach or answer from."""

    code = "material_empty"
    status = 409
    detail = "The documents hold no running text to work with. Add material with text, or wait until it is processed."


class TopicNotInMaterial(DomainError):
    """The topic asked for does not occur in the material."""

    code = "topic_not_in_material"
    status = 422
    detail = "The material does not deal with “{topic}”. Choose one of its own topics, or add material about it."


@dataclass(frozen=True, slots=True)
class PlanSection:
    """One step: a section of the outline (``section_index``), what it teaches, minutes, and steps that come before."""

    index: int
    section_index: int
    document_id: str
    title: str
    path: tuple[str, ...]
    minutes: int
    concepts: tuple[str, ...]
    objectives: tuple[str, ...]
    prerequisites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlanObjective:
    """An objective with its priority (high, medium, low) and the citations behind it."""

    title: str
    description: str
    priority: str
    evidence: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PlanContent:
    """The plan in the shape of the API; ``prerequisites`` maps a concept to those to be understood before it."""

    topic: str
    learning_goal: str
    priority: str
    relevant_concepts: tuple[str, ...]
    suggested_approach: str
    target_mastery: float
    initial_difficulty: str
    estimated_minutes: int
    sections: tuple[PlanSection, ...]
    objectives: tuple[PlanObjective, ...]
    prerequisites: dict[str, tuple[str, ...]]
    engine: str

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON types."""
        plan: dict[str, Any] = asdict(self)
        return plan

"""What the dialogue knows of its learner (``user_model_state`` of the API)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions_app.domain.dialogue.machine import DialogueState, Phase, Script, available_actions


@dataclass(frozen=True, slots=True)
class UserModel:
    """What the dialogue knows of the learner, for the API's ``user_model_state``."""

    phase: str
    section_index: int
    total_sections: int
    progress: float
    answered: int
    correct: int
    skipped: int
    hints_used: int
    questions_asked: int
    summarised_sections: tuple[int, ...]
    concept_results: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Concept → (right, answered) over the check questions of the sections that deal with it."""
    available_actions: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the model as JSON types."""
        return {
            "phase": self.phase,
            "section_index": self.section_index,
            "total_sections": self.total_sections,
            "progress": self.progress,
            "answered": self.answered,
            "correct": self.correct,
            "skipped": self.skipped,
            "hints_used": self.hints_used,
            "questions_asked": self.questions_asked,
            "summarised_sections": list(self.summarised_sections),
            "concepts": {
                name: {"correct": right, "answered": seen} for name, (right, seen) in self.concept_results.items()
            },
            "available_actions": list(self.available_actions),
        }


def user_model(state: DialogueState, script: Script, concepts: Sequence[Sequence[str]] = ()) -> UserModel:
    """Return the learner's model; ``concepts`` lists the concepts of each section."""
    results: dict[str, tuple[int, int]] = {}
    for record in state.records:
        if record.outcome not in {"correct", "wrong"} or record.section >= len(concepts):
            continue
        for name in concepts[record.section]:
            right, seen = results.get(name, (0, 0))
            results[name] = (right + (record.outcome == "correct"), seen + 1)
    graded = [record for record in state.records if record.outcome in {"correct", "wrong", "unsure"}]
    return UserModel(
        phase=state.phase.value,
        section_index=min(state.section, max(0, script.sections - 1)),
        total_sections=script.sections,
        progress=_progress(state, script),
        answered=len(graded),
        correct=sum(record.outcome == "correct" for record in state.records),
        skipped=sum(record.outcome in {"deferred", "skipped"} for record in state.records),
        hints_used=sum(record.hints for record in state.records) + (state.hints if state.phase is Phase.ASKING else 0),
        questions_asked=state.asked,
        summarised_sections=state.summarised,
        concept_results=results,
        available_actions=tuple(action.value for action in available_actions(state, script)),
    )


def _progress(state: DialogueState, script: Script) -> float:
    """Share of the lesson behind the learner, [0, 1]: each section counts one, its questions share half of it."""
    if state.phase is Phase.FINISHED:
        return 1.0
    if state.phase is Phase.IDLE or not script.sections:
        return 0.0
    if state.returning:
        left = sum(record.outcome == "deferred" for record in state.records)
        return round(1.0 - 0.5 * left / (1 + sum(script.questions)), 3)
    total = script.questions[state.section] if state.section < script.sections else 0
    inside = 0.0
    if state.phase is not Phase.EXPLAINING and total:
        inside = 0.5 + 0.5 * (state.question + (state.phase is Phase.REVIEWED)) / (total + 1)
    return round((state.section + inside) / script.sections, 3)

"""The states of a question in the bank and the only ways between them."""

from __future__ import annotations

from enum import StrEnum

from tutor_project.common.errors import DomainError


class QuestionState(StrEnum):
    """draft → verified → published → retired; quarantined when a check, or a person, found a fault."""

    DRAFT = "draft"
    VERIFIED = "verified"
    PUBLISHED = "published"
    RETIRED = "retired"
    QUARANTINED = "quarantined"


TRANSITIONS: dict[QuestionState, frozenset[QuestionState]] = {
    QuestionState.DRAFT: frozenset({QuestionState.VERIFIED, QuestionState.QUARANTINED}),
    QuestionState.VERIFIED: frozenset({QuestionState.PUBLISHED, QuestionState.QUARANTINED, QuestionState.RETIRED}),
    QuestionState.PUBLISHED: frozenset({QuestionState.RETIRED, QuestionState.QUARANTINED}),
    # A corrected question is a new draft of the same row and goes through the verifier again.
    QuestionState.QUARANTINED: frozenset({QuestionState.DRAFT, QuestionState.RETIRED}),
    QuestionState.RETIRED: frozenset(),
}


class QuestionStateConflict(DomainError):
    """A transition that the table does not hold; ``current``, ``wanted`` and ``allowed`` are its data."""

    code = "question_state_conflict"
    status = 409
    detail = "A question that is {current} cannot become {wanted}. From here it may become: {allowed}."


def may_become(current: QuestionState, wanted: QuestionState) -> bool:
    """Return whether the table allows the step."""
    return wanted in TRANSITIONS[current]


def next_state(current: QuestionState, wanted: QuestionState) -> QuestionState:
    """Return ``wanted``; raises QuestionStateConflict where the table does not allow the step."""
    if not may_become(current, wanted):
        allowed = ", ".join(sorted(TRANSITIONS[current])) or "nothing (final)"
        raise QuestionStateConflict(current=current, wanted=wanted, allowed=allowed)
    return wanted

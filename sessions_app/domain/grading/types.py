"""What grading takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sessions_app.domain.grading.reasons import Reason, stored_reason
from tutor_project.common.errors import DomainError

MAX_ANSWER_LENGTH = 2000


class GradeVerdict(StrEnum):
    """The three things grading may say; ``needs_review`` waits for a person."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True, slots=True)
class Grade:
    """A verdict, its reason with the counts in it, and the share of the points that is certain, in [0, 1]."""

    verdict: GradeVerdict
    reason: Reason
    credit: float = 0.0
    counts: tuple[int, ...] = ()

    @property
    def correct(self) -> bool:
        """Whether the answer is right beyond doubt."""
        return self.verdict is GradeVerdict.CORRECT

    @property
    def words(self) -> str:
        """The reason as it is stored."""
        return stored_reason(self.reason, self.counts)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What a learner gave: an option's id, or a text, or a text for each part."""

    option_id: str | None = None
    text: str | None = None
    parts: tuple[str, ...] = ()


class AnswerOptionUnknown(DomainError):
    """The answer names an option that the question does not have."""

    code = "answer_option_unknown"
    status = 400
    detail = "The question has no option {option_id!r}. Send the id of one of its options."


class AnswerTooLong(DomainError):
    """The answer is longer than any right one could be."""

    code = "answer_too_long"
    status = 400
    detail = "An answer has at most {limit} characters; this one has {length}. Shorten it."


class AnswerMissing(DomainError):
    """Neither an option nor a text was given."""

    code = "answer_missing"
    status = 400
    detail = "The answer is empty. Send option_id for a choice, text otherwise."


def right(reason: Reason) -> Grade:
    """Return a full-credit grade."""
    return Grade(GradeVerdict.CORRECT, reason, 1.0)


def wrong(reason: Reason) -> Grade:
    """Return a no-credit grade."""
    return Grade(GradeVerdict.INCORRECT, reason)


def unsure(reason: Reason, counts: tuple[int, ...] = ()) -> Grade:
    """Return a grade that waits for a person."""
    return Grade(GradeVerdict.NEEDS_REVIEW, reason, counts=counts)

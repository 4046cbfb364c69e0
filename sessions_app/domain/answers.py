"""Questions a learner asks of the material, and the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from documents_app.domain.material import Citation
from tutor_project.common.errors import DomainError

MAX_QUESTION_CHARS = 4000


class QuestionEmpty(DomainError):
    """The question holds no word."""

    code = "question_empty"
    status = 400
    detail = "The question is empty. Write what you want to know."


class QuestionTooLong(DomainError):
    """The question is longer than anything a person asks."""

    code = "question_too_long"
    status = 400
    detail = "The question has {length} characters, the limit is {limit}. Shorten it, or upload the text as a document."


class AnswerStatus(StrEnum):
    """Whether the material answers: for certain, perhaps ("the closest passage says"), or not at all."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    NOT_IN_MATERIAL = "not_in_material"


@dataclass(frozen=True, slots=True)
class AnswerPassage:
    """A passage that is shown: what it cites, the best sentences in it (offsets of the stored text), its kind of block."""

    citation: Citation
    highlights: tuple[tuple[int, int], ...]
    block_kind: str

    def as_dict(self) -> dict[str, Any]:
        """Return the passage in the shape of the API contract."""
        return {
            "citation": self.citation.as_dict(),
            "highlights": [list(span) for span in self.highlights],
            "block_kind": self.block_kind,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its passages, best first; ``confidence`` is a probability in [0, 1], ``language`` BCP 47."""

    text: str
    passages: tuple[AnswerPassage, ...]
    status: AnswerStatus
    confidence: float
    related_sections: tuple[str, ...] = ()
    language: str | None = None

    @property
    def declined(self) -> bool:
        """Whether the material does not say."""
        return self.status is AnswerStatus.NOT_IN_MATERIAL

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the passages, in their order."""
        return tuple(passage.citation for passage in self.passages)

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as JSON types."""
        return {
            "text": self.text,
            "citations": [citation.as_dict() for citation in self.citations],
            "declined": self.declined,
            "confidence": round(self.confidence, 3),
            "related_sections": list(self.related_sections),
            "status": self.status.value,
            "language": self.language,
            "passages": [passage.as_dict() for passage in self.passages],
        }


def checked_question(text: str) -> str:
    """Return the question on one line; raises QuestionEmpty or QuestionTooLong."""
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionTooLong(length=len(text), limit=MAX_QUESTION_CHARS, attr="question")
    question = " ".join(text.split())
    if not any(map(str.isalnum, question)):
        raise QuestionEmpty(attr="question")
    return question

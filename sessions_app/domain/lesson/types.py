"""A lesson in segments: quoted explanation with citations, worked examples, key terms, check questions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation
from sessions_app.domain.questions.types import RECALL, CandidateQuestion


@dataclass(frozen=True, slots=True)
class LessonPassage:
    """What a lesson quotes: neighbouring sentences as one stretch, or a list, table, formula or piece of code as a whole.

    ``text`` is the reading form of the citation's text; of a whole block its lines, cells or source.
    """

    text: str
    citation: Citation
    kind: str = "prose"


@dataclass(frozen=True, slots=True)
class LessonTerm:
    """A term and its definition; the definition stands in the citation (white space aside)."""

    term: str
    definition: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class LessonSection:
    """One segment. ``text`` is what a learner reads; every quoted passage in it carries its number in ``citations``."""

    index: int
    section_index: int
    title: str
    path: tuple[str, ...]
    text: str
    concepts: tuple[str, ...]
    objective: str
    explanation: tuple[LessonPassage, ...]
    examples: tuple[LessonPassage, ...]
    key_terms: tuple[LessonTerm, ...]
    check_questions: tuple[Any, ...]
    citations: tuple[Citation, ...]
    minutes: int
    is_last_segment: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the segment in the shape of the API, citations numbered as in ``text``."""
        return {
            "index": self.index,
            "section_index": self.section_index,
            "title": self.title,
            "path": list(self.path),
            "text": self.text,
            "concepts": list(self.concepts),
            "objective": self.objective,
            "key_terms": [
                {"term": term.term, "definition": term.definition, "citation": term.citation.as_dict()}
                for term in self.key_terms
            ],
            "passages": [
                {"kind": passage.kind, "text": passage.text, "citation": passage.citation.as_dict()}
                for passage in self.explanation
            ],
            "examples": [{"text": example.text, "citation": example.citation.as_dict()} for example in self.examples],
            "citations": [citation.as_dict() for citation in self.citations],
            "minutes": self.minutes,
            "is_last_segment": self.is_last_segment,
            "check_questions": list(self.check_questions),
        }


@dataclass(frozen=True, slots=True)
class LessonContent:
    """The lesson; ``id`` and storage are the caller's."""

    title: str
    topic: str
    text: str
    sections: tuple[LessonSection, ...]
    engine: str

    @property
    def total_segments(self) -> int:
        """Number of segments."""
        return len(self.sections)

    def as_dict(self) -> dict[str, Any]:
        """Return the lesson in the shape of the API, without ``id``."""
        return {
            "title": self.title,
            "topic": self.topic,
            "text": self.text,
            "total_segments": self.total_segments,
            "sections": [section.as_dict() for section in self.sections],
            "engine": self.engine,
        }


def checks(questions: Sequence[CandidateQuestion], limit: int) -> list[int]:
    """Return the places of up to ``limit`` questions to ask of a section, in order.

    What is graded for certain goes first, then one to be answered in the learner's own words; the section's main points are
    asked for where there is nothing else.
    """
    closer = [at for at, question in enumerate(questions) if question.pattern != RECALL] or list(range(len(questions)))
    certain = [at for at in closer if not questions[at].is_open]
    order = [*certain[:1], *(at for at in closer if questions[at].is_open), *certain[1:]]
    asked = ["open" if questions[at].is_open else questions[at].kind.value for at in order]
    rows = [(kind, questions[at].evidence[0].char_start) for kind, at in zip(asked, order, strict=True)]
    return [order[place] for place in varied(rows, limit)]


def varied(questions: Sequence[tuple[str, Hashable]], limit: int) -> list[int]:
    """Return the places of up to ``limit`` questions to ask, given as (kind, passage) in the order of their worth.

    No passage is asked about twice. Another kind goes before the same one again, and true or false, which a guess gets
    right half of the time, last.
    """
    left = sorted(range(len(questions)), key=lambda at: (questions[at][0] == "true_false", at))
    chosen: list[int] = []
    while left and len(chosen) < limit:
        kinds = {questions[at][0] for at in chosen} | {"true_false"}
        best = next((at for at in left if questions[at][0] not in kinds), left[0])
        chosen.append(best)
        left = [at for at in left if questions[at][1] != questions[best][1]]
    return chosen

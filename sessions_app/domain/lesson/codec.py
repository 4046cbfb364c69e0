"""Reading a stored lesson back into the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents_app.domain.material import Citation
from sessions_app.domain.lesson.types import LessonContent, LessonPassage, LessonSection, LessonTerm


def lesson_from_dict(data: Mapping[str, Any]) -> LessonContent:
    """Return the lesson of ``LessonContent.as_dict``; the passages are part of the text there and are not rebuilt."""
    return LessonContent(
        title=data["title"],
        topic=data["topic"],
        text=data["text"],
        sections=tuple(_section(section) for section in data["sections"]),
        engine=data["engine"],
    )


def _section(data: Mapping[str, Any]) -> LessonSection:
    return LessonSection(
        index=data["index"],
        section_index=data["section_index"],
        title=data["title"],
        path=tuple(data["path"]),
        text=data["text"],
        concepts=tuple(data["concepts"]),
        objective=data["objective"],
        explanation=(),
        examples=tuple(LessonPassage(item["text"], Citation(**item["citation"])) for item in data["examples"]),
        key_terms=tuple(
            LessonTerm(item["term"], item["definition"], Citation(**item["citation"])) for item in data["key_terms"]
        ),
        check_questions=tuple(data["check_questions"]),
        citations=_citations(data["citations"]),
        minutes=data["minutes"],
        is_last_segment=data["is_last_segment"],
    )


def _citations(items: Sequence[Mapping[str, Any]]) -> tuple[Citation, ...]:
    return tuple(Citation(**item) for item in items)

"""The stored form of an analysis: the contract's shape, plus what rebuilding the domain object needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from documents_app.domain.analysis.types import Analysis, Concept, Difficulty, Objective, Term
from documents_app.domain.material import Citation


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What an analysis tells of one of its files."""

    document_id: str
    filename: str
    page_count: int
    characters: int
    metadata: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as the contract has them."""
        return {**asdict(self), "metadata": {key: self.metadata[key] for key in _SHOWN if self.metadata.get(key)}}


_SHOWN = ("title", "author", "language", "format", "created", "warnings")


def analysis_as_dict(
    analysis: Analysis, *, analysis_type: str, files: Sequence[FileFacts], vector_store_id: str
) -> dict[str, Any]:
    """Return the analysis in the contract's shape (features.md, "Shapes used below")."""
    return {
        "analysis_type": analysis_type,
        "analysis_text": analysis.analysis_text,
        "summary": [citation.as_dict() for citation in analysis.summary],
        "key_concepts": [concept.name for concept in analysis.concepts],
        "key_terms": {term.term: term.definition for term in analysis.terms},
        "file_names": [file.filename for file in files],
        "file_metadata": [file.as_dict() for file in files],
        "vector_store_id": vector_store_id,
        "concepts": [
            {
                "name": concept.name,
                "importance": round(concept.importance, 4),
                "evidence": [citation.as_dict() for citation in concept.evidence],
                "section_indexes": list(concept.section_indexes),
            }
            for concept in analysis.concepts
        ],
        "terms": [
            {"term": term.term, "definition": term.definition, "citation": term.citation.as_dict()}
            for term in analysis.terms
        ],
        "objectives": [
            {
                "title": objective.title,
                "description": objective.description,
                "priority": objective.priority,
                "evidence": [citation.as_dict() for citation in objective.evidence],
            }
            for objective in analysis.objectives
        ],
        "difficulty": asdict(analysis.difficulty),
        "engine": analysis.engine,
        "extra": dict(analysis.extra),
    }


def analysis_from_dict(data: Mapping[str, Any]) -> Analysis:
    """Rebuild the domain object, without its sections, from its stored form."""
    return Analysis(
        summary=_citations(data["summary"]),
        analysis_text=data["analysis_text"],
        concepts=tuple(
            Concept(item["name"], item["importance"], _citations(item["evidence"]), tuple(item["section_indexes"]))
            for item in data["concepts"]
        ),
        terms=tuple(Term(item["term"], item["definition"], Citation(**item["citation"])) for item in data["terms"]),
        objectives=tuple(
            Objective(item["title"], item["description"], item["priority"], _citations(item["evidence"]))
            for item in data["objectives"]
        ),
        difficulty=Difficulty(**data["difficulty"]),
        sections=(),
        engine=data["engine"],
        extra=data.get("extra", {}),
    )


def _citations(items: Sequence[Mapping[str, Any]]) -> tuple[Citation, ...]:
    return tuple(Citation(**item) for item in items)

"""What one document brings to the analysis of its session, each part best first, so that an analysis is only a choice."""

from __future__ import annotations

from dataclasses import dataclass

from documents_app.domain.analysis.types import Concept, Difficulty, Objective, Term
from documents_app.domain.material import Citation

Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoredConcept:
    """A concept of a document, the stems by which other documents name it too, and how much speaks for it (0 to about 1)."""

    concept: Concept
    stems: Stems
    score: float


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term of a document with the weight its authors gave it, in (0, 1]."""

    term: Term
    weight: float


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence that sums up a part of a document, and the places in the digest of the concepts it names."""

    citation: Citation
    about: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """The analysis of one document. ``sections`` and ``sentences`` count those of its outline; section indexes begin at 0."""

    language: str
    pages: int
    characters: int
    sections: int
    sentences: int
    concepts: tuple[ScoredConcept, ...]
    terms: tuple[WeightedTerm, ...]
    summary: tuple[SummarySentence, ...]
    objectives: tuple[Objective, ...]
    difficulty: Difficulty

"""What an analysis of course material consists of, whichever engine made it.

The types are shared by the built-in engine, the model-backed engine, plans, lessons and questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of running prose; ``document`` indexes the material, offsets point into its stored text."""

    document: int
    char_start: int
    char_end: int
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the material in reading order: its heading path and its prose sentences.

    ``char_start:char_end`` covers heading and body. Front matter without a heading has an empty ``path``
    and takes the document's title.
    """

    index: int
    document: int
    title: str
    level: int
    path: tuple[str, ...]
    char_start: int
    char_end: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """A key concept with its importance in [0, 1] and the passages that support it (at least one)."""

    name: str
    importance: float
    evidence: tuple[Citation, ...]
    section_indexes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A key term with its definition; the definition stands in the citation's text."""

    term: str
    definition: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Objective:
    """A learning objective; ``priority`` is high, medium or low."""

    title: str
    description: str
    priority: str
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Difficulty of the material: ``level`` easy/medium/hard, school ``grade`` and the figures behind it."""

    level: str
    grade: float
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A full analysis. ``summary`` holds cited sentences; joined they are the analysis text."""

    summary: tuple[Citation, ...]
    analysis_text: str
    concepts: tuple[Concept, ...]
    terms: tuple[Term, ...]
    objectives: tuple[Objective, ...]
    difficulty: Difficulty
    sections: tuple[Section, ...]
    engine: str
    extra: Mapping[str, Any]

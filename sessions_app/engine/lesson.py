"""The built-in lesson: each section of the material explained in its own words, every passage cited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis import Analysis, Concept, Section, Term
from documents_app.domain.keyphrases_words import reading_form
from documents_app.domain.material import Citation, Material, SourceDocument
from sessions_app.domain.lesson import KeyTerm, Lesson, LessonSection, Passage
from sessions_app.engine.lesson_blocks import marked_sentences, whole_blocks, without_blocks
from sessions_app.engine.lesson_passages import example_runs, explanation_indexes, passages
from sessions_app.engine.plan import material_title, section_concepts, section_minutes, sections_about

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
CheckQuestions = Callable[[Section, Sequence[Concept], Sequence[Term]], Sequence[Any]]
"""Makes the check questions of a section, without their keys; an empty sequence is a valid answer."""

_MAX_TERMS = 6


def make_lesson(
    analysis: Analysis,
    material: Material,
    embed: Embed,
    *,
    topic: str | None = None,
    check_questions: CheckQuestions | None = None,
) -> Lesson:
    """Return the lesson over all sections, or over those that deal with ``topic``.

    Raises MaterialEmpty and TopicNotInMaterial. A heading without text of its own leads the title of the section below it.
    """
    sections = sections_about(analysis, topic)
    titles = _titles(analysis, sections)
    name = topic or material_title(analysis, material)
    segments = tuple(
        _segment(
            index, section, titles[index], analysis, material, embed, check_questions, last=index == len(sections) - 1
        )
        for index, section in enumerate(sections)
    )
    return Lesson(title=name, topic=name, text=_overview(name, segments), sections=segments, engine=analysis.engine)


def _titles(analysis: Analysis, sections: Sequence[Section]) -> list[str]:
    """Titles, led by the headings above them that have no text of their own: in front of the first section below."""
    shown = {section.path for section in analysis.sections if section.sentences}
    wanted = {section.index for section in sections}
    titles = []
    for section in (section for section in analysis.sections if section.sentences):
        parts: list[str] = []
        for depth in range(1, len(section.path)):
            above = section.path[:depth]
            if above not in shown:
                shown.add(above)
                parts.append(reading_form(above[-1]))
        if section.index in wanted:
            titles.append(": ".join([*parts, reading_form(section.title)]))
    return titles


def _overview(name: str, segments: Sequence[LessonSection]) -> str:
    minutes = sum(segment.minutes for segment in segments)
    lines = [f"{name}: {len(segments)} {'part' if len(segments) == 1 else 'parts'}, about {minutes} minutes."]
    counted = any(segment.title[:1].isdigit() for segment in segments)  # the material has numbers of its own
    lines += [f"{'–' if counted else f'{segment.index + 1}.'} {segment.title}" for segment in segments]
    return "\n".join(lines)


def _segment(
    index: int,
    section: Section,
    title: str,
    analysis: Analysis,
    material: Material,
    embed: Embed,
    check_questions: CheckQuestions | None,
    *,
    last: bool,
) -> LessonSection:
    document = material[section.document]
    concepts = section_concepts(analysis, section)
    terms = section_terms(analysis, section, document)
    blocks = whole_blocks(document, section)
    prose = without_blocks(section, blocks)
    texts = [reading_form(sentence.text) for sentence in prose.sentences]
    defining = {term.citation.char_start for term in terms} | marked_sentences(document, prose)
    chosen = explanation_indexes(prose, texts, embed(texts), [concept.name for concept in concepts], defining)
    quoted = [*passages(document, prose, chosen), *blocks]
    explanation = sorted(quoted, key=lambda passage: passage.citation.char_start)
    examples = [passages(document, prose, run) for run in example_runs(prose, texts, chosen)]
    flat_examples = tuple(passage for run in examples for passage in run)
    boxes = tuple(KeyTerm(term.term, term.definition, term.citation) for term in terms[:_MAX_TERMS])
    objective = _objective(analysis, section, document)
    text, citations = compose(objective, concepts, explanation, examples, boxes)
    return LessonSection(
        index=index,
        section_index=section.index,
        title=title,
        path=tuple(map(reading_form, section.path)),
        text=text,
        concepts=tuple(concept.name for concept in concepts),
        objective=objective,
        explanation=tuple(explanation),
        examples=flat_examples,
        key_terms=boxes,
        check_questions=tuple(check_questions(section, concepts, terms)) if check_questions else (),
        citations=citations,
        minutes=section_minutes(section, len(concepts), analysis.difficulty.level),
        is_last_segment=last,
    )


def section_terms(analysis: Analysis, section: Section, document: SourceDocument) -> tuple[Term, ...]:
    """Return the terms defined in ``section``, in reading order."""
    own = [
        term
        for term in analysis.terms
        if term.citation.document_id == document.document_id
        and section.char_start <= term.citation.char_start < section.char_end
    ]
    return tuple(sorted(own, key=lambda term: term.citation.char_start))


def _objective(analysis: Analysis, section: Section, document: SourceDocument) -> str:
    for objective in analysis.objectives:
        first = objective.evidence[0]
        if first.document_id == document.document_id and section.char_start <= first.char_start < section.char_end:
            return objective.title
    return ""


def compose(
    objective: str,
    concepts: Sequence[Concept],
    explanation: Sequence[Passage],
    examples: Sequence[Sequence[Passage]],
    terms: Sequence[KeyTerm],
) -> tuple[str, tuple[Citation, ...]]:
    """Return the text of a segment and its citations; ``[n]`` in the text is the n-th citation."""
    numbers: dict[tuple[int, int], int] = {}
    citations: list[Citation] = []

    def mark(citation: Citation) -> str:
        span = (citation.char_start, citation.char_end)
        if span not in numbers:
            citations.append(citation)
            numbers[span] = len(citations)
        return f"[{numbers[span]}]"

    blocks: list[str] = []
    if objective:
        blocks.append(f"Your goal: {objective[0].lower() + objective[1:]}.")
    if concepts:
        blocks.append("Main ideas: " + ", ".join(concept.name for concept in concepts) + ".")
    blocks += [shown(passage, mark(passage.citation)) for passage in explanation]
    for number, run in enumerate(examples, 1):
        lead = "Example" if len(examples) == 1 else f"Example {number}"
        blocks.append(f"{lead}: " + " ".join(f"{passage.text} {mark(passage.citation)}" for passage in run))
    if terms:
        blocks.append(
            "Key terms\n" + "\n".join(f"• {term.term}: {term.definition} {mark(term.citation)}" for term in terms)
        )
    return "\n\n".join(blocks), tuple(citations)


def shown(passage: Passage, number: str) -> str:
    """Return a passage as a learner reads it: code fenced, a formula set apart, the rest as it stands."""
    if passage.kind == "code":
        return f"```\n{passage.text}\n``` {number}"
    if passage.kind == "formula":
        return f"$$ {passage.text} $$ {number}"
    separator = "\n" if "\n" in passage.text else " "
    return f"{passage.text}{separator}{number}"

"""The built-in lesson: each section of the material explained in its own words, every passage cited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis.types import Analysis, Concept, Section, Term
from documents_app.domain.material import Citation, Material, SourceDocument, language_of_material
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.lesson.types import LessonContent, LessonPassage, LessonSection, LessonTerm
from sessions_app.engine.lesson.blocks import (
    inner_headings,
    leading_sentences,
    marked_terms,
    whole_blocks,
    without_blocks,
)
from sessions_app.engine.lesson.passages import (
    Prose,
    compared,
    example_runs,
    explanation_indexes,
    passages,
    timeline,
)
from sessions_app.engine.plan import (
    ENGINE_NAME,
    material_title,
    objectives_by_section,
    section_concepts,
    section_minutes,
    sections_about,
)
from tutor_project.language import Language, wording

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
CheckQuestions = Callable[[Section, Sequence[Concept], Sequence[Term]], Sequence[Any]]
"""Makes the check questions of a section, without their keys; an empty sequence is a valid answer."""

Asked = Mapping[int, Sequence[int]]
"""By section, where the passages begin that its check questions rest on."""

Mark = Callable[[Citation], str]
"""Gives a citation its number in brackets."""

_MAX_TERMS = 6


def make_lesson(
    analysis: Analysis,
    material: Material,
    embed: Embed,
    *,
    topic: str | None = None,
    check_questions: CheckQuestions | None = None,
    asked: Asked | None = None,
) -> LessonContent:
    """Return the lesson over all sections, or over those that deal with ``topic``.

    What a check question asks about is said before it comes. Raises MaterialEmpty and TopicNotInMaterial. A heading without text
    of its own leads the title of the section below it.
    """
    sections = sections_about(analysis, topic)
    titles = _titles(analysis, sections)
    name = topic or material_title(analysis, material)
    aims = objectives_by_section(analysis, material, sections)
    segments = tuple(
        _segment(
            index,
            section,
            titles[index],
            next((aim.title for aim in aims.get(section.index, ())), ""),
            analysis,
            material,
            embed,
            check_questions,
            (asked or {}).get(section.index, ()),
            last=index == len(sections) - 1,
        )
        for index, section in enumerate(sections)
    )
    overview = _overview(name, segments, language_of_material(material))
    return LessonContent(title=name, topic=name, text=overview, sections=segments, engine=ENGINE_NAME)


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
            # A heading that repeats the one above it is said once.
            titles.append(": ".join(dict.fromkeys([*parts, reading_form(section.title)])))
    return titles


def _overview(name: str, segments: Sequence[LessonSection], tongue: Language) -> str:
    said = wording(tongue, "lesson_phrases")
    minutes = sum(segment.minutes for segment in segments)
    lines = [
        said["one_part" if len(segments) == 1 else "parts"].format(name=name, count=len(segments), minutes=minutes)
    ]
    counted = any(segment.title[:1].isdigit() for segment in segments)  # the material has numbers of its own
    lines += [f"{'–' if counted else f'{segment.index + 1}.'} {segment.title}" for segment in segments]
    return "\n".join(lines)


def _segment(
    index: int,
    section: Section,
    title: str,
    objective: str,
    analysis: Analysis,
    material: Material,
    embed: Embed,
    check_questions: CheckQuestions | None,
    asked: Sequence[int],
    *,
    last: bool,
) -> LessonSection:
    document = material[section.document]
    tongue = language_of_material(material)
    concepts = section_concepts(analysis, section)
    names = [concept.name for concept in concepts]
    terms = section_terms(analysis, section, document)
    blocks = whole_blocks(document, section)
    prose = _prose(without_blocks(section, blocks), embed, tongue)
    chosen = explanation_indexes(prose, names, _terms_in(document, prose, terms), _sentences_at(prose, asked))
    quoted = [*passages(document, prose.section, chosen), *blocks]
    leads = leading_sentences(document, section, blocks, tongue)
    quoted += [lead for lead in leads if not _is_within(lead.citation, quoted)]
    explanation = sorted(quoted, key=lambda passage: passage.citation.char_start)
    examples = [passages(document, prose.section, run) for run in example_runs(prose, chosen)]
    boxes = tuple(LessonTerm(term.term, term.definition, term.citation) for term in terms[:_MAX_TERMS])
    questions = tuple(check_questions(section, concepts, terms)) if check_questions else ()
    text, citations = compose(
        objective, concepts, explanation, examples, boxes, tongue, inner_headings(document, section)
    )
    if check_questions and not questions and names:
        text += "\n\n" + _self_check(names, len(explanation), tongue)
    return LessonSection(
        index=index,
        section_index=section.index,
        title=title,
        path=tuple(map(reading_form, section.path)),
        text=text,
        concepts=tuple(names),
        objective=objective,
        explanation=tuple(explanation),
        examples=tuple(passage for run in examples for passage in run),
        key_terms=boxes,
        check_questions=questions,
        citations=citations,
        minutes=section_minutes(section, len(concepts), analysis.difficulty.level),
        is_last_segment=last,
    )


def _self_check(names: Sequence[str], passages_count: int, tongue: Language) -> str:
    """Return what a learner is asked about a section on which there is no question with a key."""
    marks = "[1]" if passages_count == 1 else f"[1]–[{passages_count}]"
    return wording(tongue, "lesson_phrases")["self_check"].format(names=", ".join(names[:2]), marks=marks)


def _prose(section: Section, embed: Embed, tongue: Language) -> Prose:
    texts = tuple(reading_form(sentence.text) for sentence in section.sentences)
    return Prose(section, texts, embed(texts), tongue)


def _terms_in(document: SourceDocument, prose: Prose, terms: Sequence[Term]) -> dict[int, frozenset[str]]:
    """Return the terms each sentence brings in: those the authors set apart in it, and those it defines."""
    found = marked_terms(document, prose.section)
    defined = {term.citation.char_start: term.term.lower() for term in terms}
    for at, sentence in enumerate(prose.section.sentences):
        if sentence.char_start in defined:
            found[at] = found.get(at, frozenset()) | {defined[sentence.char_start]}
    return found


def _sentences_at(prose: Prose, places: Sequence[int]) -> list[int]:
    """Return the sentences in which the offsets stand, in their order."""
    return [
        at
        for at, sentence in enumerate(prose.section.sentences)
        if any(sentence.char_start <= place < sentence.char_end for place in places)
    ]


def section_terms(analysis: Analysis, section: Section, document: SourceDocument) -> tuple[Term, ...]:
    """Return the terms defined in ``section``, in reading order."""
    own = [
        term
        for term in analysis.terms
        if term.citation.document_id == document.document_id
        and section.char_start <= term.citation.char_start < section.char_end
    ]
    return tuple(sorted(own, key=lambda term: term.citation.char_start))


def compose(
    objective: str,
    concepts: Sequence[Concept],
    explanation: Sequence[LessonPassage],
    examples: Sequence[Sequence[LessonPassage]],
    terms: Sequence[LessonTerm],
    tongue: Language,
    headings: Sequence[tuple[int, str]] = (),
) -> tuple[str, tuple[Citation, ...]]:
    """Return the text of a segment and its citations; ``[n]`` in the text is the n-th citation.

    ``headings`` stand inside the segment, each given with its offset. A term whose sentence is quoted is only named
    again, since its definition was just read.
    """
    said = wording(tongue, "lesson_phrases")
    numbers: dict[tuple[int, int], int] = {}
    citations: list[Citation] = []

    def mark(citation: Citation) -> str:
        span = (citation.char_start, citation.char_end)
        if span not in numbers:
            citations.append(citation)
            numbers[span] = len(citations)
        return f"[{numbers[span]}]"

    names = [concept.name for concept in concepts]
    blocks = [said["goal"].format(text=objective)] if objective else []
    if names:
        blocks.append(said["ideas"].format(names=", ".join(names)))
    blocks += _explained(explanation, headings, mark, said)
    for number, run in enumerate(examples, 1):
        lead = said["example"] if len(examples) == 1 else said["example_number"].format(number=number)
        blocks.append(f"{lead}: " + " ".join(f"{passage.text} {mark(passage.citation)}" for passage in run))
    blocks += _put_together(explanation, names, mark, said, tongue)
    blocks += _term_box(terms, [*explanation, *(passage for run in examples for passage in run)], mark, said)
    return "\n\n".join(blocks), tuple(citations)


def _explained(
    explanation: Sequence[LessonPassage], headings: Sequence[tuple[int, str]], mark: Mark, said: Mapping[str, str]
) -> list[str]:
    """Return the passages in reading order, formulas, tables and code numbered, under the headings they stand under."""
    counts: Counter[str] = Counter()
    left = list(headings)
    lines: list[str] = []
    for passage in explanation:
        above = [title for start, title in left if start <= passage.citation.char_start]
        left = left[len(above) :]
        if above:
            lines.append(f"**{above[-1]}**")
        counts[passage.kind] += 1
        label = said.get(passage.kind, "").format(number=counts[passage.kind])
        lines.append(shown(passage, mark(passage.citation), label))
    return lines


def shown(passage: LessonPassage, number: str, label: str = "") -> str:
    """Return a passage as a learner reads it: code fenced, a formula set apart, the rest as it stands."""
    lead = f"{label}: " if label else ""
    if passage.kind == "code":
        return f"{lead}\n```\n{passage.text}\n``` {number}".lstrip()
    if passage.kind == "formula":
        return f"{lead}$$ {passage.text} $$ {number}"
    if passage.kind == "table":
        return f"{lead}\n{passage.text}\n{number}".lstrip()
    separator = "\n" if "\n" in passage.text else " "
    return f"{lead}{passage.text}{separator}{number}"


def _put_together(
    explanation: Sequence[LessonPassage], names: Sequence[str], mark: Mark, said: Mapping[str, str], tongue: Language
) -> list[str]:
    """Return what sets the passages in order: a line of time, two concepts that the text compares."""
    prose = [passage for passage in explanation if passage.kind == "prose"]
    lines = []
    dated = timeline([passage.text for passage in prose])
    if dated:
        items = " · ".join(f"{year} {mark(prose[at].citation)}" for year, at in dated)
        lines.append(said["in_time"].format(items=items))
    pair = compared([passage.text for passage in prose], names, tongue)
    if pair:
        lines.append(said["compared"].format(x=pair[0], y=pair[1]))
    return lines


def _is_within(citation: Citation, quoted: Sequence[LessonPassage]) -> bool:
    """Tell whether what is cited stands in one of the passages quoted."""
    return any(
        passage.citation.char_start <= citation.char_start and citation.char_end <= passage.citation.char_end
        for passage in quoted
    )


def _term_box(
    terms: Sequence[LessonTerm], quoted: Sequence[LessonPassage], mark: Mark, said: Mapping[str, str]
) -> list[str]:
    # Two names of one thing are brought in by the same sentence: it is shown once.
    new = list(
        {term.citation.char_start: term for term in reversed(terms) if not _is_within(term.citation, quoted)}.values()
    )
    new.reverse()
    named = [term.term for term in terms if _is_within(term.citation, quoted)]
    box = [said["named_terms"].format(names=", ".join(named))] if named else []
    if new:
        lines = "\n".join(f"• {term.term}: {term.definition} {mark(term.citation)}" for term in new)
        box.append(f"{said['terms']}\n{lines}")
    return box

"""The analysis of course material by a language model: nothing enters it that cannot be found in the text.

Sections and difficulty come from the text itself, as in the built-in engine. Each summary sentence, concept,
term and objective of the model is kept only if its quotation stands in the material and carries it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from documents_app.domain.analysis.types import Analysis, Concept, Difficulty, Objective, Section, Term
from documents_app.domain.material import Citation, Material
from documents_app.domain.quotes import Evidence, even_out
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.readability import difficulty_text
from documents_app.domain.support import is_named, is_supported, language_of_passage, speaks_of
from documents_app.engine.joining import ANALYSIS_TYPES
from documents_app.engine_model.schemas import AnalysisReply, ConceptReply, ObjectiveReply, StatementReply, TermReply
from documents_app.retrieval.excerpts import as_document, choose_excerpts
from tutor_project.llm.errors import LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest

ENGINE_NAME = "model"
_PARTS = {
    "full_analysis": ("summary", "concepts", "terms", "objectives"),
    "content_summary": ("summary", "concepts", "terms"),
    "learning_objectives": ("concepts", "terms", "objectives"),
    "difficulty_assessment": (),
}
_MAX_CONCEPTS, _MAX_TERMS, _MAX_OBJECTIVES, _MAX_SUMMARY = 30, 60, 16, 10
_MAX_NAME, _MAX_TEXT = 120, 600
_MIN_FOUND = 0.5

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of a reply has its evidence, and how many items had none."""

    summary: tuple[tuple[str, Citation], ...]
    concepts: tuple[Concept, ...]
    terms: tuple[Term, ...]
    objectives: tuple[Objective, ...]
    offered: int

    @property
    def dropped(self) -> int:
        return self.offered - sum(map(len, (self.summary, self.concepts, self.terms, self.objectives)))


def analyse(
    material: Material,
    read: Analysis,
    gateway: Gateway,
    caller: Caller,
    *,
    analysis_type: str = "full_analysis",
    seed: int = 0,
) -> Analysis:
    """Return the analysis of ``material``; parts that ``analysis_type`` does not ask for are empty.

    ``read`` is the built-in analysis: its sections, language and difficulty are taken over. Long material is read in
    excerpts within the prompt's token budget. Raises ValueError for an unknown type and ``LLMError`` when the model fails;
    a model that keeps quoting what is not there ends in ``llm_invalid_output``.
    """
    if analysis_type not in ANALYSIS_TYPES:
        raise ValueError(f"analysis_type must be one of {', '.join(ANALYSIS_TYPES)}, not {analysis_type!r}")
    sections, level = read.sections, read.difficulty
    has_prose = any(section.sentences for section in sections)
    facts = {**read.extra, "analysis_type": analysis_type, "seed": seed}
    parts = _PARTS[analysis_type]
    if not parts or not has_prose:
        text = difficulty_text(level) if has_prose else ""
        return Analysis((), text, (), (), (), level, sections, ENGINE_NAME, facts)
    request = _request(material, sections, parts, gateway, caller)
    reply = gateway.complete(request.completion)
    kept = _keep(reply.value, request.evidence, sections)
    facts |= {"model": reply.model, "prompt_version": reply.prompt_version, "dropped_without_evidence": kept.dropped}
    return _as_analysis(kept, parts, level, sections, facts)


@dataclass(frozen=True, slots=True)
class _Request:
    completion: CompletionRequest[AnalysisReply]
    evidence: Evidence


def _request(
    material: Material, sections: Sequence[Section], parts: Sequence[str], gateway: Gateway, caller: Caller
) -> _Request:
    size = sum(len(section.sentences) for section in sections)
    sketch = CompletionRequest(
        prompt_id="documents.analysis",
        schema=AnalysisReply,
        phase="analysis",
        feature="analysis",
        variables={
            "parts": ", ".join(parts),
            "summary_size": min(_MAX_SUMMARY, max(3, size // 40)),
            "concept_count": _MAX_CONCEPTS,
            "objective_count": _MAX_OBJECTIVES,
        },
        **caller.ids(),
    )
    room = gateway.room_for_documents(sketch, AnalysisReply)
    excerpts = choose_excerpts(material, sections, max_tokens=room)
    evidence = Evidence(excerpts)

    def accept(reply: AnalysisReply) -> None:
        _demand_evidence(reply, _keep(reply, evidence, sections), parts)

    return _Request(replace(sketch, documents=[as_document(excerpts)], accept=accept), evidence)


def _demand_evidence(reply: AnalysisReply, kept: _Kept, parts: Sequence[str]) -> None:
    """Refuse a reply most of which is not in the material, so that the model may correct its quotations."""
    empty = [part for part in parts if part != "terms" and not getattr(kept, part)]
    if not empty and kept.offered and kept.dropped <= (1 - _MIN_FOUND) * kept.offered:
        return
    raise LLMInvalidOutput(
        f"{kept.dropped} of {kept.offered} items have a quote that is not in the material word for word, or that does "
        f"not show what the item says. Without evidence: {', '.join(empty) or 'too many items'}. "
        "Copy each quote character by character from the section you name."
    )


def _keep(reply: AnalysisReply, evidence: Evidence, sections: Sequence[Section]) -> _Kept:
    offered = len(reply.summary) + len(reply.concepts) + len(reply.terms) + len(reply.objectives)
    return _Kept(
        summary=_kept(_statement(item, evidence) for item in reply.summary)[:_MAX_SUMMARY],
        concepts=_concepts(reply.concepts, evidence, sections)[:_MAX_CONCEPTS],
        terms=_kept(_term(item, evidence) for item in reply.terms)[:_MAX_TERMS],
        objectives=_kept(_objective(item, evidence) for item in reply.objectives)[:_MAX_OBJECTIVES],
        offered=offered,
    )


def _kept(items: Iterable[ItemT | None]) -> tuple[ItemT, ...]:
    return tuple(dict.fromkeys(item for item in items if item is not None))


def _statement(item: StatementReply, evidence: Evidence) -> tuple[str, Citation] | None:
    found = evidence.find(item.quote, item.section)
    if found is None or not is_supported(item.text, [found[1].text]):
        return None
    return even_out(item.text)[:_MAX_TEXT], found[1]


def _concepts(items: Sequence[ConceptReply], evidence: Evidence, sections: Sequence[Section]) -> tuple[Concept, ...]:
    prose = [_prose(section) for section in sections]
    tongue = language_of_passage(" ".join(prose))
    stems = [set(tongue.content_stems(text)) for text in prose]
    kept: dict[str, Concept] = {}
    for item in items:
        name = even_out(item.name)[:_MAX_NAME]
        found = evidence.find(item.quote, item.section)
        if found is None or not is_named(name, [found[1].text, found[0].section.title]):
            continue
        wanted = set(tongue.content_stems(name))
        homes = tuple(section.index for section, words in zip(sections, stems, strict=True) if wanted <= words)
        homes = homes or (found[0].section.index,)
        kept.setdefault(name.casefold(), Concept(name, round(item.importance, 4), (found[1],), homes))
    return tuple(sorted(kept.values(), key=lambda concept: -concept.importance))


def _prose(section: Section) -> str:
    return " ".join([section.title, *(reading_form(sentence.text) for sentence in section.sentences)])


def _term(item: TermReply, evidence: Evidence) -> Term | None:
    found = evidence.find(item.quote, item.section)
    term = even_out(item.term)[:_MAX_NAME]
    if found is None or not is_named(term, [found[1].text]):
        return None
    shown = even_out(found[1].text)
    definition = even_out(item.definition)
    return Term(term, definition if definition and definition in shown else shown, found[1])


def _objective(item: ObjectiveReply, evidence: Evidence) -> Objective | None:
    found = evidence.find(item.quote, item.section)
    if found is None or not speaks_of(item.title, found[1].text):
        return None
    title, description = even_out(item.title)[:_MAX_NAME], even_out(item.description)[:_MAX_TEXT]
    return Objective(title, description, item.priority, (found[1],))


def _as_analysis(
    kept: _Kept, parts: Sequence[str], level: Difficulty, sections: tuple[Section, ...], facts: dict[str, object]
) -> Analysis:
    summary = kept.summary if "summary" in parts else ()
    return Analysis(
        summary=tuple(citation for _, citation in summary),
        analysis_text=" ".join(text for text, _ in summary),
        concepts=kept.concepts,
        terms=kept.terms,
        objectives=kept.objectives if "objectives" in parts else (),
        difficulty=level,
        sections=sections,
        engine=ENGINE_NAME,
        extra=facts,
    )

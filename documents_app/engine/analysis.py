"""The built-in analysis: summary, concepts, terms, objectives and difficulty, each with its evidence."""

from __future__ import annotations

import numpy as np

from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import Citation, Material
from documents_app.domain.reading.english import reading_form
from documents_app.domain.reading.readability import difficulty
from documents_app.domain.summarise import pick_diverse
from documents_app.engine.concepts import Candidate, as_concepts, choose_concepts, defined_terms, rank_candidates
from documents_app.engine.corpus import Corpus, Embed, build_corpus
from documents_app.engine.objectives import objectives, stated_objectives

ENGINE_NAME = "builtin"
ANALYSIS_TYPES = ("content_summary", "learning_objectives", "difficulty_assessment", "full_analysis")
_SUMMARY_FITNESS = 0.75


def analyse(material: Material, embed: Embed, *, analysis_type: str = "full_analysis", seed: int = 0) -> Analysis:
    """Return the analysis of ``material``; parts that ``analysis_type`` does not ask for are empty.

    ``embed`` maps texts to float32 ``[n, d]`` unit rows. The result depends on the material alone; ``seed`` is kept with
    it for the record. Material without prose gives an empty analysis, never an invented one. Raises ValueError for an
    unknown ``analysis_type``.
    """
    if analysis_type not in ANALYSIS_TYPES:
        raise ValueError(f"analysis_type must be one of {', '.join(ANALYSIS_TYPES)}, not {analysis_type!r}")
    corpus = build_corpus(material, embed)
    full = analysis_type == "full_analysis"
    needs_concepts = analysis_type != "difficulty_assessment" and bool(corpus.texts)
    chosen = choose_concepts(rank_candidates(corpus), corpus) if needs_concepts else []
    concepts = as_concepts(chosen, corpus)
    summary = _summary(corpus, chosen) if full or analysis_type == "content_summary" else ()
    level = difficulty(corpus.texts, corpus.language)
    return Analysis(
        summary=summary,
        analysis_text=_analysis_text(analysis_type, summary, level.level, level.grade),
        concepts=concepts,
        terms=defined_terms(corpus) if needs_concepts else (),
        objectives=(stated_objectives(corpus) or objectives(corpus, concepts))
        if full or analysis_type == "learning_objectives"
        else (),
        difficulty=level,
        sections=corpus.sections,
        engine=ENGINE_NAME,
        extra={
            "analysis_type": analysis_type,
            "language": corpus.language.tag,
            "seed": seed,
            "sentences": len(corpus.texts),
        },
    )


def _analysis_text(analysis_type: str, summary: tuple[Citation, ...], level: str, grade: float) -> str:
    if analysis_type == "difficulty_assessment":
        return f"The material is {level} to read: about grade {grade:g}."
    return " ".join(reading_form(citation.text) for citation in summary)


def _summary(corpus: Corpus, chosen: list[Candidate]) -> tuple[Citation, ...]:
    """Cited sentences in reading order: central, about the key concepts, able to stand alone, none twice."""
    total = len(corpus.texts)
    if not total:
        return ()
    usable = [at for at in range(total) if corpus.fitness[at] >= _SUMMARY_FITNESS] or list(range(total))
    weight = np.zeros(total, dtype=np.float32)
    for rank, candidate in enumerate(chosen[:20]):
        weight[list(candidate.sentences)] += candidate.score * (1 - rank / 40)
    weight = weight / (weight.max() or 1.0)
    opening = np.zeros(total, dtype=np.float32)
    for members in corpus.by_section.values():
        opening[members[:3]] = (1.0, 0.6, 0.3)[: len(members[:3])]
    chapter = np.asarray([1 / max(1, corpus.sections[owner].level) for owner in corpus.owners], dtype=np.float32)
    score = 0.3 * corpus.centrality + 0.3 * weight + 0.25 * opening + 0.15 * chapter
    scores = score[usable]
    limit = min(10, max(3, total // 40), len(usable))
    taken: list[int] = []
    per_section: dict[int, int] = {}
    for position in pick_diverse(scores, corpus.vectors[usable], min(len(usable), 4 * limit)):
        at = usable[position]
        owner = corpus.owners[at]
        if per_section.get(owner, 0) >= max(1, -(-limit // max(1, len(corpus.by_section)))) + (
            len(corpus.by_section) < 4
        ):
            continue
        per_section[owner] = per_section.get(owner, 0) + 1
        taken.append(at)
        if len(taken) >= limit:
            break
    return tuple(corpus.cite(at) for at in sorted(taken))

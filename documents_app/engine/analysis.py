"""The built-in analysis: summary, concepts, terms, objectives and difficulty, each with its evidence.

A document is read once, whatever session it is in; the analysis of a session is joined from what its documents brought.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis.digest import Digest, ScoredConcept, SummarySentence
from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import Material, SourceDocument
from documents_app.domain.matter.joining import DocumentMatter, join_matters
from documents_app.domain.reading.readability import difficulty
from documents_app.domain.study import DocumentStudy, Study
from documents_app.domain.summarise import pick_diverse
from documents_app.engine.concepts import ConceptCandidate, as_concepts, choose_concepts, defined_terms, rank_candidates
from documents_app.engine.corpus import Corpus, Embed, build_corpus
from documents_app.engine.joining import ANALYSIS_TYPES, ENGINE_NAME, FULL, join_digests
from documents_app.engine.objectives import objectives, stated_objectives

__all__ = ["ANALYSIS_TYPES", "ENGINE_NAME", "analyse", "study_document", "study_material"]

_SUMMARY_FITNESS = 0.75


def study_document(source: SourceDocument, embed: Embed) -> DocumentStudy:
    """Read a document once: what it brings to an analysis, its sections, and what questions are made of.

    ``embed`` maps texts to float32 ``[n, d]`` unit rows. The result depends on the document alone. One without prose
    brings nothing; nothing is invented for it.
    """
    corpus = build_corpus(source, embed)
    chosen = choose_concepts(rank_candidates(corpus), corpus) if corpus.texts else []
    concepts = as_concepts(chosen, corpus)
    digest = Digest(
        language=corpus.language.tag,
        pages=len(source.content.pages),
        characters=len(source.content.text),
        sections=len(corpus.sections),
        sentences=len(corpus.texts),
        concepts=tuple(
            ScoredConcept(concept, one.stems, one.score) for concept, one in zip(concepts, chosen, strict=True)
        ),
        terms=defined_terms(corpus) if corpus.texts else (),
        summary=_summary(corpus, chosen),
        objectives=stated_objectives(corpus) or objectives(corpus, concepts),
        difficulty=difficulty(corpus.texts, corpus.language),
    )
    return DocumentStudy(digest, DocumentMatter(corpus.sections, corpus.draft.with_concepts(concepts)))


def study_material(material: Material, embed: Embed, *, analysis_type: str = FULL, seed: int = 0) -> Study:
    """Return what is known of ``material``: each document read, and their analyses joined.

    Parts that ``analysis_type`` does not ask for are empty. ``seed`` is kept with the analysis for the record. Raises
    ValueError for an unknown ``analysis_type``.
    """
    if analysis_type not in ANALYSIS_TYPES:
        raise ValueError(f"analysis_type must be one of {', '.join(ANALYSIS_TYPES)}, not {analysis_type!r}")
    studies = [study_document(source, embed) for source in material]
    analysis = join_digests([study.digest for study in studies], analysis_type=analysis_type, seed=seed)
    return Study.of(material, analysis, join_matters(material, [study.matter for study in studies]))


def analyse(material: Material, embed: Embed, *, analysis_type: str = FULL, seed: int = 0) -> Analysis:
    """Return the analysis of ``material``, see ``study_material``."""
    return study_material(material, embed, analysis_type=analysis_type, seed=seed).analysis


def _summary(corpus: Corpus, chosen: list[ConceptCandidate]) -> tuple[SummarySentence, ...]:
    """Sentences, the best first: central, about the key concepts, able to stand alone, none twice."""
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
    taken = _spread_over_sections(corpus, usable, score[usable], limit=min(10, max(3, total // 40), len(usable)))
    named = [set(candidate.sentences) for candidate in chosen]
    return tuple(
        SummarySentence(corpus.cite(at), tuple(rank for rank, sentences in enumerate(named) if at in sentences))
        for at in taken
    )


def _spread_over_sections(
    corpus: Corpus, usable: list[int], scores: npt.NDArray[np.float32], *, limit: int
) -> list[int]:
    """Return the sentences taken, the best first: none like another, no section with more than its share."""
    sections = len(corpus.by_section)
    share = max(1, -(-limit // max(1, sections))) + (sections < 4)
    taken: list[int] = []
    of_section: Counter[int] = Counter()
    for position in pick_diverse(scores, corpus.vectors[usable], min(len(usable), 4 * limit)):
        at = usable[position]
        if of_section[corpus.owners[at]] >= share:
            continue
        of_section[corpus.owners[at]] += 1
        taken.append(at)
        if len(taken) >= limit:
            break
    return taken

"""From the digests of documents to the analysis of the session that holds them; no text is read for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from documents_app.domain.analysis.digest import Digest, ScoredConcept, Stems, SummarySentence
from documents_app.domain.analysis.types import Analysis, Concept, Objective, Term
from documents_app.domain.material import Citation
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.readability import difficulty_text, joined_difficulty

ENGINE_NAME = "builtin"
FULL = "full_analysis"
ANALYSIS_TYPES = ("content_summary", "learning_objectives", "difficulty_assessment", FULL)
_MOST_CONCEPTS, MOST_TERMS, MOST_OBJECTIVES = 150, 80, 24
_OWN_CONCEPTS = 2
"""Concepts that each document has among those of the session, as long as there is room."""
_EVIDENCE = 2


def join_digests(digests: Sequence[Digest], *, analysis_type: str = FULL, seed: int = 0) -> Analysis:
    """Return the analysis of the documents of ``digests``, in their order, without its sections.

    Parts that ``analysis_type`` does not ask for are empty. The cost of a document does not depend on the others.
    """
    places = list(accumulate((digest.sections for digest in digests), initial=0))
    sentences = sum(digest.sentences for digest in digests)
    level = joined_difficulty([digest.difficulty for digest in digests])
    joined = _joined_concepts(digests, places)
    named = analysis_type != "difficulty_assessment"
    summary = _summary(digests, joined, sentences) if analysis_type in {FULL, "content_summary"} else ()
    return Analysis(
        summary=summary,
        analysis_text=" ".join(reading_form(citation.text) for citation in summary)
        if named
        else difficulty_text(level),
        concepts=_shown(joined) if named else (),
        terms=_terms(digests) if named else (),
        objectives=_objectives(digests) if analysis_type in {FULL, "learning_objectives"} else (),
        difficulty=level,
        sections=(),
        engine=ENGINE_NAME,
        extra={
            "analysis_type": analysis_type,
            "language": digests[0].language if digests else "en",
            "seed": seed,
            "sentences": sentences,
        },
    )


@dataclass(frozen=True, slots=True)
class _Joined:
    """A concept as several documents have it, best first; ``documents`` gives the place of each in its digest."""

    parts: tuple[ScoredConcept, ...]
    documents: dict[int, int]

    @property
    def score(self) -> float:
        """What speaks for it: all of its documents together, the first of them most."""
        return sum(part.score / 2**rank for rank, part in enumerate(self.parts[:8]))

    @property
    def is_own(self) -> bool:
        """Whether it is among the first of a document."""
        return min(self.documents.values()) < _OWN_CONCEPTS


def _joined_concepts(digests: Sequence[Digest], places: Sequence[int]) -> list[_Joined]:
    """Return the concepts that are shown, best first."""
    parts: dict[Stems, list[ScoredConcept]] = defaultdict(list)
    documents: dict[Stems, dict[int, int]] = defaultdict(dict)
    for number, (digest, first) in enumerate(zip(digests, places, strict=False)):
        for rank, scored in enumerate(digest.concepts):
            concept = scored.concept
            moved = replace(concept, section_indexes=tuple(first + index for index in concept.section_indexes))
            parts[scored.stems].append(replace(scored, concept=moved))
            documents[scored.stems][number] = rank
    joined = [
        _Joined(tuple(sorted(own, key=lambda part: -part.score)), documents[stems]) for stems, own in parts.items()
    ]
    joined.sort(key=lambda one: (not one.is_own, -one.score, one.parts[0].concept.name))
    return sorted(joined[:_MOST_CONCEPTS], key=lambda one: (-one.score, one.parts[0].concept.name))


def _shown(joined: Sequence[_Joined]) -> tuple[Concept, ...]:
    top = max((one.score for one in joined), default=1.0) or 1.0
    return tuple(
        Concept(
            one.parts[0].concept.name,
            round(one.score / top, 3),
            _evidence(one.parts),
            tuple(sorted(index for part in one.parts for index in part.concept.section_indexes)),
        )
        for one in joined
    )


def _evidence(parts: Sequence[ScoredConcept]) -> tuple[Citation, ...]:
    """Return the best sentence of each document, then the second ones."""
    ranked = [
        part.concept.evidence[rank] for rank in range(_EVIDENCE) for part in parts if rank < len(part.concept.evidence)
    ]
    return tuple(ranked[:_EVIDENCE])


def _summary(digests: Sequence[Digest], joined: Sequence[_Joined], sentences: int) -> tuple[Citation, ...]:
    """Return the sentences that name most of what no sentence before them named, in reading order."""
    open_ = list(_candidates(digests, joined))
    limit, covered = min(10, max(3, sentences // 40)), set[int]()
    chosen: list[tuple[int, Citation]] = []
    while open_ and len(chosen) < limit:
        best = max(open_, key=lambda one: (sum(w for key, w in one.about.items() if key not in covered), -one.rank))
        open_.remove(best)
        covered |= set(best.about)
        chosen.append((best.document, best.sentence.citation))
    chosen.sort(key=lambda one: (one[0], one[1].char_start))
    return tuple(citation for _, citation in chosen)


@dataclass(frozen=True, slots=True)
class _Candidate:
    document: int
    rank: int
    sentence: SummarySentence
    about: dict[int, float]


def _candidates(digests: Sequence[Digest], joined: Sequence[_Joined]) -> Iterator[_Candidate]:
    """Yield every sentence on offer with the weights of the shown concepts it names."""
    known = {place: key for key, one in enumerate(joined) for place in one.documents.items()}
    for document, digest in enumerate(digests):
        for rank, sentence in enumerate(digest.summary):
            keys = [known[document, at] for at in sentence.about if (document, at) in known]
            yield _Candidate(document, rank, sentence, {key: joined[key].score for key in keys})


def _terms(digests: Sequence[Digest]) -> tuple[Term, ...]:
    """Return the terms their authors made most of, those of each document in turn; a term that two define once."""
    offered = ((rank, number, one) for number, digest in enumerate(digests) for rank, one in enumerate(digest.terms))
    found: dict[str, Term] = {}
    for _, _, one in sorted(offered, key=lambda offer: (-offer[2].weight, *offer[:2])):
        found.setdefault(one.term.term.casefold(), one.term)
    return tuple(found.values())[:MOST_TERMS]


def _objectives(digests: Sequence[Digest]) -> tuple[Objective, ...]:
    """Return the first objectives of each document in turn, in reading order; none twice."""
    ranked = sorted((rank, number) for number, digest in enumerate(digests) for rank in range(len(digest.objectives)))
    found: dict[str, tuple[int, int, Objective]] = {}
    for rank, number in ranked:
        objective = digests[number].objectives[rank]
        found.setdefault(objective.title, (number, objective.evidence[0].char_start, objective))
    kept = sorted(list(found.values())[:MOST_OBJECTIVES], key=lambda one: one[:2])
    return tuple(objective for _, _, objective in kept)

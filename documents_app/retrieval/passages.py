"""From a question to the passages of the material that answer it: the one way in for everything that needs a passage.

The best chunks of a search are taken apart into their units (sentences, rows, code); the units are ranked by their words and
their meaning, and the best ones are shown with what stands around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import Citation
from documents_app.domain.matter.standing import is_exercise
from documents_app.domain.normalise import search_form
from documents_app.domain.reading.packing import unpack_units
from documents_app.domain.reading.units import Unit, units_of_chunk
from documents_app.domain.search.aliases import other_forms
from documents_app.domain.search.bm25 import inverse_document_frequency
from documents_app.domain.search.evidence import (
    BY_WORDS,
    NO_FIGURES,
    WITH_MEANING,
    Encoder,
    Facts,
    Figures,
    QueryWeights,
    TermCounts,
    figures,
    scores,
    words_of,
)
from documents_app.domain.search.expected import asks, expected, gives_cause, instructs
from documents_app.domain.search.windows import UnitCandidate, Window, chosen, window_at, within_words
from documents_app.retrieval.scope import Scope
from documents_app.retrieval.search import Retrieved, retrieve
from documents_app.retrieval.sql import binary_rows, integer_array, uuid_array
from documents_app.retrieval.text import DEFAULT_LANGUAGE, analyzer
from tutor_project.language import Language, language
from tutor_project.llm.sentence_encoder import MULTILINGUAL, question_encoder, restored

DEPTH = 40
"""Chunks that are taken apart: 5,000 words, in which the right one stands for nearly every question."""

_CHUNKS = """
SELECT c.document_id, c.ordinal, c.char_start, c.heading_path, c.text, i.language, r.encoder, r.units, r.vectors
FROM unnest(%s::uuid[], %s::int[]) AS wanted(document_id, ordinal)
CROSS JOIN LATERAL (SELECT * FROM documents_app_chunk AS one
    WHERE one.document_id = wanted.document_id AND one.ordinal = wanted.ordinal LIMIT 1) AS c
CROSS JOIN LATERAL (SELECT language FROM documents_app_documentindex AS one
    WHERE one.document_id = c.document_id AND one.owner_id = %s LIMIT 1) AS i
LEFT JOIN LATERAL (SELECT one.units, one.vectors, d.encoder FROM documents_app_readchunk AS one
    JOIN documents_app_documentreading AS d USING (document_id)
    WHERE one.document_id = c.document_id AND one.ordinal = c.ordinal LIMIT 1) AS r ON true
ORDER BY c.document_id, c.ordinal
"""
_SLICES = """
SELECT span.place, d.filename, substr(c.text, span.char_start + 1, span.char_end - span.char_start),
       (SELECT max((page->>'page')::int) FROM jsonb_array_elements(c.pages) AS page
        WHERE (page->>'char_start')::int <= span.char_start),
       (SELECT max((page->>'page')::int) FROM jsonb_array_elements(c.pages) AS page
        WHERE (page->>'char_start')::int < span.char_end)
FROM unnest(%s::int[], %s::uuid[], %s::int[], %s::int[]) AS span(place, document_id, char_start, char_end)
JOIN documents_app_documentcontent AS c USING (document_id)
JOIN documents_app_document AS d ON d.id = span.document_id AND d.owner_id = %s
"""


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage to show: its exact citation, the best sentences in it (offsets of the stored text), and its kind."""

    citation: Citation
    highlights: tuple[tuple[int, int], ...]
    block_kind: BlockKind
    headings: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class FoundPassages:
    """Passages, best first, and the probability in [0, 1] that they answer the question.

    ``language`` is that of the best passage (BCP 47); ``searched`` is the number of chunks in the scope: with 0 there was
    nothing to search.
    """

    passages: tuple[FoundPassage, ...]
    certainty: float
    language: str | None
    searched: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """The candidates of a question in the order of the text, with their figures; ``searched``: the chunks of the scope."""

    candidates: Sequence[UnitCandidate[UUID]]
    languages: Sequence[str]
    figures: Figures
    searched: int
    by_meaning: bool


@dataclass(frozen=True, slots=True)
class _Pool:
    """Candidates with their languages, terms, encoders and vectors (None where a document was not read yet)."""

    candidates: list[UnitCandidate[UUID]]
    languages: list[str]
    terms: list[npt.NDArray[np.int64]]
    encoders: list[str]
    vectors: npt.NDArray[np.float32] | None


def find_passages(*, scope: Scope, question: str, context: str = "", limit: int = 3) -> FoundPassages:
    """Return up to ``limit`` passages of ``scope`` that may answer ``question``, best first.

    ``context``: what was talked about before, for a question that leans on it. Raises EmbeddingUnavailable.
    """
    return best_passages(weigh(scope=scope, query=f"{question} {context}".strip()), scope.owner_id, limit=limit)


def best_passages(weighed: Weighed, owner_id: UUID, *, limit: int) -> FoundPassages:
    """Return the windows around the best candidates as passages with their citations."""
    if not weighed.candidates:
        return FoundPassages((), 0.0, None, weighed.searched)
    ranked = scores(weighed.figures)
    windows = chosen(weighed.candidates, ranked.tolist(), limit)
    model = WITH_MEANING if weighed.by_meaning else BY_WORDS
    return FoundPassages(
        passages=_cited(weighed.candidates, windows, ranked, owner_id),
        certainty=model.probability(weighed.figures, ranked),
        language=weighed.languages[windows[0].best],
        searched=weighed.searched,
    )


def weigh(*, scope: Scope, query: str) -> Weighed:
    """Return the units of the best chunks for ``query`` with the figures they are ranked by; raises EmbeddingUnavailable."""
    found = retrieve(scope=scope, query=query, depth=DEPTH, related=False)
    pool = _pool(found, scope.owner_id)
    weights = query_weights(found)
    if not weights.is_known:
        forms = other_forms(query, [candidate.text for candidate in pool.candidates], _spoken(pool))
        if forms:
            query = f"{query} {' '.join(forms)}"
            found = retrieve(scope=scope, query=query, depth=DEPTH, related=False)
            pool, weights = _pool(found, scope.owner_id), query_weights(found)
    measured = _figures(pool, weights, query, found) if pool.candidates else NO_FIGURES
    return Weighed(pool.candidates, pool.languages, measured, found.statistics.chunks, pool.vectors is not None)


def _spoken(pool: _Pool) -> Language:
    """Return the language of most candidates."""
    return language(max(set(pool.languages), key=pool.languages.count, default=DEFAULT_LANGUAGE))


def query_weights(found: Retrieved) -> QueryWeights:
    """Return the idf of the words of a query in its scope."""
    idf = inverse_document_frequency(found.frequencies, found.statistics.chunks)
    ids = found.terms.ids.tolist()
    known = frozenset(term for term, count in zip(ids, found.frequencies.tolist(), strict=True) if count)
    words = tuple(own for _, own in found.terms.words if own)
    return QueryWeights(dict(zip(ids, idf.tolist(), strict=True)), words, known)


def _pool(found: Retrieved, owner_id: UUID) -> _Pool:
    """Read the chunks of a ranking and take them apart; a unit that two chunks share is there once."""
    passages = found.ranking.passages
    if not len(passages):
        return _Pool([], [], [], [], None)
    documents, ordinals = uuid_array(passages.documents), integer_array(passages.ordinals.tolist())
    candidates: list[UnitCandidate[UUID]] = []
    languages: list[str] = []
    encoders: list[str] = []
    vectors: list[npt.NDArray[np.float32]] = []
    read = True
    for document, ordinal, start, path, text, tag, encoder, units, packed in binary_rows(
        _CHUNKS, [documents, ordinals, owner_id]
    ):
        own = _units(text, start, tag, units)
        fresh = [at for at, unit in enumerate(own) if _is_new(candidates, document, unit)]
        inside = [at for at in fresh if own[at].char_end <= start + len(text)]
        candidates += [_candidate(document, ordinal, own[at], text, start, path) for at in inside]
        languages += [tag] * len(inside)
        encoders += [encoder] * len(inside)
        read = read and bool(packed)
        if read:
            vectors.append(restored(packed)[inside])
    terms = [
        analyzer(tag).terms(search_form(candidate.text)) for tag, candidate in zip(languages, candidates, strict=True)
    ]
    together = np.concatenate(vectors) if read and vectors else None
    return _Pool(candidates, languages, terms, encoders, together)


def _units(text: str, start: int, tag: str, units: bytes | None) -> list[Unit]:
    return unpack_units(units) if units else units_of_chunk(text, start, language(tag))


def _is_new(candidates: Sequence[UnitCandidate[UUID]], document: UUID, unit: Unit) -> bool:
    if not candidates or candidates[-1].document != document:
        return True
    return unit.char_start >= candidates[-1].unit.char_end


def _candidate(document: UUID, ordinal: int, unit: Unit, text: str, start: int, path: list[str]) -> UnitCandidate[UUID]:
    own = text[unit.char_start - start : unit.char_end - start]
    return UnitCandidate(document, ordinal, unit, own, tuple(path), len(own.split()))


def _figures(pool: _Pool, weights: QueryWeights, query: str, found: Retrieved) -> Figures:
    """Return the figures of the candidates of a pool."""
    wanted = expected(query, found.statistics.languages)
    above = _Headings(weights)
    chunks = found.ranking.passages
    keys = zip(chunks.document_uuids(), chunks.ordinals.tolist(), strict=True)
    scores_of = dict(zip(keys, found.ranking.scores.tolist(), strict=True))
    facts = []
    for at, (candidate, tag, terms) in enumerate(zip(pool.candidates, pool.languages, pool.terms, strict=True)):
        spoken = language(tag)
        facts.append(
            Facts(
                words=words_of(weights, terms),
                above=above.words(candidate.headings, tag),
                title=above.words(candidate.headings[-1:], tag),
                window=window_at(pool.candidates, at).places,
                kind=candidate.unit.kind,
                found=scores_of.get((candidate.document, candidate.ordinal), 0.0),
                asks=asks(candidate.text),
                exercise=is_exercise(candidate.headings, spoken),
                instructs=not wanted.doing and instructs(candidate.text, spoken),
                number=wanted.number and any(map(str.isdigit, candidate.text)),
                cause=wanted.cause and gives_cause(candidate.text, spoken),
            )
        )
    return figures(weights, facts, _similarity(pool, query), wanted.kinds, encoder=_known_to(pool))


def _known_to(pool: _Pool) -> Encoder:
    """Return how well the encoder knows the language of the candidates; one multilingual among them decides for all."""
    if MULTILINGUAL in pool.encoders:
        return "multilingual"
    return "native" if all(tag == DEFAULT_LANGUAGE for tag in pool.languages) else "foreign"


class _Headings:
    """The question's words in heading paths, each counted once."""

    def __init__(self, weights: QueryWeights) -> None:
        self._weights = weights
        self._known: dict[tuple[tuple[str, ...], str], TermCounts] = {}

    def words(self, path: tuple[str, ...], tag: str) -> TermCounts:
        known = self._known.get((path, tag))
        if known is None:
            known = self._known[path, tag] = words_of(self._weights, _path_terms(path, tag))
        return known


def _path_terms(path: tuple[str, ...], tag: str) -> npt.NDArray[np.int64]:
    return analyzer(tag).terms(search_form(" ".join(path)))


def _similarity(pool: _Pool, query: str) -> npt.NDArray[np.float64]:
    """Return how near each candidate is to the query by the encoder of its document; all 0 where there are no vectors."""
    near = np.zeros(len(pool.candidates))
    if pool.vectors is None:
        return near
    names = np.array(pool.encoders)
    for name in set(pool.encoders):
        encoder = question_encoder(name)
        if encoder is None:
            return np.zeros(len(pool.candidates))
        near[names == name] = encoder.similarity(search_form(query), pool.vectors[names == name])
    return near


def _cited(
    candidates: Sequence[UnitCandidate[UUID]],
    windows: Sequence[Window],
    ranked: npt.NDArray[np.float64],
    owner_id: UUID,
) -> tuple[FoundPassage, ...]:
    """Slice the windows out of the stored text; one whose document went in the meantime is left out."""
    spans = [(candidates[w.first].unit.char_start, candidates[w.last].unit.char_end) for w in windows]
    best = [candidates[window.best] for window in windows]
    rows = binary_rows(
        _SLICES,
        [
            integer_array(range(len(windows))),
            [candidate.document for candidate in best],
            integer_array(start for start, _ in spans),
            integer_array(end for _, end in spans),
            owner_id,
        ],
    )
    found = []
    for place, filename, text, first_page, last_page in sorted(rows):
        candidate, start = best[place], spans[place][0]
        shown = within_words(text, candidate.unit.kind)
        end = start + len(shown)
        cited = Citation(str(candidate.document), filename, first_page or 1, last_page or 1, start, end, shown)
        marked = ((candidate.unit.char_start, min(candidate.unit.char_end, end)),)
        score = float(ranked[windows[place].best])
        found.append(FoundPassage(cited, marked, candidate.unit.kind, candidate.headings, score))
    return tuple(found)

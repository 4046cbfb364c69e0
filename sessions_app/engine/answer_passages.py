"""Candidate sentences for an answer: from search hits, or by reading all sections where there are none.

Both give sentences with the headings above them, in reading order per place, so that a sentence can be judged with the
one before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Protocol

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis import Section, Sentence
from documents_app.domain.definitions import find_definitions
from documents_app.domain.keyphrases_words import WORD, content_stems, key, reading_form
from documents_app.domain.material import DocumentText, Material
from documents_app.domain.outline import prose_between
from documents_app.domain.outline_prose import merge_spans

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]


_AROUND = 250
"""Characters read on both sides of a hit, for the neighbours of its sentences."""


class Hit(Protocol):
    """A place in a document that a search found (a Citation will do)."""

    @property
    def document_id(self) -> str: ...
    @property
    def char_start(self) -> int: ...
    @property
    def char_end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence in reading form, with its neighbours' texts and the headings it stands under."""

    sentence: Sentence
    text: str
    before: str
    after: str
    headings: tuple[str, ...]


def from_hits(hits: Sequence[Hit], material: Material, limit: int = 12) -> list[Candidate]:
    """Return the sentences that the first ``limit`` hits touch, each once, with their neighbours' texts."""
    places = {document.document_id: index for index, document in enumerate(material)}
    wanted = [
        (places[hit.document_id], hit.char_start, hit.char_end) for hit in hits[:limit] if hit.document_id in places
    ]
    by_start: list[tuple[int, Candidate]] = []
    for index in sorted({index for index, _, _ in wanted}):
        content = material[index].content
        windows = merge_spans((max(0, low - _AROUND), high + _AROUND) for place, low, high in wanted if place == index)
        for low, high in windows:
            by_start += [
                (index, candidate) for candidate in _candidates(prose_between(index, content, low, high), content)
            ]
    ranked = [(_first_hit(index, candidate.sentence, wanted), candidate) for index, candidate in by_start]
    return [candidate for rank, candidate in sorted(ranked, key=lambda pair: pair[0]) if rank < len(wanted)]


def _first_hit(index: int, sentence: Sentence, wanted: Sequence[tuple[int, int, int]]) -> int:
    """Rank of the first hit that touches ``sentence``; the number of hits if none does."""
    for rank, (place, low, high) in enumerate(wanted):
        if place == index and sentence.char_end > low and sentence.char_start < high:
            return rank
    return len(wanted)


def _candidates(sentences: Sequence[Sentence], content: DocumentText) -> list[Candidate]:
    texts = [reading_form(sentence.text) for sentence in sentences]
    return [
        Candidate(
            sentence,
            texts[at],
            texts[at - 1] if at else "",
            texts[at + 1] if at + 1 < len(texts) else "",
            headings_at(content, sentence.char_start),
        )
        for at, sentence in enumerate(sentences)
    ]


def headings_at(content: DocumentText, offset: int) -> tuple[str, ...]:
    """Return the heading path at ``offset``, outermost first."""
    starts = [heading.char_start for heading in content.headings]
    position = bisect_right(starts, offset) - 1
    path: list[str] = []
    level = 99
    while position >= 0 and level > 1:
        heading = content.headings[position]
        if heading.level < level:
            path.insert(0, reading_form(heading.text))
            level = heading.level
        position -= 1
    return tuple(path)


class SectionIndex:
    """Search over the sentences of sections, for material without a search index.

    BM25 (k1 1.2, b 0.75), the nearest sentences by vector if ``embed`` is given, and the definitions of what is asked for.
    Building costs about 0.3 s for 60,000 words; keep it as long as the material does not change.
    """

    def __init__(self, sections: Sequence[Section], embed: Embed | None = None) -> None:
        self._candidates: list[Candidate] = []
        for section in sections:
            texts = [reading_form(sentence.text) for sentence in section.sentences]
            for at, sentence in enumerate(section.sentences):
                before = texts[at - 1] if at else ""
                after = texts[at + 1] if at + 1 < len(texts) else ""
                path = section.path or (section.title,)
                self._candidates.append(Candidate(sentence, texts[at], before, after, path))
        self._postings: dict[str, dict[int, float]] = {}
        self._lengths = np.zeros(max(1, len(self._candidates)), dtype=np.float32)
        for position, candidate in enumerate(self._candidates):
            own = content_stems(candidate.text)
            weighted = [(s, 1.0) for s in own] + [(s, 0.5) for s in content_stems(candidate.before)]
            weighted += [(s, 0.7) for title in candidate.headings for s in content_stems(title)]
            self._lengths[position] = len(own) + 4
            for word, weight in weighted:
                places = self._postings.setdefault(word, {})
                places[position] = places.get(position, 0.0) + weight

        self._defined: dict[tuple[str, ...], list[int]] = {}
        for found in find_definitions([candidate.text for candidate in self._candidates]):
            self._defined.setdefault(found.key, []).append(found.sentence)
        self._embed = embed
        texts = [candidate.text for candidate in self._candidates]
        self._vectors = embed(texts) if embed is not None and texts else None

    def search(self, question: str, limit: int = 30) -> list[Candidate]:
        """Return the candidates for ``question``: definitions first, then by rare words in common, then by vector."""
        keys = tuple(key(match[0]) for match in WORD.finditer(question))
        runs = {keys[at : at + size] for size in range(1, 5) for at in range(len(keys) - size + 1)}
        chosen = [
            position for run in sorted(runs, key=len, reverse=True) for position in self._defined.get(run, [])[:3]
        ][:8]
        chosen += self._by_words(question, limit)
        if self._embed is not None and self._vectors is not None:
            nearest = np.argsort(-(self._vectors @ self._embed([question])[0]), kind="stable")
            chosen += [int(position) for position in nearest[: limit // 3]]
        return [self._candidates[position] for position in dict.fromkeys(chosen)]

    def _by_words(self, question: str, limit: int) -> list[int]:
        scores: dict[int, float] = {}
        total = len(self._candidates)
        mean = float(self._lengths.mean())
        for word in dict.fromkeys(content_stems(question)):
            places = self._postings.get(word, {})
            idf = log(1 + (total - len(places) + 0.5) / (len(places) + 0.5))
            for position, count in places.items():
                norm = 1.2 * (0.25 + 0.75 * float(self._lengths[position]) / mean)
                scores[position] = scores.get(position, 0.0) + idf * count * 2.2 / (count + norm)
        return sorted(scores, key=lambda position: (-scores[position], position))[:limit]

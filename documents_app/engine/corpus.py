"""A document laid out for analysis: all sentences of prose with their sections, phrases and vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis.types import Section, Sentence
from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import Citation, SourceDocument
from documents_app.domain.matter.reading import MatterDraft, draft_matter
from documents_app.domain.matter.types import Listing, Matter, Span
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.keyphrases import Phrases, Stems, find_phrases
from documents_app.domain.reading.outline import outline
from documents_app.domain.reading.prose import is_vague, plain_title
from documents_app.domain.summarise import centrality, fitness
from tutor_project.language import Language

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts in, float32 ``[n, d]`` with rows of length 1 (or 0) out, as ``Embedder.embed_documents``."""


@dataclass(frozen=True)
class Corpus:
    """Flat view of the sections: sentence ``i`` stands in section ``owners[i]`` and reads ``texts[i]``."""

    source: SourceDocument
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    owners: tuple[int, ...]
    texts: tuple[str, ...]
    draft: MatterDraft
    embed: Embed

    @property
    def matter(self) -> Matter:
        """The matter as far as it needs no concepts."""
        return self.draft.matter

    @property
    def language(self) -> Language:
        """The language of the document."""
        return self.matter.language

    @cached_property
    def phrases(self) -> Phrases:
        """The phrases of the prose that may name something."""
        return find_phrases(self.texts, self.language)

    @cached_property
    def stems(self) -> tuple[frozenset[str], ...]:
        """The stems of the content words of each sentence."""
        return tuple(frozenset(self.language.content_stems(text)) for text in self.texts)

    @cached_property
    def vectors(self) -> Vectors:
        """Sentence vectors, float32 ``[len(sentences), d]``."""
        if not self.texts:
            return np.zeros((0, 1), dtype=np.float32)
        return self.embed(self.texts)

    @cached_property
    def centrality(self) -> npt.NDArray[np.float32]:
        """Centrality of each sentence in the whole document, [0, 1]."""
        return centrality(self.vectors)

    @cached_property
    def fitness(self) -> tuple[float, ...]:
        """How well each sentence stands alone, [0, 1]."""
        return tuple(fitness(text, self.language) for text in self.texts)

    @cached_property
    def by_section(self) -> dict[int, list[int]]:
        """Indexes of the sentences of each section."""
        found: dict[int, list[int]] = {}
        for position, owner in enumerate(self.owners):
            found.setdefault(owner, []).append(position)
        return found

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Each section's title without its number; '' for one that says nothing ("Introduction")."""
        titles = (plain_title(reading_form(section.title)) for section in self.sections)
        return tuple("" if is_vague(title, self.language) else title for title in titles)

    @cached_property
    def title_stems(self) -> tuple[Stems, ...]:
        """The stems of each section's title; none for one that says nothing."""
        return tuple(tuple(self.language.content_stems(title)) for title in self.titles)

    @cached_property
    def place_in_section(self) -> tuple[int, ...]:
        """How many sentences of its section stand before each sentence."""
        places = {at: place for members in self.by_section.values() for place, at in enumerate(members)}
        return tuple(places[at] for at in range(len(self.texts)))

    @cached_property
    def titled(self) -> dict[str, set[int]]:
        """The sections in whose title each stem stands."""
        found: dict[str, set[int]] = {}
        for index, title in enumerate(self.title_stems):
            for stem in title:
                found.setdefault(stem, set()).add(index)
        return found

    def titled_by(self, stems: Stems) -> set[int]:
        """Return the sections whose title holds all these stems."""
        first, *others = (self.titled.get(stem, set()) for stem in stems) if stems else (set[int](),)
        return first.intersection(*others)

    @cached_property
    def holding(self) -> dict[str, list[int]]:
        """The sentences in which each stem stands."""
        found: dict[str, list[int]] = {}
        for at, own in enumerate(self.stems):
            for stem in own:
                found.setdefault(stem, []).append(at)
        return found

    def naming(self, stems: Stems) -> tuple[int, ...]:
        """Return the sentences that name a thing: those of the phrase, else those that hold all its words."""
        phrase = self.phrases.by_stems.get(stems)
        if phrase is not None:
            return phrase.sentences
        rarest = min((self.holding.get(stem, []) for stem in stems), key=len, default=[])
        wanted = frozenset(stems)
        return tuple(at for at in rarest if wanted <= self.stems[at])

    def cite(self, position: int) -> Citation:
        """Return the citation of a sentence."""
        sentence = self.sentences[position]
        return self.source.cite(sentence.char_start, sentence.char_end)

    @cached_property
    def listings_of(self) -> dict[int, list[Listing]]:
        """The lists of each section."""
        found: dict[int, list[Listing]] = {}
        for listing in self.matter.listings:
            found.setdefault(listing.section, []).append(listing)
        return found

    @cached_property
    def defining(self) -> dict[frozenset[str], frozenset[Span]]:
        """Where the things with these stems are defined."""
        found: dict[frozenset[str], frozenset[Span]] = {}
        for term in self.matter.terms:
            if term.definition and term.span is not None:
                stems = frozenset(term.stems)
                found[stems] = found.get(stems, frozenset()) | {term.span}
        return found

    @cached_property
    def formulas(self) -> list[int]:
        """Where the formulas of the document begin."""
        return [block.char_start for block in self.source.content.of_kind(BlockKind.FORMULA)]


def build_corpus(source: SourceDocument, embed: Embed) -> Corpus:
    """Return the corpus of a document; phrases and vectors are computed when first asked for."""
    sections = outline([source])
    pairs = [(section.index, sentence) for section in sections for sentence in section.sentences]
    return Corpus(
        source=source,
        sections=sections,
        sentences=tuple(sentence for _, sentence in pairs),
        owners=tuple(owner for owner, _ in pairs),
        texts=tuple(reading_form(sentence.text) for _, sentence in pairs),
        draft=draft_matter([source], sections),
        embed=embed,
    )

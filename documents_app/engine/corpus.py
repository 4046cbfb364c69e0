"""The material laid out for analysis: all sentences of prose with their sections and vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis import Section, Sentence
from documents_app.domain.keyphrases_words import WORD, key, language_of, reading_form
from documents_app.domain.material import Citation, Material
from documents_app.domain.outline import outline
from documents_app.domain.outline_prose import is_vague, plain_title
from documents_app.domain.summarise import centrality, fitness

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts in, float32 ``[n, d]`` with rows of length 1 (or 0) out, as ``Embedder.embed_documents``."""


@dataclass(frozen=True)
class Corpus:
    """Flat view of the sections: sentence ``i`` stands in section ``owners[i]`` and reads ``texts[i]``."""

    material: Material
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    owners: tuple[int, ...]
    texts: tuple[str, ...]
    language: str
    embed: Embed

    @cached_property
    def vectors(self) -> Vectors:
        """Sentence vectors, float32 ``[len(sentences), d]``."""
        if not self.texts:
            return np.zeros((0, 1), dtype=np.float32)
        return self.embed(self.texts)

    @cached_property
    def centrality(self) -> npt.NDArray[np.float32]:
        """Centrality of each sentence in the whole material, [0, 1]."""
        return centrality(self.vectors)

    @cached_property
    def fitness(self) -> tuple[float, ...]:
        """How well each sentence stands alone, [0, 1]."""
        return tuple(map(fitness, self.texts))

    @cached_property
    def by_section(self) -> dict[int, list[int]]:
        """Indexes of the sentences of each section."""
        found: dict[int, list[int]] = {}
        for position, owner in enumerate(self.owners):
            found.setdefault(owner, []).append(position)
        return found

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Words of the prose as written."""
        return frozenset(match[0] for text in self.texts for match in WORD.finditer(text))

    @cached_property
    def title_keys(self) -> tuple[tuple[str, ...], ...]:
        """The word keys of each section's title; none for one that says nothing ("Introduction")."""
        titles = (plain_title(section.title) for section in self.sections)
        return tuple(
            () if is_vague(title) else tuple(key(match[0]) for match in WORD.finditer(title)) for title in titles
        )

    def cite(self, position: int) -> Citation:
        """Return the citation of a sentence."""
        sentence = self.sentences[position]
        return self.material[sentence.document].cite(sentence.char_start, sentence.char_end)


def build_corpus(material: Material, embed: Embed) -> Corpus:
    """Return the corpus of ``material``; vectors are computed when first asked for."""
    sections = outline(material)
    pairs = [(section.index, sentence) for section in sections for sentence in section.sentences]
    texts = tuple(reading_form(sentence.text) for _, sentence in pairs)
    return Corpus(
        material=material,
        sections=sections,
        sentences=tuple(sentence for _, sentence in pairs),
        owners=tuple(owner for owner, _ in pairs),
        texts=texts,
        language=language_of(texts),
        embed=embed,
    )

"""Key terms of a material: what the authors set apart first, then definitions, headings and what is named again and again."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from documents_app.domain.analysis import Concept, Section
from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.domain.keyphrases_words import reading_form
from documents_app.domain.material import Material
from documents_app.domain.matter.defining import definition_in, is_definition, is_term
from documents_app.domain.matter.standing import is_imperative
from documents_app.domain.matter.types import KeyTerm, Listing, Span, Statement, Stems
from tutor_project.language import Language

_LONGEST_TERM = 60
_JOINING = frozenset({"-", "‑", "–", "/"})
_WEIGHT_EMPHASIS = 0.8
_WEIGHT_IN_TITLE = 0.52
"""Of a lone word that also stands in a heading or in a longer term."""
_WEIGHT_GLOSSARY, _WEIGHT_DEFINED, _WEIGHT_TITLE, _WEIGHT_CONCEPT, _WEIGHT_PHRASE = 1.0, 0.9, 0.7, 0.6, 0.5
_LEAST_COUNT, _MOST_PHRASES = 3, 60


def marked_terms(material: Material, sections: Sequence[Section]) -> Iterator[tuple[str, float, int]]:
    """Yield what the authors themselves set apart as terms, or emphasised in running text: name, weight, section."""
    weights = {MarkKind.TERM: _WEIGHT_GLOSSARY, MarkKind.EMPHASIS: _WEIGHT_EMPHASIS}
    for document, source in enumerate(material):
        own = [section for section in sections if section.document == document]
        starts = [section.char_start for section in own]
        for block in source.content.of_kind(BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
            for mark in block.marks:
                weight = weights.get(mark.kind)
                length = mark.char_end - mark.char_start
                if (
                    weight is None
                    or not own
                    or length > _LONGEST_TERM
                    or 2 * length > block.char_end - block.char_start
                ):
                    continue
                name = reading_form(source.content.text[mark.char_start : mark.char_end]).strip(" .,:;")
                yield name, weight, own[max(0, bisect_right(starts, mark.char_start) - 1)].index


class TermFinder:
    """Collects key terms: glossary entries and definitions first, then headings and key phrases."""

    def __init__(
        self,
        tongue: Language,
        statements: Sequence[Statement],
        listings: Sequence[Listing],
        marked: Sequence[tuple[str, float, int]],
        sections: Sequence[Section],
        concepts: Sequence[Concept],
        verbs: frozenset[str],
    ) -> None:
        self._tongue = tongue
        self._statements = statements
        self._listings = listings
        self._sections = sections
        self._marked = marked
        self._concepts = concepts
        self._verbs = verbs
        self._found: dict[Stems, KeyTerm] = {}
        self._counts = Counter(gram for statement in statements for gram in set(_grams(statement.stems)))

    def found(self) -> tuple[KeyTerm, ...]:
        """Return the key terms, the ones authors and definitions name first."""
        known = {self._stems(section.title) for section in self._sections}
        known |= {self._stems(concept.name) for concept in self._concepts}
        known |= {self._stems(name) for name, _, _ in self._marked}
        for listing in self._listings:
            self._glossary(listing)
        for statement in self._statements:
            defined = definition_in(statement.text, self._tongue)
            if defined is None:
                continue
            stems = self._stems(defined.term)
            if defined.is_sure or stems in known or self._counts[stems] >= 2:
                self._add(defined.term, _WEIGHT_DEFINED, statement.section, defined.definition, statement.span)
        for name, weight, index in self._marked:
            if is_term(name, self._tongue):
                self._add(name, weight, index)
        for section in self._sections:
            title = reading_form(section.title)
            if self._names(title) and self._counts[self._stems(title)] >= 2:
                self._add(title, _WEIGHT_TITLE, section.index)
        for concept in self._concepts:
            if self._names(concept.name):
                place = concept.section_indexes[0] if concept.section_indexes else 0
                self._add(concept.name, _WEIGHT_CONCEPT * (0.5 + 0.5 * concept.importance), place)
        for name, weight, index in self._phrases():
            self._add(name, weight, index)
        return tuple(self._found.values())

    def _phrases(self) -> Iterator[tuple[str, float, int]]:
        """Yield what the text names again and again: runs of one to three content words between small words."""
        counts: Counter[Stems] = Counter()
        forms: dict[Stems, Counter[str]] = defaultdict(Counter)
        first: dict[Stems, int] = {}
        for statement in self._statements:
            for run in self._runs(statement.text):
                stems = self._stems(run)
                counts[stems] += 1
                forms[stems][run] += 1
                first.setdefault(stems, statement.section)
        nouns = self._nouns()
        named = {stem for section in self._sections for stem in self._stems(section.title)}
        named |= {stem for known in self._found for stem in known}
        least = max(_LEAST_COUNT, len(self._statements) // 100)
        for stems, count in counts.most_common(_MOST_PHRASES):
            name, section = forms[stems].most_common(1)[0][0], first[stems]
            lone = len(stems) == 1
            if lone and (count < 2 * least or 3 * nouns[stems[0]] < count or not name.isalpha()):
                continue
            if count >= least and self._names(name) and len(name) > 3:
                weight = _WEIGHT_PHRASE * min(1.0, 0.5 + count / 20)
                yield name, _WEIGHT_IN_TITLE if lone and stems[0] in named else weight, section

    def _nouns(self) -> Counter[str]:
        """Return how often each stem stands right after an article: what never does is no noun."""
        determiners = self._tongue.phrase_set("determiners")
        counts: Counter[str] = Counter()
        for statement in self._statements:
            for before, word in pairwise(word.text for word in self._tongue.words(statement.text)):
                if before.lower() in determiners:
                    counts[self._tongue.stem(word)] += 1
        return counts

    def _runs(self, text: str) -> Iterator[str]:
        """Yield the maximal runs of content words of a text, those with a verb or a number left out."""
        words = self._tongue.words(text)
        start = None
        for at, word in enumerate([*words, None]):
            if (
                word is not None
                and not self._tongue.is_stop_word(word.text)
                and (start is None or at == 0 or text[words[at - 1].end : word.start] in {" ", "-"})
            ):
                start = at if start is None else start
                continue
            if start is not None and at - start <= 3:
                run = words[start:at]
                begin, end = run[0].start, run[-1].end
                is_part = text[max(0, begin - 1) : begin] in _JOINING or text[end : end + 1] in _JOINING
                if not is_part and not any(
                    part.text[0].isdigit() or self._tongue.stem(part.text) in self._verbs for part in run
                ):
                    yield text[begin:end]
            start = at if word is not None and not self._tongue.is_stop_word(word.text) else None

    def _glossary(self, listing: Listing) -> None:
        """Add the entries of a list that names terms and says what they are; a lone label is none unless used elsewhere."""
        named = [
            entry
            for entry in listing.entries
            if entry.label
            and is_term(entry.label, self._tongue)
            and not is_imperative(entry.label, self._tongue, self._verbs)
            and is_definition(entry.description, self._tongue)
        ]
        whole = 2 * len(named) > len(listing.entries) > 2
        for entry in named:
            if whole or (len(named) > 1 and self._counts[self._stems(entry.label)] >= 2):
                weight = _WEIGHT_GLOSSARY if whole else _WEIGHT_TITLE
                self._add(entry.label, weight, listing.section, entry.description, entry.span)

    def _names(self, phrase: str) -> bool:
        """Tell whether a phrase can be a term and begins with no verb ("calculate the mean")."""
        return is_term(phrase, self._tongue) and not is_imperative(phrase, self._tongue, self._verbs)

    def _stems(self, name: str) -> Stems:
        return tuple(self._tongue.content_stems(name))

    def _add(self, name: str, weight: float, section: int, definition: str = "", span: Span | None = None) -> None:
        stems = self._stems(name)
        if not stems:
            return
        known = self._found.get(stems)
        if known is None:
            self._found[stems] = KeyTerm(self._spelling(name), stems, weight, section, definition, span)
        elif not known.definition and definition:
            self._found[stems] = replace(known, definition=definition, span=span, weight=max(weight, known.weight))

    def _spelling(self, name: str) -> str:
        """A term that begins a sentence has a capital there that is not its own."""
        name = name.strip(" *_\"“”„«»'")
        if name.islower() or not any(word[1:].islower() for word in name.split()):
            return name
        lowered = " ".join(word if word[1:] != word[1:].lower() else word.lower() for word in name.split())
        inside = sum(f" {lowered}" in statement.text for statement in self._statements)
        capital = sum(f" {name}" in statement.text for statement in self._statements)
        return lowered if inside > capital else name


def _grams(stems: Stems, longest: int = 4) -> Iterator[Stems]:
    for size in range(1, longest + 1):
        for at in range(len(stems) - size + 1):
            yield stems[at : at + size]

"""Key terms of a material: what the authors set apart first, then definitions, headings and what is named again and again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from documents_app.domain.analysis.types import Concept, Section
from documents_app.domain.blocks import Block, BlockKind, MarkKind
from documents_app.domain.material import Material
from documents_app.domain.matter.defining import Found, definition_in, is_definition, is_given_name, is_term
from documents_app.domain.matter.naming import (
    definition_around,
    names_given,
    other_names,
)
from documents_app.domain.matter.places import SectionsOf
from documents_app.domain.matter.standing import is_exercise, is_imperative
from documents_app.domain.matter.types import Entry, KeyTerm, Listing, Span, Statement, Stems
from documents_app.domain.reading.form import reading_form
from tutor_project.language import Language, Word

_LONGEST_TERM = 60
_JOINING = frozenset({"-", "‑", "–", "/"})
_BROKEN = ("-", "‐")
"""Ends of a word whose rest is not marked."""
_WEIGHT_EMPHASIS = 0.8
_WEIGHT_IN_TITLE = 0.52
"""Of a lone word that also stands in a heading or in a longer term."""
_WEIGHT_GLOSSARY, _WEIGHT_DEFINED, _WEIGHT_TITLE, _WEIGHT_CONCEPT, _WEIGHT_PHRASE = 1.0, 0.9, 0.7, 0.6, 0.5
_LEAST_COUNT, _MOST_PHRASES = 3, 60
_LED_COUNT = 2
"""How often a phrase behind an article has to be named in a short text."""
_RUN = 3
"""Content words of the longest phrase looked at."""
_MOSTLY = 0.7
"""Share of a phrase's occurrences in a longer one from which on it is only a part of that."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What the authors set apart as a term, and where."""

    name: str
    weight: float
    section: int
    span: Span


def marked_terms(material: Material, sections: Sequence[Section], tongue: Language) -> Iterator[Marked]:
    """Yield what the authors themselves set apart as terms, or emphasised in running text."""
    weights = {MarkKind.TERM: _WEIGHT_GLOSSARY, MarkKind.EMPHASIS: _WEIGHT_EMPHASIS}
    for document, source in enumerate(material):
        section_of = SectionsOf(sections, document, source)
        text = source.content.text
        for block in source.content.of_kind(BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
            section = section_of.of(block)
            spans = list(joined_marks(block, text, weights))
            # A block set apart as a whole is a caption or a title, no running text with a term in it.
            set_apart = 2 * sum(end - start for _, start, end in spans) > block.char_end - block.char_start
            if section is None or set_apart or is_exercise(section.path or (section.title,), tongue):
                continue
            for kind, start, end in spans:
                name = reading_form(text[start:end]).strip(" .,:;")
                if end - start <= _LONGEST_TERM and not name.endswith(_BROKEN):
                    yield Marked(name, weights[kind], section.index, Span(document, start, end))


def joined_marks(block: Block, text: str, kinds: Collection[MarkKind]) -> Iterator[tuple[MarkKind, int, int]]:
    """Yield the marks of some kinds in a block; a mark that goes on over a line end is one."""
    open_mark: tuple[MarkKind, int, int] | None = None
    for mark in block.marks:
        if mark.kind not in kinds:
            continue
        if open_mark and open_mark[0] == mark.kind and not text[open_mark[2] : mark.char_start].strip():
            open_mark = (mark.kind, open_mark[1], mark.char_end)
            continue
        if open_mark:
            yield open_mark
        open_mark = (mark.kind, mark.char_start, mark.char_end)
    if open_mark:
        yield open_mark


@dataclass(frozen=True, slots=True)
class _Named:
    """What a text names again and again: how often, in which spellings, where first, and what stood behind an article."""

    counts: Counter[Stems]
    forms: Mapping[Stems, Counter[str]]
    first: Mapping[Stems, int]
    led: frozenset[Stems]


class TermFinder:
    """Collects key terms: glossary entries and definitions first, then headings and key phrases.

    The statements are gone through once, however often terms are asked for.
    """

    def __init__(
        self,
        tongue: Language,
        statements: Sequence[Statement],
        listings: Sequence[Listing],
        marked: Sequence[Marked],
        sections: Sequence[Section],
        verbs: frozenset[str],
    ) -> None:
        self._tongue = tongue
        self._statements = statements
        self._listings = listings
        self._sections = sections
        self._marked = marked
        self._verbs = verbs
        self._found: dict[Stems, KeyTerm] = {}
        self._by_place = sorted(statements, key=lambda one: (one.span.document, one.span.char_start))
        self._begins = [(one.span.document, one.span.char_start) for one in self._by_place]
        self._counts = Counter(gram for statement in statements for gram in set(_grams(statement.stems)))

    def found(self, concepts: Sequence[Concept] = ()) -> tuple[KeyTerm, ...]:
        """Return the key terms, the ones authors and definitions name first; key concepts are terms too."""
        self._found = {}
        for listing in self._listings:
            self._glossary(listing)
        self._add_definitions(concepts)
        self._add_marked()
        self._add_named()
        shared = self._add_titles()
        for concept in concepts:
            if self._names(concept.name):
                place = concept.section_indexes[0] if concept.section_indexes else 0
                self._add(concept.name, _WEIGHT_CONCEPT * (0.5 + 0.5 * concept.importance), place)
        for name, weight, index in self._phrases():
            self._add(name, weight, index)
        self._define_where_named()
        around = self._named_around()
        return tuple(
            replace(term, other_names=self._other_names(term))
            for term in self._found.values()
            if not self._is_part(term, around[term.stems]) and (term.definition or term.stems not in shared)
        )

    def _add_definitions(self, concepts: Sequence[Concept]) -> None:
        """Add what sentences define; what only seems a definition counts where the material names the term elsewhere."""
        named = (*(section.title for section in self._sections), *(concept.name for concept in concepts))
        known = {self._stems(name) for name in (*named, *(mark.name for mark in self._marked))}
        for statement, defined in self._definitions:
            stems = self._stems(defined.term)
            often = stems in known or self._counts[stems] >= 2
            if defined.is_sure or often:
                weight = _WEIGHT_DEFINED if often else _WEIGHT_TITLE
                self._add(defined.term, weight, statement.section, defined.definition, statement.span)

    def _add_marked(self) -> None:
        """Add what the authors marked."""
        for mark in self._marked:
            if self._is_name(mark.name) and (mark.weight >= _WEIGHT_GLOSSARY or self._is_used(mark.name)):
                statement = self._statement_around(mark.span)
                told = self._told_of(mark.name, statement) if statement else ""
                weight = max(mark.weight, _WEIGHT_DEFINED) if told else mark.weight
                self._add(mark.name, weight, mark.section, told, statement.span if statement else None)

    def _is_name(self, name: str) -> bool:
        """Tell whether what is set apart is a name: words, not symbols and numbers ("T1 D2 T3")."""
        return is_term(name, self._tongue) and any(len(word) > 2 and word.isalpha() for word in re.split(r"[ -]", name))

    def _told_of(self, name: str, statement: Statement) -> str:
        """Return what a statement says a name in it is, '' where it does not."""
        at = statement.text.lower().find(name.lower())
        text, end = statement.text, at + len(name)
        return definition_around(text, at, end, self._tongue, self._verbs) if at >= 0 else ""

    def _other_names(self, term: KeyTerm) -> tuple[str, ...]:
        """Return what the statement that defines a term, or first sets it apart, calls it besides."""
        statement = self._statement_around(term.span) if term.span else None
        at = statement.text.lower().find(term.name.lower()) if statement else -1
        return other_names(statement.text, at, at + len(term.name), self._tongue) if statement and at >= 0 else ()

    def _add_named(self) -> None:
        """Add what a sentence describes and then names."""
        for statement in self._statements:
            for start, end in names_given(statement.text, self._tongue):
                name = statement.text[start:end]
                if is_term(name, self._tongue) or (" " in name and is_given_name(name, self._tongue)):
                    told = definition_around(statement.text, start, end, self._tongue, self._verbs)
                    weight = _WEIGHT_DEFINED if told else _WEIGHT_TITLE
                    self._add(name, weight, statement.section, told, statement.span)

    def _define_where_named(self) -> None:
        """Give terms that have no definition the one of the first statement that names them: what is new is explained there."""
        for term in [term for term in self._found.values() if not term.definition and term.weight >= _WEIGHT_PHRASE]:
            statement = self._first_with(term.stems)
            told = self._told_of(term.name, statement) if statement else ""
            if statement and told:
                self._add(term.name, max(term.weight, _WEIGHT_TITLE), statement.section, told, statement.span)

    def _first_with(self, stems: Stems) -> Statement | None:
        """Return the first statement that holds all words of a term."""
        rarest = min((self._naming.get(stem, ()) for stem in stems), key=len)
        return next((one for one in rarest if set(stems) <= set(one.stems)), None)

    @cached_property
    def _naming(self) -> dict[str, list[Statement]]:
        """The statements in which each stem occurs."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self._statements:
            for stem in set(statement.stems):
                found[stem].append(statement)
        return found

    def _add_titles(self) -> set[Stems]:
        """Add what headings name; return those that come again under others: a form they share, no term."""
        titles = Counter(self._stems(reading_form(section.title)) for section in self._sections)
        for section in self._sections:
            title = reading_form(section.title)
            if self._names(title) and self._counts[self._stems(title)] >= 2:
                self._add(title, _WEIGHT_TITLE, section.index)
        return {stems for stems, count in titles.items() if count > 1}

    def _named_around(self) -> Mapping[Stems, int]:
        """Return of each part of a term in how many statements the longer term stands that is named most."""
        around: dict[Stems, int] = defaultdict(int)
        for stems in self._found:
            for part in set(_grams(stems)) - {stems}:
                around[part] = max(around[part], self._counts[stems])
        return around

    def _statement_around(self, span: Span) -> Statement | None:
        """Return the statement in which something stands: authors set a term apart where they explain it."""
        at = bisect_right(self._begins, (span.document, span.char_start)) - 1
        statement = self._by_place[at] if at >= 0 else None
        return statement if statement is not None and statement.span.overlaps(span) else None

    @cached_property
    def _definitions(self) -> list[tuple[Statement, Found]]:
        """The statements that define something, each with what it defines."""
        found = ((statement, definition_in(statement.text, self._tongue)) for statement in self._statements)
        return [(statement, defined) for statement, defined in found if defined is not None]

    def _is_part(self, term: KeyTerm, around: int) -> bool:
        """Tell whether a phrase that only its frequency speaks for mostly stands inside one longer term.

        ``around``: in how many statements the longer term stands that is named most.
        """
        if term.weight >= _WEIGHT_TITLE or term.definition:
            return False
        return around >= _MOSTLY * self._counts[term.stems] > 0

    @cached_property
    def _named(self) -> _Named:
        """What the text names: runs of one to three content words between small words."""
        counts: Counter[Stems] = Counter()
        forms: dict[Stems, Counter[str]] = defaultdict(Counter)
        first: dict[Stems, int] = {}
        led: set[Stems] = set()
        determiners = self._tongue.phrases("determiners")
        for statement in self._statements:
            lowered = f" {statement.text.lower()}"
            for run in self._runs(statement.text):
                stems = self._stems(run)
                counts[stems] += 1
                if any(f" {word} {run.lower()}" in lowered for word in determiners):
                    led.add(stems)
                forms[stems][run] += 1
                first.setdefault(stems, statement.section)
        return _Named(counts, forms, first, frozenset(led))

    def _phrases(self) -> Iterator[tuple[str, float, int]]:
        """Yield what the text names again and again."""
        found = self._named
        named = {stem for section in self._sections for stem in self._stems(section.title)}
        named |= {stem for known in self._found for stem in known}
        least = max(_LEAST_COUNT, len(self._statements) // 100)
        for stems, count in found.counts.most_common(_MOST_PHRASES):
            name = found.forms[stems].most_common(1)[0][0]
            lone = len(stems) == 1
            if lone:
                enough = count >= 2 * least and self._is_noun_alone(name, stems[0], count)
            else:
                enough = count >= (_LED_COUNT if stems in found.led and least == _LEAST_COUNT else least)
            if enough and self._names(name) and len(name) > 3:
                weight = _WEIGHT_PHRASE * min(1.0, 0.5 + count / 20)
                yield name, _WEIGHT_IN_TITLE if lone and stems[0] in named else weight, found.first[stems]

    def _is_noun_alone(self, name: str, stem: str, count: int) -> bool:
        """Tell whether a word by itself is a word of letters that is used as a noun often enough."""
        return name.isalpha() and 3 * self._nouns[stem] >= count

    def _is_used(self, name: str) -> bool:
        """Tell whether an emphasised word is more than stressed: used as a noun, an abbreviation, or named again."""
        stems = self._stems(name)
        return (
            len(stems) != 1 or not name.islower() or bool(self._nouns[stems[0]]) or self._counts[stems] >= _LEAST_COUNT
        )

    @cached_property
    def _nouns(self) -> Counter[str]:
        """How often each stem stands right after an article and names something: what never does is no noun.

        Where compound names end with what they name, a word before another word of content only describes that.
        """
        determiners = self._tongue.phrase_set("determiners")
        counts: Counter[str] = Counter()
        for statement in self._statements:
            words = self._tongue.words(statement.text)
            for before, word, after in zip(words, words[1:], [*words[2:], None], strict=False):
                if before.text.lower() not in determiners or self._describes(word, after, statement.text):
                    continue
                counts[self._tongue.stem(word.text)] += 1
        return counts

    def _describes(self, word: Word, after: Word | None, text: str) -> bool:
        return (
            not self._tongue.head_first
            and after is not None
            and text[word.end : after.start] in {" ", "-"}
            and not self._tongue.is_stop_word(after.text)
            and self._tongue.stem(after.text) not in self._verbs
        )

    def _runs(self, text: str) -> Iterator[str]:
        """Yield the maximal runs of content words of a text, those with a verb or a number left out.

        Where compound names begin with what they name, small words such as "de" stand inside them.
        """
        words = self._tongue.words(text)
        run: list[Word] = []
        for at, word in enumerate(words):
            apart = bool(run) and text[words[at - 1].end : word.start] not in {" ", "-"}
            if not apart and run and self._is_inner(word):
                continue
            if run and (apart or self._tongue.is_stop_word(word.text)):
                yield from self._whole(run, text)
                run = []
            if not self._tongue.is_stop_word(word.text):
                run.append(word)
        yield from self._whole(run, text)

    def _is_inner(self, word: Word) -> bool:
        return self._tongue.head_first and word.text.lower() in self._tongue.phrase_set("inner_words")

    def _whole(self, run: Sequence[Word], text: str) -> Iterator[str]:
        if not run or len(run) > _RUN:
            return
        begin, end = run[0].start, run[-1].end
        is_part = text[max(0, begin - 1) : begin] in _JOINING or text[end : end + 1] in _JOINING
        odd = any(part.text[0].isdigit() or self._tongue.stem(part.text) in self._verbs for part in run)
        if not is_part and not odd:
            yield text[begin:end]

    def _glossary(self, listing: Listing) -> None:
        """Add the entries of a list that names terms and says what they are; a lone label is none unless used elsewhere."""
        named = [
            (entry, definition)
            for entry in listing.entries
            if entry.label and (definition := self._defined_as(entry)) and self._may_be_defined(entry.label)
        ]
        whole = 2 * len(named) > len(listing.entries) > 2
        for entry, definition in named:
            # Where an author lists what words mean, a common word has a meaning of its own too.
            again = len(named) > 1 and self._counts[self._stems(entry.label)] >= 2
            if whole or (again and is_term(entry.label, self._tongue)):
                weight = _WEIGHT_GLOSSARY if whole else _WEIGHT_TITLE
                self._add(entry.label, weight, listing.section, definition, entry.span)

    def _may_be_defined(self, label: str) -> bool:
        plain = label.isalpha() and not self._tongue.is_stop_word(label)
        return (plain or is_term(label, self._tongue)) and not is_imperative(label, self._tongue, self._verbs)

    def _defined_as(self, entry: Entry) -> str:
        """Return what a labelled item says its label is, without the label said again; '' where it defines nothing."""
        again = definition_in(f"{entry.description}.", self._tongue)
        if again is not None and self._stems(again.term) == self._stems(entry.label):
            return again.definition
        own = self._stems(entry.label)
        if self._stems(entry.description)[: len(own)] == own:
            return ""  # a sentence about the label that does not define it
        return entry.description if is_definition(entry.description, self._tongue) else ""

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
        holding = min((self._naming.get(stem, []) for stem in self._stems(name)), key=len, default=[])
        inside = sum(f" {lowered}" in one.text for one in holding)
        capital = sum(f" {name}" in one.text for one in holding)
        return lowered if inside > capital else name


def _grams(stems: Stems, longest: int = 4) -> Iterator[Stems]:
    for size in range(1, longest + 1):
        for at in range(len(stems) - size + 1):
            yield stems[at : at + size]

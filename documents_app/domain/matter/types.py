"""What questions can be made of: statements, lists and key terms of a material, in one small pure form.

Whatever reads documents fills it; the writer knows nothing else of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from documents_app.domain.material import Citation, Material
from tutor_project.language import Language

Stems = tuple[str, ...]

_LONE_WEIGHT = 0.51
_MAIN_TERMS = 10


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands: the document's place in the material and a range of its stored text."""

    document: int
    char_start: int
    char_end: int

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two share a character."""
        return self.document == other.document and self.char_start < other.char_end and other.char_start < self.char_end


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as read (reading form), with the stems of its content words in order.

    ``stands_alone`` says that it is a full statement that needs no neighbour to be understood.
    """

    text: str
    span: Span
    section: int
    stems: Stems
    stands_alone: bool
    naming: Span | None = None
    """Where an earlier sentence names what this one is about and its first word only points there; of a legend, its formula."""
    context: int = 0
    """How many characters that sentence takes where it is told in front, within ``text``, since no name can replace the word; else 0."""

    @property
    def evidence(self) -> tuple[Span, ...]:
        """What shows that the material says it, its own sentence first."""
        return (self.span,) if self.naming is None else (self.span, self.naming)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a list. ``label`` is the name before a colon or dash, '' where there is none."""

    text: str
    span: Span
    label: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with the sentence that leads into it ('' where none does)."""

    lead: str
    span: Span
    entries: tuple[Entry, ...]
    section: int
    ordered: bool
    states_objectives: bool = False
    """Whether what stands before it says that its items are what a learner should be able to do."""
    title: str = ""
    """The heading right above it, '' where other text stands between."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table under its head: what it is of (its first cell) and the cells that say something of it.

    ``table`` numbers the tables of a matter; ``cells`` are pairs of the column's heading and the cell.
    """

    table: int
    kind: str
    name: str
    cells: tuple[tuple[str, str], ...]
    span: Span
    section: int
    head: Span
    """Where the head of its table stands."""


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """A term the material is about; ``weight`` in (0, 1] is higher the more the authors themselves made of it."""

    name: str
    stems: Stems
    weight: float
    section: int
    definition: str = ""
    span: Span | None = None
    """Where it is defined, or set apart by the authors."""
    other_names: tuple[str, ...] = ()
    """What else the material calls it where it defines it or first sets it apart."""

    @property
    def is_plain(self) -> bool:
        """Whether it is a lone word that only its frequency speaks for; abbreviations are names of something."""
        return len(self.stems) == 1 and self.weight < _LONE_WEIGHT and not self.name.isupper()


@dataclass(frozen=True)
class Matter:
    """The material as far as questions go, all parts in reading order."""

    material: Material
    language: Language
    statements: tuple[Statement, ...]
    listings: tuple[Listing, ...]
    terms: tuple[KeyTerm, ...]
    titles: Mapping[int, str]
    verb_signs: Mapping[str, int] = field(default_factory=dict)
    """How much oftener each stem stands where verbs do than where nouns do; less than 0 where nouns win."""
    seen_with: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The words that stand before each term somewhere in the text, both in lower case: articles show gender and number."""

    lines: tuple[Statement, ...] = ()
    """Lines that are no sentences (of slides and notes); one that can be asked about stands alone."""
    rows: tuple[Row, ...] = ()
    resolved: tuple[Statement, ...] = ()
    """Statements whose first word points back, written out with the name it stands for."""
    legends: tuple[Statement, ...] = ()
    """Paragraphs that go on from a formula, which is their ``naming``, and say what its symbols stand for."""
    modifier_signs: Mapping[Stems, int] = field(default_factory=dict)
    """How much oftener each key term stands as adjectives do than otherwise."""

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Stems of words that are verbs as far as the text shows."""
        return frozenset(stem for stem, sign in self.verb_signs.items() if sign > 0)

    @cached_property
    def askable(self) -> tuple[Statement, ...]:
        """The statements that need no neighbour to be understood, in reading order."""
        written = (statement for statement in self.resolved if not statement.context)
        alone = [statement for statement in (*self.statements, *written) if statement.stands_alone]
        return tuple(sorted(alone, key=lambda one: (one.span.document, one.span.char_start)))

    @cached_property
    def in_context(self) -> tuple[Statement, ...]:
        """The statements that are understood behind the one before them, which is told with them."""
        return tuple(statement for statement in self.resolved if statement.context)

    @cached_property
    def modifiers(self) -> frozenset[Stems]:
        """Key terms that mostly stand as adjectives do: "isotonic" of "isotonic solution"."""
        return frozenset(stems for stems, sign in self.modifier_signs.items() if sign > 0)

    def cite(self, span: Span) -> Citation:
        """Return the citation of a span."""
        return self.material[span.document].cite(span.char_start, span.char_end)

    @cached_property
    def entry_spans(self) -> tuple[Span, ...]:
        """What questions cite beside statements: items of lists and glossaries, lines, rows of tables, each once."""
        taken = {(statement.span.document, statement.span.char_start) for statement in self.statements}
        found: dict[tuple[int, int], Span] = {}
        entries = (entry.span for listing in self.listings for entry in listing.entries)
        titles = (
            Span(listing.span.document, listing.span.char_start, listing.span.char_start + len(listing.title))
            for listing in self.listings
            if listing.title
        )
        legends = (span for one in (*self.lines, *self.legends) for span in one.evidence)
        rows = (span for row in self.rows for span in (row.head, row.span))
        for span in (*titles, *entries, *legends, *rows):
            place = (span.document, span.char_start)
            if place not in taken:
                found.setdefault(place, span)
        return tuple(found.values())

    @cached_property
    def inside(self) -> frozenset[str]:
        """The words that stand inside sentences, behind another word, as written there."""
        return frozenset(
            word.text
            for one in self.statements
            for before, word in pairwise(self.language.words(one.text))
            if one.text[before.end : word.start].strip() in {"", ","}
        )

    @cached_property
    def term_of(self) -> dict[Stems, KeyTerm]:
        """The key terms by their stems."""
        return {term.stems: term for term in self.terms}

    @cached_property
    def full_weight(self) -> float:
        """The weight from which on a term is one of the ten main ones, however much the authors made of any."""
        return min(sorted((term.weight for term in self.terms), reverse=True)[:_MAIN_TERMS], default=1.0)

    def share(self, term: KeyTerm) -> float:
        """Return how much a term matters beside the main ones, up to 1."""
        return min(1.0, term.weight / self.full_weight)

    @cached_property
    def longest_term(self) -> int:
        """How many content words the longest key term has."""
        return max((len(term.stems) for term in self.terms), default=0)

    @cached_property
    def frequency(self) -> dict[str, int]:
        """In how many statements each stem occurs."""
        counts: dict[str, int] = {}
        for statement in self.statements:
            for stem in set(statement.stems):
                counts[stem] = counts.get(stem, 0) + 1
        return counts

    @cached_property
    def holding(self) -> dict[str, list[Statement]]:
        """The statements in which each stem occurs."""
        found: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for stem in set(statement.stems):
                found.setdefault(stem, []).append(statement)
        return found

    def first_naming(self, term: KeyTerm) -> Statement | None:
        """Return the first statement that holds all words of ``term``."""
        rarest = min(term.stems, key=lambda stem: self.frequency.get(stem, 0))
        wanted = set(term.stems)
        return next((one for one in self.holding.get(rarest, ()) if wanted <= set(one.stems)), None)

    def is_said_with(self, term: Stems, about: frozenset[str], share: float) -> bool:
        """Tell whether a statement that names ``term`` also says at least ``share`` of the rarer stems ``about``."""
        if not term or not about:
            return False
        weights = {stem: 1.0 / self.frequency.get(stem, 1) for stem in about}
        wanted = share * sum(weights.values())
        rarest = min(term, key=lambda stem: self.frequency.get(stem, 0))
        return any(
            sum(weights[stem] for stem in about & set(statement.stems)) >= wanted
            for statement in self.holding.get(rarest, ())
            if set(term) <= set(statement.stems)
        )

"""The matter of several documents as one, as far as lessons and questions go: places are moved, nothing is read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import TypeVar

from documents_app.domain.analysis.types import Section, Sentence
from documents_app.domain.material import Material, language_of_material
from documents_app.domain.matter.types import Entry, KeyTerm, Listing, Matter, Row, Span, Statement, Stems


@dataclass(frozen=True)
class DocumentMatter:
    """The sections of one document and its matter; both count documents and sections from 0."""

    sections: tuple[Section, ...]
    matter: Matter


def join_matters(material: Material, parts: Sequence[DocumentMatter]) -> DocumentMatter:
    """Return the sections and the matter of the documents of ``material``, whose own ``parts`` stand in its order.

    A term that several documents have keeps the weight and the definition of the one that made most of it.
    """
    if len(parts) == 1:
        return parts[0]
    firsts = accumulate((len(part.sections) for part in parts), initial=0)
    moved = [_Move(number, first).part(part) for number, (first, part) in enumerate(zip(firsts, parts, strict=False))]
    matters = [part.matter for part in moved]
    return DocumentMatter(
        _chained(part.sections for part in moved),
        Matter(
            material,
            language_of_material(material),
            statements=_chained(matter.statements for matter in matters),
            listings=_chained(matter.listings for matter in matters),
            terms=tuple(_joined_terms(matters).values()),
            titles={index: title for matter in matters for index, title in matter.titles.items()},
            verb_signs=_summed(matter.verb_signs for matter in matters),
            seen_with=_seen_with(matters),
            lines=_chained(matter.lines for matter in matters),
            rows=tuple(_joined_rows(matters)),
            resolved=_chained(matter.resolved for matter in matters),
            legends=_chained(matter.legends for matter in matters),
            modifier_signs=_summed(matter.modifier_signs for matter in matters),
        ),
    )


def _joined_rows(matters: Sequence[Matter]) -> Iterator[Row]:
    """Yield the rows of all tables, each table with a number of its own."""
    first = 0
    for matter in matters:
        yield from (replace(row, table=first + row.table) for row in matter.rows)
        first += max((row.table for row in matter.rows), default=-1) + 1


_Part = TypeVar("_Part")
_Key = TypeVar("_Key")


def _chained(parts: Iterable[Iterable[_Part]]) -> tuple[_Part, ...]:
    return tuple(chain.from_iterable(parts))


def _summed(parts: Iterable[Mapping[_Key, int]]) -> dict[_Key, int]:
    sums: Counter[_Key] = Counter()
    for part in parts:
        for key, count in part.items():
            sums[key] += count
    return dict(sums)


def _seen_with(matters: Iterable[Matter]) -> dict[str, frozenset[str]]:
    seen: dict[str, frozenset[str]] = {}
    for matter in matters:
        for name, before in matter.seen_with.items():
            seen[name] = seen.get(name, frozenset()) | before
    return seen


def _joined_terms(matters: Iterable[Matter]) -> dict[Stems, KeyTerm]:
    terms: dict[Stems, KeyTerm] = {}
    for matter in matters:
        for term in matter.terms:
            known = terms.get(term.stems)
            if known is None or (bool(term.definition), term.weight) > (bool(known.definition), known.weight):
                terms[term.stems] = term if known is None else replace(term, weight=max(term.weight, known.weight))
            elif term.weight > known.weight:
                terms[term.stems] = replace(known, weight=term.weight)
    return terms


@dataclass(frozen=True, slots=True)
class _Move:
    """Gives the parts of a document their places in a material: ``section`` is that of its first section."""

    document: int
    section: int

    def part(self, part: DocumentMatter) -> DocumentMatter:
        matter = part.matter
        return DocumentMatter(
            tuple(map(self._section, part.sections)),
            Matter(
                matter.material,
                matter.language,
                tuple(map(self._statement, matter.statements)),
                tuple(map(self._listing, matter.listings)),
                tuple(map(self._term, matter.terms)),
                {self.section + index: title for index, title in matter.titles.items()},
                matter.verb_signs,
                matter.seen_with,
                tuple(map(self._statement, matter.lines)),
                tuple(map(self._row, matter.rows)),
                tuple(map(self._statement, matter.resolved)),
                tuple(map(self._statement, matter.legends)),
                matter.modifier_signs,
            ),
        )

    def _section(self, section: Section) -> Section:
        return replace(
            section,
            index=self.section + section.index,
            document=self.document,
            sentences=tuple(Sentence(self.document, s.char_start, s.char_end, s.text) for s in section.sentences),
        )

    def _span(self, span: Span) -> Span:
        return Span(self.document, span.char_start, span.char_end)

    def _statement(self, one: Statement) -> Statement:
        naming = self._span(one.naming) if one.naming is not None else None
        return replace(one, span=self._span(one.span), section=self.section + one.section, naming=naming)

    def _listing(self, listing: Listing) -> Listing:
        entries = tuple(Entry(e.text, self._span(e.span), e.label, e.description) for e in listing.entries)
        return replace(listing, span=self._span(listing.span), entries=entries, section=self.section + listing.section)

    def _term(self, term: KeyTerm) -> KeyTerm:
        span = self._span(term.span) if term.span is not None else None
        return replace(term, section=self.section + term.section, span=span)

    def _row(self, row: Row) -> Row:
        return replace(row, span=self._span(row.span), head=self._span(row.head), section=self.section + row.section)

"""Reads the matter of documents: their statements, lines, lists, tables and legends, and the words key terms stand with."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, takewhile

from documents_app.domain.analysis.types import Concept, Section
from documents_app.domain.blocks import Block, BlockKind, MarkKind
from documents_app.domain.material import DocumentText, Material, language_of_material
from documents_app.domain.matter.places import SectionsOf
from documents_app.domain.matter.resolving import resolved
from documents_app.domain.matter.rows import rows_of
from documents_app.domain.matter.standing import (
    as_shown,
    is_exercise,
    is_telling_line,
    stands_alone,
    verb_signs,
    without_opener,
    without_references,
)
from documents_app.domain.matter.terms import TermFinder, marked_terms
from documents_app.domain.matter.types import Entry, KeyTerm, Listing, Matter, Span, Statement, Stems
from documents_app.domain.reading.form import reading_form
from tutor_project.language import Language, Word

_NUMBERED = re.compile(r"[ \t]*\(?(?:\d{1,2}|[a-h])[.)]\s")
_MARKER = re.compile(r"[ \t]*(?:\(?(?:\d{1,2}|[a-h])[.)]|[-*+•‣◦▪●○■–→➢✓])[ \t]+(?=\S)")
_LABEL = re.compile(
    r"^[*_“\"]*(?P<label>[^\W\d_][^:–—=.,;]{1,60}?)[*_”\"]*(?::| [–—]| -(?= [^\W\d]{3})|\.(?= [A-ZÄÖÜÁÉÍÓÚ])) ?(?P<description>\S.*)$"
)
_LABEL_WORDS = 5
_TAUGHT = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE})
"""Blocks whose sentences may be asked about; captions, footnotes, code and tables are no running statements."""
_LEAST_ENTRIES, MAX_ENTRIES, MAX_GLOSSARY = 3, 14, 200
_LOOKED_BACK, _LONGEST_LEAD = 3, 300
_LEAD_LETTERS = 16


@dataclass(frozen=True)
class MatterDraft:
    """A matter whose key concepts are not known yet: its terms are those that need none."""

    matter: Matter
    _finder: TermFinder
    _named_in: tuple[Statement, ...]

    def with_concepts(self, concepts: Sequence[Concept]) -> Matter:
        """Return the whole matter; the text is not read again."""
        terms, tongue = self._finder.found(concepts), self.matter.language
        return replace(
            self.matter,
            terms=terms,
            seen_with=_seen_with(self._named_in, terms, tongue),
            modifier_signs=_modifier_signs(self._named_in, terms, tongue),
        )


def read_matter(material: Material, sections: Sequence[Section], concepts: Sequence[Concept] = ()) -> Matter:
    """Return the statements, lists and key terms of ``material``; its time is linear in the text."""
    return draft_matter(material, sections).with_concepts(concepts)


def draft_matter(material: Material, sections: Sequence[Section]) -> MatterDraft:
    """Return what can be said of ``material`` before its key concepts are known."""
    tongue = language_of_material(material)
    signs = verb_signs((reading_form(s.text) for section in sections for s in section.sentences), tongue)
    verbs = frozenset(stem for stem, sign in signs.items() if sign > 0)
    statements = tuple(_statements(material, sections, tongue, verbs))
    loose = tuple(_unfinished(statements, sections, tongue))
    lines = (*loose, *_lines(material, sections, statements, tongue))
    listings = tuple(_listings(material, sections, tongue))
    # In running prose a line without a sentence is a caption, a title or a part of an exercise.
    lines = lines if len(lines) > len(statements) - len(loose) else ()
    named_in = (*statements, *lines[len(loose) :])
    marked = tuple(marked_terms(material, sections, tongue))
    written_out = tuple(resolved(statements, material, tongue, verbs))
    finder = TermFinder(tongue, named_in, listings, marked, sections, verbs)
    matter = Matter(
        material,
        tongue,
        statements,
        listings,
        finder.found(),
        {section.index: reading_form(section.title) for section in sections},
        signs,
        lines=lines,
        rows=tuple(rows_of(material, sections, tongue)),
        resolved=written_out,
        legends=tuple(_legends(material, sections, tongue)),
    )
    return MatterDraft(matter, finder, named_in)


def citable_spans(matter: Matter) -> list[tuple[int, int, int]]:
    """Return what questions may cite as ``(document, char_start, char_end)``: statements and items of lists, in order."""
    spans = [*(statement.span for statement in matter.statements), *matter.entry_spans]
    return sorted((span.document, span.char_start, span.char_end) for span in spans)


def _statements(
    material: Material, sections: Sequence[Section], tongue: Language, verbs: frozenset[str]
) -> Iterator[Statement]:
    blocks = [_Blocks(document.content.blocks) for document in material]
    # Numbers of sources begin with one; where a zero stands in brackets they are places in a sequence.
    counted = any("[0]" in document.content.text for document in material)
    for section in sections:
        taught = not is_exercise(section.path or (section.title,), tongue)
        for sentence in section.sentences:
            read = reading_form(sentence.text)
            text = as_shown(without_opener(read if counted else without_references(read), tongue))
            yield Statement(
                text,
                Span(sentence.document, sentence.char_start, sentence.char_end),
                section.index,
                tuple(tongue.content_stems(text)),
                taught
                and blocks[sentence.document].is_prose(sentence.char_start)
                and stands_alone(_ended(text, blocks[sentence.document].at(sentence.char_start)), tongue, verbs),
            )


def _unfinished(statements: Iterable[Statement], sections: Sequence[Section], tongue: Language) -> Iterator[Statement]:
    """Yield what was read as a sentence but does not end as one: a line, without the bullet before it."""
    exercises = {section.index for section in sections if is_exercise(section.path or (section.title,), tongue)}
    for statement in statements:
        if statement.text[-1:] not in tuple(".?!:;。"):
            text = _unmarked(statement.text)
            alone = statement.section not in exercises and is_telling_line(text, tongue)
            yield replace(statement, text=text, stems=tuple(tongue.content_stems(text)), stands_alone=alone)


def _ended(text: str, block: Block | None) -> str:
    """A point of a list is a sentence without its stop too."""
    is_point = block is not None and block.kind is BlockKind.LIST_ITEM
    return f"{text}." if is_point and text[-1:].isalnum() else text


def _lines(
    material: Material, sections: Sequence[Section], statements: Sequence[Statement], tongue: Language
) -> Iterator[Statement]:
    """Yield the paragraphs and items of lists in which no sentence was found: the lines of slides and notes."""
    taken = defaultdict(list)
    for statement in statements:
        taken[statement.span.document].append(statement.span.char_start)
    for document, source in enumerate(material):
        section_of = SectionsOf(sections, document, source)
        for block in source.content.of_kind(BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
            section = section_of.of(block)
            at = bisect_left(taken[document], block.char_start)
            if section is None or (at < len(taken[document]) and taken[document][at] < block.char_end):
                continue
            marker = _MARKER.match(source.content.text[block.char_start : block.char_end])
            span = Span(document, block.char_start + (marker.end() if marker else 0), block.char_end)
            text = as_shown(reading_form(source.content.text[span.char_start : span.char_end]))
            yield Statement(
                text,
                span,
                section.index,
                tuple(tongue.content_stems(text)),
                not is_exercise(section.path or (section.title,), tongue) and is_telling_line(text, tongue),
            )


def _legends(material: Material, sections: Sequence[Section], tongue: Language) -> Iterator[Statement]:
    """Yield the paragraphs behind formulas that say what the symbols stand for ("where R is the gas constant"), with the formula."""
    leads = tuple(f"{lead} " for lead in tongue.phrases("symbol_leads"))
    for document, source in enumerate(material):
        section_of = SectionsOf(sections, document, source)
        taught = [block for block in source.content.blocks if block.kind is not BlockKind.FURNITURE]
        for before, block in pairwise(taught):
            section = section_of.of(block) if before.kind is BlockKind.FORMULA else None
            opening = source.content.text[block.char_start : block.char_start + _LEAD_LETTERS].lower()
            if (
                section is None
                or block.kind is not BlockKind.PARAGRAPH
                or not opening.replace(",", "").startswith(leads)
            ):
                continue
            text = as_shown(reading_form(source.content.text[block.char_start : block.char_end]))
            span = Span(document, block.char_start, block.char_end)
            formula = Span(document, before.char_start, before.char_end)
            yield Statement(text, span, section.index, tuple(tongue.content_stems(text)), False, naming=formula)


class _Blocks:
    """Tells in which block an offset stands."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._starts = [block.char_start for block in blocks]

    def at(self, offset: int) -> Block | None:
        at = bisect_right(self._starts, offset) - 1
        return self._blocks[at] if at >= 0 else None

    def is_prose(self, offset: int) -> bool:
        block = self.at(offset)
        return block is None or block.kind in _TAUGHT


# -- lists ----------------------------------------------------------------------------------------------------------


def _listings(material: Material, sections: Sequence[Section], tongue: Language) -> Iterator[Listing]:
    """Yield the lists of three items or more, and glossaries written as paragraphs ("term: what it is"), in order."""
    for document, source in enumerate(material):
        own = [section for section in sections if section.document == document]
        starts = [section.char_start for section in own]
        before: list[Block] = []
        for kind, run in _runs(source.content):
            longest = MAX_ENTRIES if kind == "item" else MAX_GLOSSARY
            if kind != "other" and _LEAST_ENTRIES <= len(run) <= longest and own:
                section = own[max(0, bisect_right(starts, run[0].char_start) - 1)]
                yield _listing(source.content.text, document, before, run, section.index, tongue)
            if kind == "item" and own:
                for head, below in _led(run, source.content.text):
                    section = own[max(0, bisect_right(starts, head.char_start) - 1)]
                    yield _listing(source.content.text, document, [head], below, section.index, tongue)
            before = [*before, *run][-_LOOKED_BACK:] if kind == "other" else []


def _runs(content: DocumentText) -> Iterator[tuple[str, list[Block]]]:
    """Yield the blocks in runs of neighbours of one kind: ``item``, ``entry`` (a labelled paragraph) or ``other``."""

    def kind_of(block: Block) -> str:
        if block.kind is BlockKind.LIST_ITEM:
            return "item"
        opening = content.text[block.char_start : min(block.char_end, block.char_start + _LONGEST_LEAD)]
        if block.kind is BlockKind.PARAGRAPH and _labelled(reading_form(opening)):
            return "entry"
        return "other"

    taught = (block for block in content.blocks if block.kind is not BlockKind.FURNITURE)
    for kind, run in groupby(taught, kind_of):
        yield kind, list(run)


def _led(items: Sequence[Block], text: str) -> Iterator[tuple[Block, list[Block]]]:
    """Yield each item that ends with a colon or has items below it, with the items it leads into."""
    for at, head in enumerate(items):
        level = head.level or 1
        below = list(takewhile(lambda item: (item.level or 1) > level, items[at + 1 :]))  # noqa: B023 - used at once
        if not below and text[head.char_start : head.char_end].rstrip().endswith(":"):
            below = list(takewhile(lambda item: (item.level or 1) == level, items[at + 1 :]))  # noqa: B023
        nearest = min((item.level or 1 for item in below), default=1)
        below = [item for item in below if (item.level or 1) == nearest]
        if _LEAST_ENTRIES <= len(below) <= MAX_ENTRIES:
            yield head, below


def _listing(
    text: str, document: int, before: Sequence[Block], items: Sequence[Block], section: int, tongue: Language
) -> Listing:
    entries = tuple(_entry(text, document, item, tongue) for item in items)
    ordered = all(_NUMBERED.match(text[item.char_start : item.char_start + 8]) for item in items)
    lead, title, start = "", "", items[0].char_start
    if before and before[-1].kind in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM}:
        paragraph = reading_form(text[before[-1].char_start : before[-1].char_end])
        last = re.split(r"(?<=[.!?]) +", _unmarked(paragraph))[-1]
        if paragraph.endswith(":") or last.rstrip(".").lower().endswith(tongue.phrases("list_announcements")):
            lead, start = last, before[-1].char_start
    elif before and before[-1].kind is BlockKind.HEADING:
        title, start = reading_form(text[before[-1].char_start : before[-1].char_end]), before[-1].char_start
    above = " ".join(text[block.char_start : min(block.char_end, block.char_start + _LONGEST_LEAD)] for block in before)
    states = any(phrase in above.lower() for phrase in tongue.phrases("objective_leads"))
    return Listing(lead, Span(document, start, items[-1].char_end), entries, section, ordered, states, title)


def _unmarked(text: str) -> str:
    """Return a line without the bullet, number or letter before it."""
    marker = _MARKER.match(text)
    return text[marker.end() :] if marker else text


def _labelled(text: str) -> re.Match[str] | None:
    """Return the match of a short name and what is said of it, None for any other text."""
    found = _LABEL.match(text)
    return found if found and len(found["label"].split()) <= _LABEL_WORDS else None


def _entry(text: str, document: int, item: Block, tongue: Language) -> Entry:
    marker = _MARKER.match(text[item.char_start : item.char_end])
    span = Span(document, item.char_start + (marker.end() if marker else 0), item.char_end)
    shown = as_shown(reading_form(text[span.char_start : span.char_end]))
    labelled = _labelled(shown)
    if labelled:
        description = labelled["description"].strip()
        first = next(iter(tongue.sentences(description)), (0, len(description)))
        return Entry(shown, span, labelled["label"].strip(" *_"), description[: first[1]].rstrip("."))
    return _entry_by_mark(text, item, span, shown, tongue)


def _entry_by_mark(text: str, item: Block, span: Span, shown: str, tongue: Language) -> Entry:
    """Return an item as an entry; where its author set apart how it begins, that is its label."""
    kinds = {MarkKind.TERM, MarkKind.EMPHASIS}
    mark = next((mark for mark in item.marks if mark.kind in kinds and mark.char_start == span.char_start), None)
    rest = reading_form(text[mark.char_end : span.char_end]) if mark else ""
    described = rest.lstrip(" ,:;–—-")
    if mark is None or described == rest or not described:
        return Entry(shown, span)
    first = next(iter(tongue.sentences(described)), (0, len(described)))
    label = reading_form(text[mark.char_start : mark.char_end])
    return Entry(shown, span, label.strip(" *_"), described[: first[1]].rstrip("."))


def _seen_with(
    statements: Iterable[Statement], terms: Sequence[KeyTerm], tongue: Language
) -> dict[str, frozenset[str]]:
    """Return the word before each term wherever it occurs, in lower case, by the term's name in lower case."""
    heads: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for term in terms:
        name = term.name.lower()
        heads[name.split(" ", 1)[0]][len(name)].add(name)
    seen: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        words = tongue.words(statement.text)
        lowered = statement.text.lower()
        for before, word in pairwise(words):
            for length, names in heads.get(word.text.lower(), {}).items():
                name = lowered[word.start : word.start + length]
                if name in names:
                    seen[name].add(before.text.lower())
    return {name: frozenset(before) for name, before in seen.items()}


def _modifier_signs(statements: Iterable[Statement], terms: Sequence[KeyTerm], tongue: Language) -> dict[Stems, int]:
    """Return how much oftener terms stand as adjectives do (right beside their noun, or after "is") than otherwise."""
    known = {term.stems for term in terms}
    longest = max(map(len, known), default=0)
    auxiliaries = tongue.phrase_set("auxiliaries")
    signs: Counter[Stems] = Counter()
    for statement in statements:
        words = tongue.words(statement.text)
        content = [at for at, word in enumerate(words) if not tongue.is_stop_word(word.text)]
        for start, stems in _longest_terms(statement.stems, known, longest):
            first, last = content[start], content[start + len(stems) - 1]
            beside = first - 1 if tongue.head_first else last + 1
            is_beside = (
                0 <= beside < len(words)
                and not tongue.is_stop_word(words[beside].text)
                and _touch(words, min(first, beside), max(last, beside), statement.text)
            )
            follows_is = len(stems) == 1 and first > 0 and words[first - 1].text.lower() in auxiliaries
            signs[stems] += 1 if is_beside or follows_is else -1
    return {stems: sign for stems, sign in signs.items() if sign}


def _longest_terms(stems: Stems, known: set[Stems], longest: int) -> Iterator[tuple[int, Stems]]:
    at = 0
    while at < len(stems):
        size = next((size for size in range(min(longest, len(stems) - at), 0, -1) if stems[at : at + size] in known), 0)
        if size:
            yield at, stems[at : at + size]
        at += size or 1


def _touch(words: Sequence[Word], first: int, last: int, text: str) -> bool:
    """Tell whether only spaces stand between the first and the last of some words."""
    return all(text[one.end : other.start] == " " for one, other in pairwise(words[first : last + 1]))

"""Wrong options that are siblings of the right one: same list, same heading, same head noun, same form."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from documents_app.domain.matter.types import KeyTerm, Matter, Stems
from sessions_app.engine.questions.places import places_of
from tutor_project.language import Language, fold

_MANY_TERMS = 200
"""Of more terms than this only so many are looked at for each, so that the work grows with the material and no faster."""
_MOST_SIBLINGS, _ENOUGH = 40, 8
"""How many siblings are found for a term, and how many for its place in one statement."""
SET_APART = 0.8
"""Weight of a term that the authors themselves set apart from the running text."""
_PROCESS = "happening"
"""The kind of noun that names a process: no choice beside the name of a thing."""
_GENUS_WORDS, _NEAR_HEADINGS = 4, 6
_SAME_FACT = 0.6
"""Share of a statement's telling words from which on another sentence says the same of a sibling."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """A term that could stand in place of another, and how near it is (higher is nearer).

    ``is_of_a_kind``: the material shows that both are of one kind: one list, column, enumeration, head noun or defining noun.
    Others are only headings near each other, or terms set apart in one section.
    """

    term: KeyTerm
    nearness: float
    is_of_a_kind: bool


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a term is compared by, worked out once, since each is compared with very many.

    ``lists``: numbers of the listings it is an entry of; ``beside``, ``aliases``: terms it is named together with, and its
    other names; ``genus``: the kind of thing that its definition makes of it, None where it has no definition; ``kind``: what
    the ending of its head shows, '' for a thing like any other; ``defining``: the stems of its definition.
    """

    term: KeyTerm
    stems: frozenset[str]
    head: str
    lists: frozenset[int]
    beside: frozenset[Stems]
    aliases: frozenset[Stems]
    genus: frozenset[str] | None
    kind: str
    is_titled: bool
    is_set_apart: bool
    is_plain: bool
    is_modifier: bool
    is_verb: bool
    is_code: bool
    defining: frozenset[str]
    names_something: bool

    def shares_a_list(self, other: _Traits) -> bool:
        return not self.lists.isdisjoint(other.lists)

    def is_of_a_kind(self, other: _Traits) -> bool:
        """Tell whether the material shows that both are of one kind."""
        if self.shares_a_list(other) or other.term.stems in self.beside or self.head == other.head:
            return True
        return self.genus is not None and other.genus is not None and not self.genus.isdisjoint(other.genus)

    def is_kin(self, other: _Traits) -> bool:
        """Tell whether both may be of one kind: no process beside a thing where the material only sets both apart."""
        return self.is_of_a_kind(other) or (
            (self._are_headings(other) or self._are_set_apart(other))
            and (self.kind == other.kind or _PROCESS not in {self.kind, other.kind})
        )

    def _are_set_apart(self, other: _Traits) -> bool:
        """Tell whether the authors set both apart or defined both in one section, as names of one kind of thing."""
        return (
            self.term.section == other.term.section
            and self.is_set_apart
            and other.is_set_apart
            and self.is_code == other.is_code
            and self.names_something
            and other.names_something
        )

    def _are_headings(self, other: _Traits) -> bool:
        """Tell whether both are headings near each other, and not both are defined, which would tell their kinds apart."""
        if self.genus is not None and other.genus is not None:
            return False
        return self.is_titled and other.is_titled and abs(self.term.section - other.term.section) <= _NEAR_HEADINGS

    def nearness(self, other: _Traits) -> float:
        """Return how near another term is; higher is nearer."""
        score = 0.3 * other.term.weight - 0.4 * other.is_plain
        if self.shares_a_list(other):
            score += 1.0
        if other.term.stems in self.beside:
            score += 0.8
        score += 0.7 if self.head == other.head else 0.5
        score += max(0.0, 0.3 - 0.1 * abs(self.term.section - other.term.section))
        score += 0.2 * (len(self.term.stems) == len(other.term.stems)) - 0.3 * (self.is_code != other.is_code)
        return score + 0.1 * bool(other.term.definition) - 0.02 * abs(len(self.term.name) - len(other.term.name))


class Siblings:
    """Finds siblings among the key terms of one matter."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._tongue = matter.language
        self._found: dict[tuple[Stems, bool, bool], list[Sibling]] = {}
        self._beside = self._named_together()
        self._in_order = sorted(matter.terms, key=lambda term: term.section)
        self._gendered = self._tongue.phrase_set("gendered_words")
        self._traits = self._traits_of_all()

    def of(
        self,
        term: KeyTerm,
        *,
        context: Collection[str] = (),
        text: str = "",
        shown: str = "",
    ) -> list[Sibling]:
        """Return the siblings of ``term``, nearest first, none of them part of another: up to 40, with ``text`` up to 8.

        With ``shown`` (the term as it stands in ``text``) they fit its place in number and case of letters.

        ``text`` is the statement in which they would stand, ``context`` the stems of what it says of the term: a sibling
        that is named there, or of which the material says the same elsewhere, would be right too.
        """
        said = frozenset(context)
        own = frozenset(term.stems)
        about = said - own
        lowered = fold(text)
        kept: list[Sibling] = []
        taken: dict[str, list[frozenset[str]]] = {}
        for sibling in self._fitting(term, shown):
            stems = self._traits[sibling.term.stems].stems
            alike = (other for stem in stems for other in taken.get(stem, ()))
            if (
                (not text or fold(sibling.term.name) not in lowered)
                and stems & said <= own
                and not any(stems <= other or other <= stems for other in alike)
                and not self._matter.is_said_with(sibling.term.stems, about, _SAME_FACT)
            ):
                kept.append(sibling)
                for stem in stems:
                    taken.setdefault(stem, []).append(stems)
            if len(kept) == (_ENOUGH if text else _MOST_SIBLINGS):
                break
        return kept

    def _fitting(self, term: KeyTerm, shown: str) -> list[Sibling]:
        """Return what could stand in place of a term in some form, nearest first; found once for each kind of place."""
        form = shown or term.name
        place = (term.stems, is_name(form), is_plural(form))
        known = self._found.get(place)
        if known is None:
            known = self._found[place] = sorted(self._standing_for(*place), key=lambda sibling: -sibling.nearness)
        return known

    def _standing_for(self, stems: Stems, named: bool, plural: bool) -> Iterator[Sibling]:
        """Yield what can stand where a term stands, which is a name there or not, a plural or not."""
        mine = self._traits[stems]
        for other in self._looked_at(mine.term):
            theirs = self._traits[other.stems]
            if mine.is_kin(theirs) and self._fits(mine, theirs, named, plural):
                yield Sibling(other, mine.nearness(theirs), mine.is_of_a_kind(theirs))

    def _looked_at(self, term: KeyTerm) -> Sequence[KeyTerm]:
        """Return the terms that may be siblings: of very many those of the nearest sections and those named beside it."""
        if len(self._in_order) <= _MANY_TERMS:
            return self._matter.terms
        at = bisect_left(self._in_order, term.section, key=lambda other: other.section)
        near = self._in_order[max(0, at - _MANY_TERMS // 2) : at + _MANY_TERMS // 2]
        beside = (self._matter.term_of[stems] for stems in sorted(self._beside.get(term.stems, ())))
        return list(dict.fromkeys([*near, *islice(beside, _MANY_TERMS)]))

    def follows(self, term: KeyTerm, word: str) -> bool:
        """Tell whether a term may stand behind a word in lower case: one that shows a gender has to be seen before it somewhere."""
        plain, seen = word.replace("’", "'"), self._matter.seen_with.get(term.name.lower(), frozenset())
        return plain not in self._gendered or plain in {one.replace("’", "'") for one in seen}

    def _fits(self, mine: _Traits, theirs: _Traits, named: bool, plural: bool) -> bool:
        if mine.stems <= theirs.stems or theirs.stems <= mine.stems:
            return False
        if mine.shares_a_list(theirs):
            return True
        # What is defined by the other is a part or a kind of it: what is true of one may be true of both.
        if mine.stems <= theirs.defining or theirs.stems <= mine.defining:
            return False
        return (
            not (theirs.is_plain and len(mine.term.stems) > 1)
            and mine.is_modifier == theirs.is_modifier
            and theirs.term.stems not in mine.aliases
            and named == is_name(theirs.term.name)
            and mine.is_verb == theirs.is_verb
            and (self._tongue.joins_nouns or plural == is_plural(theirs.term.name))
        )

    def _traits_of_all(self) -> dict[Stems, _Traits]:
        lists = self._lists()
        aliases = self._other_names()
        titles = {tuple(self._tongue.content_stems(title)) for title in self._matter.titles.values()}
        verb_endings = tuple(self._tongue.mapping("noun_shape").get("verb_endings", "").split())
        leads = self._tongue.phrase_set("noun_leads") | self._tongue.phrase_set("determiners")
        listed = self._tongue.mapping("noun_kinds").items()
        kinds = {kind: tuple(map(fold, endings.split())) for kind, endings in listed}
        vague = {self._tongue.stem(word) for word in self._tongue.phrase_set("relational_nouns")}
        return {
            term.stems: _Traits(
                term=term,
                stems=frozenset(term.stems),
                head=self._head(term),
                lists=frozenset(lists.get(term.stems, ())),
                beside=frozenset(self._beside.get(term.stems, ())),
                aliases=frozenset(aliases.get(term.stems, ())),
                genus=self._defining_words(term) - vague if term.definition else None,
                kind=self._kind(term, kinds),
                is_titled=term.stems in titles,
                is_set_apart=bool(term.definition) or term.weight >= SET_APART,
                is_plain=term.is_plain,
                is_modifier=term.stems in self._matter.modifiers,
                is_verb=" " not in term.name and term.name.islower() and term.name.endswith(verb_endings),
                is_code=is_code(term.name),
                defining=frozenset(self._tongue.content_stems(term.definition)),
                # A term stands where nouns do: a lone word behind an article or a preposition.
                names_something=" " in term.name
                or bool(term.definition)
                or term.stems in titles
                or not term.name.islower()
                or not leads.isdisjoint(self._matter.seen_with.get(term.name, frozenset())),
            )
            for term in self._matter.terms
        }

    def _lists(self) -> dict[Stems, set[int]]:
        """The numbers of the listings that each entry stands in, and, below zero, of the tables whose rows it names."""
        found: dict[Stems, set[int]] = {}
        for number, listing in enumerate(self._matter.listings):
            for entry in listing.entries:
                found.setdefault(tuple(self._tongue.content_stems(entry.label or entry.text)), set()).add(number)
        for row in self._matter.rows:
            found.setdefault(tuple(self._tongue.content_stems(row.name)), set()).add(-1 - row.table)
        return found

    def _defining_words(self, term: KeyTerm) -> frozenset[str]:
        """Return the first content words of a definition: the kind of thing that the term is said to be."""
        opening = " ".join(term.definition.split()[:_GENUS_WORDS])
        return frozenset(self._tongue.content_stems(opening))

    def _kind(self, term: KeyTerm, kinds: Mapping[str, tuple[str, ...]]) -> str:
        head = fold(self._tongue.head_of(term.name))
        return next((kind for kind, ends in kinds.items() if head.removesuffix("s").endswith(ends)), "")

    def _head(self, term: KeyTerm) -> str:
        head = self._tongue.stem(self._tongue.head_of(term.name))
        return head[-6:] if self._tongue.joins_nouns else head

    def _named_together(self) -> dict[Stems, set[Stems]]:
        """Terms that stand side by side in an enumeration: "A, B or C"; a comma alone may part a clause from the next."""
        ending = {f" {word} " for word in self._tongue.phrases("conjunctions")}
        ending |= {f",{word}" for word in ending}
        found: dict[Stems, set[Stems]] = {}
        for statement in self._matter.statements:
            run: list[Stems] = []
            end = -1
            for place in places_of(statement, self._matter):
                between = self._without_article(statement.text[end : place.start]) if end >= 0 else ""
                run = [*(run if between in {", ", *ending} else ()), place.term.stems]
                if between in ending:
                    for one in run:
                        found.setdefault(one, set()).update(other for other in run if other != one)
                end = place.end
        return found

    def _without_article(self, text: str) -> str:
        head, _, last = text.rstrip(" ").rpartition(" ")
        return f"{head} " if last.lower() in self._tongue.phrase_set("determiners") else text

    def _other_names(self) -> dict[Stems, set[Stems]]:
        """Two terms side by side as "A (B)" or "A or B" may be one thing."""
        names: dict[str, Stems] = {term.name.lower(): term.stems for term in self._matter.terms}
        lengths = sorted({len(name) for name in names}, reverse=True)
        found: dict[Stems, set[Stems]] = {}
        for statement in self._matter.statements:
            before, bracket, rest = statement.text.lower().partition(" (")
            if not bracket:
                continue
            inside = rest.partition(")")[0].strip()
            outside = next((before[-size:] for size in lengths if before[-size:] in names), "")
            if outside and inside in names:
                found.setdefault(names[inside], set()).add(names[outside])
                found.setdefault(names[outside], set()).add(names[inside])
        return found


def is_plural(name: str) -> bool:
    """Tell whether a name looks like a plural; wrong for a few words, the same way for all."""
    return name.endswith("s") and not name.endswith(("ss", "us", "is"))


def is_name(name: str) -> bool:
    """Tell whether a name is written with a capital as proper names are; abbreviations are not meant."""
    return name[:1].isupper() and not name.isupper()


def share_head(one: KeyTerm, other: KeyTerm, tongue: Language) -> bool:
    """Tell whether two terms are named as kinds of one thing: "internal sphincter", "external sphincter"."""
    return tongue.stem(tongue.head_of(one.name)) == tongue.stem(tongue.head_of(other.name))


def is_code(name: str) -> bool:
    """Tell whether a name is an abbreviation or holds signs of code."""
    return name.isupper() or "_" in name or "(" in name

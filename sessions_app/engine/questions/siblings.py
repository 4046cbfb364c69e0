"""Wrong options that are siblings of the right one: same list, same heading, same head noun, same form."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from documents_app.domain.matter.types import NOUN_FIRST, KeyTerm, Matter, Stems
from sessions_app.engine.questions.drafts import WRONG_OPTIONS
from sessions_app.engine.questions.places import places_of
from tutor_project.language import fold

_MANY_TERMS = 200
"""Of more terms than this only so many are looked at for each, so that the work grows with the material and no faster."""
_MOST_SIBLINGS, _ENOUGH = 40, 8
"""How many siblings are found for a term, and how many for its place in one statement."""
_PEERS = 0.1
"""By so much less at most a term weighs than the one that it may stand for."""
MARKED = 0.7
"""Weight of a term that the authors set apart or made a heading of."""
_GENUS_WORDS, _NEAR_HEADINGS = 4, 6
_SAME_FACT = 0.6
"""Share of a statement's telling words from which on another sentence says the same of a sibling."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """A term that could stand in place of another, and how near it is (higher is nearer)."""

    term: KeyTerm
    nearness: float
    is_kin: bool
    """Whether the material shows that both are of one kind: one list, enumeration, head noun or defining noun."""


class Siblings:
    """Finds siblings among the key terms of one matter."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._tongue = matter.language
        self._lists_of: dict[Stems, set[int]] = {}
        for number, listing in enumerate(matter.listings):
            for entry in listing.entries:
                self._lists_of.setdefault(tuple(self._tongue.content_stems(entry.label or entry.text)), set()).add(
                    number
                )
        self._found: dict[tuple[Stems, str], list[Sibling]] = {}
        self._aliases = self._other_names()
        self._beside = self._named_together()
        self._in_order = sorted(matter.terms, key=lambda term: term.section)
        self._vague = {self._tongue.stem(word) for word in self._tongue.phrase_set("relational_nouns")}
        self._document_of = {statement.section: statement.span.document for statement in matter.statements}
        self._titles = {tuple(self._tongue.content_stems(title)) for title in matter.titles.values()}
        self._genus = {term.stems: self._defining_words(term) for term in matter.terms if term.definition}
        self._gendered = self._tongue.phrase_set("gendered_words")
        self._verb_endings = tuple(self._tongue.mapping("noun_shape").get("verb_endings", "").split())
        self._noun_leads = self._tongue.phrase_set("noun_leads") | self._tongue.phrase_set("determiners")

    def of(
        self,
        term: KeyTerm,
        *,
        context: Collection[str] = (),
        text: str = "",
        shown: str = "",
    ) -> list[Sibling]:
        """Return the siblings of ``term``, nearest first, none of them part of another; with ``text`` the nearest ones.

        With ``shown`` (the term as it stands in ``text``) they fit its place in number and case of letters.

        ``text`` is the statement in which they would stand, ``context`` the stems of what it says of the term: a sibling
        that is named there, or of which the material says the same elsewhere, would be right too.
        """
        about = frozenset(context) - set(term.stems)
        lowered = fold(text)
        kept: list[Sibling] = []
        for sibling in self._fitting(term, shown):
            stems = set(sibling.term.stems)
            if (
                (not text or fold(sibling.term.name) not in lowered)
                and not stems <= set(context)
                and not any(stems <= set(other.term.stems) or set(other.term.stems) <= stems for other in kept)
                and not self._matter.is_said_with(sibling.term.stems, about, _SAME_FACT)
            ):
                kept.append(sibling)
            if len(kept) == (_ENOUGH if text else _MOST_SIBLINGS):
                break
        return kept

    def _fitting(self, term: KeyTerm, shown: str) -> list[Sibling]:
        """Return what could stand in place of a term in some form, nearest first; found once for each."""
        known = self._found.get((term.stems, shown))
        if known is None:
            fitting = (
                Sibling(other, self._nearness(term, other), self._is_kin(term, other))
                for other in self._looked_at(term)
                if (self._is_kin(term, other) or self._are_peers(term, other)) and self._can_replace(term, other, shown)
            )
            known = sorted(fitting, key=lambda sibling: (not sibling.is_kin, -sibling.nearness))
            self._found[term.stems, shown] = known
        return known

    def _looked_at(self, term: KeyTerm) -> Sequence[KeyTerm]:
        """Return the terms that may be siblings: of very many those of the nearest sections and those named beside it."""
        if len(self._in_order) <= _MANY_TERMS:
            return self._matter.terms
        at = bisect_left(self._in_order, term.section, key=lambda other: other.section)
        near = self._in_order[max(0, at - _MANY_TERMS // 2) : at + _MANY_TERMS // 2]
        beside = (self._matter.term_of[stems] for stems in sorted(self._beside.get(term.stems, ())))
        return list(dict.fromkeys([*near, *islice(beside, _MANY_TERMS)]))

    def follows(self, term: KeyTerm, word: str) -> bool:
        """Tell whether a term may stand behind a word: one that shows a gender has to be seen before it somewhere."""
        return word not in self._gendered or word in self._matter.seen_with.get(term.name.lower(), frozenset())

    def _can_replace(self, term: KeyTerm, other: KeyTerm, form: str) -> bool:
        mine, theirs = set(term.stems), set(other.stems)
        if self._share_a_list(term, other):
            return not (mine <= theirs or theirs <= mine)
        if other.is_plain and len(term.stems) > 1:
            return False
        if (term.stems in self._matter.modifiers) != (other.stems in self._matter.modifiers):
            return False
        if mine <= theirs or theirs <= mine or other.stems in self._aliases.get(term.stems, ()):
            return False
        if is_name(form or term.name) != is_name(other.name) or self._is_verb(term.name) != self._is_verb(other.name):
            return False
        return self._same_number(form or term.name, other.name)

    def _is_verb(self, name: str) -> bool:
        return " " not in name and name.islower() and name.endswith(self._verb_endings)

    def _same_number(self, one: str, other: str) -> bool:
        return self._tongue.tag == "de" or is_plural(one) == is_plural(other)

    def _nearness(self, term: KeyTerm, other: KeyTerm) -> float:
        score = 0.3 * other.weight - 0.4 * other.is_plain
        if self._share_a_list(term, other):
            score += 1.0
        if other.stems in self._beside.get(term.stems, ()):
            score += 0.8
        if self._head(term) == self._head(other):
            score += 0.7
        elif self._is_kin(term, other):
            score += 0.5
        score += max(0.0, 0.3 - 0.1 * abs(term.section - other.section))
        score += 0.2 * (len(term.stems) == len(other.stems)) - 0.3 * (is_code(term.name) != is_code(other.name))
        return score + 0.1 * bool(other.definition) - 0.02 * abs(len(term.name) - len(other.name))

    def _is_kin(self, term: KeyTerm, other: KeyTerm) -> bool:
        return (
            self._share_a_list(term, other)
            or other.stems in self._beside.get(term.stems, ())
            or self._head(term) == self._head(other)
            or self._are_said_alike(term, other)
        )

    def _are_said_alike(self, term: KeyTerm, other: KeyTerm) -> bool:
        """Tell whether both are defined by one kind of thing, or are headings near each other where one has no definition."""
        mine, theirs = self._genus.get(term.stems), self._genus.get(other.stems)
        if mine is not None and theirs is not None:
            return bool(mine & theirs)
        near = abs(term.section - other.section) <= _NEAR_HEADINGS
        return near and term.stems in self._titles and other.stems in self._titles

    def _are_peers(self, term: KeyTerm, other: KeyTerm) -> bool:
        """Tell whether the authors of one document made as much of both, and both are names of like length."""
        return (
            other.weight >= term.weight - _PEERS
            and self._document_of.get(term.section) == self._document_of.get(other.section)
            and abs(len(term.stems) - len(other.stems)) <= 1
            and is_code(term.name) == is_code(other.name)
            and self._names_something(term)
            and self._names_something(other)
        )

    def _names_something(self, term: KeyTerm) -> bool:
        """Tell whether a term stands where nouns do: a lone word behind an article or a preposition."""
        if " " in term.name or term.definition or term.stems in self._titles or not term.name.islower():
            return True
        return bool(self._matter.seen_with.get(term.name, frozenset()) & self._noun_leads)

    def _defining_words(self, term: KeyTerm) -> frozenset[str]:
        """Return the first content words of a definition: the kind of thing that the term is said to be."""
        opening = " ".join(term.definition.split()[:_GENUS_WORDS])
        return frozenset(self._tongue.content_stems(opening)) - self._vague

    def _share_a_list(self, term: KeyTerm, other: KeyTerm) -> bool:
        return bool(self._lists_of.get(term.stems, set()) & self._lists_of.get(other.stems, set()))

    def _head(self, term: KeyTerm) -> str:
        if self._tongue.tag in NOUN_FIRST:
            return term.stems[0]
        return term.stems[-1][-6:] if self._tongue.tag == "de" else term.stems[-1]

    def _named_together(self) -> dict[Stems, set[Stems]]:
        """Terms that stand side by side in an enumeration: "A, B or C"."""
        joined = {f" {word} " for word in self._tongue.phrases("conjunctions")}
        joined |= {", ", *(f",{word}" for word in joined)}
        found: dict[Stems, set[Stems]] = {}
        for statement in self._matter.statements:
            run: list[Stems] = []
            end = -1
            for place in places_of(statement, self._matter):
                between = statement.text[end : place.start] if end >= 0 else ""
                if self._without_article(between) not in joined:
                    run = []
                for other in run:
                    found.setdefault(other, set()).add(place.term.stems)
                    found.setdefault(place.term.stems, set()).add(other)
                run.append(place.term.stems)
                end = place.end
        return found

    def _without_article(self, text: str) -> str:
        head, _, last = text.rstrip(" ").rpartition(" ")
        return f"{head} " if last.lower() in self._tongue.phrase_set("determiners") else text

    def _other_names(self) -> dict[Stems, set[Stems]]:
        """Two terms side by side as "A (B)" or "A or B" may be one thing."""
        names: dict[str, Stems] = {term.name.lower(): term.stems for term in self._matter.terms}
        found: dict[Stems, set[Stems]] = {}
        for statement in self._matter.statements:
            before, bracket, rest = statement.text.lower().partition(" (")
            if not bracket:
                continue
            inside = rest.partition(")")[0].strip()
            outside = next((name for name in names if before.endswith(name)), None) if inside in names else None
            if outside is not None:
                found.setdefault(names[inside], set()).add(names[outside])
                found.setdefault(names[outside], set()).add(names[inside])
        return found


def plausible(term: KeyTerm, near: Sequence[Sibling]) -> list[Sibling]:
    """Return the wrong options of a question about ``term``, none where nothing shows that they are of its kind.

    The material shows it of one of them at least, or the authors set all of them and the term apart.
    """
    chosen = list(near[:WRONG_OPTIONS])
    marked = all(one.weight >= MARKED for one in (term, *(sibling.term for sibling in chosen)))
    enough = len(chosen) == WRONG_OPTIONS and (marked or any(sibling.is_kin for sibling in chosen))
    return chosen if enough else []


def is_plural(name: str) -> bool:
    """Tell whether a name looks like a plural; wrong for a few words, the same way for all."""
    return name.endswith("s") and not name.endswith(("ss", "us", "is"))


def is_name(name: str) -> bool:
    """Tell whether a name is written with a capital as proper names are; abbreviations are not meant."""
    return name[:1].isupper() and not name.isupper()


def is_code(name: str) -> bool:
    """Tell whether a name is an abbreviation or holds signs of code."""
    return name.isupper() or "_" in name or "(" in name

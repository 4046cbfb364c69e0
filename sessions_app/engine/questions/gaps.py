"""Questions from statements about key terms: a gap for the term or for a value, true or false by exchange of siblings."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents_app.domain.matter.types import KeyTerm, Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.siblings import Sibling, Siblings
from tutor_project.language import fold

GAP = "_____"
_MIN_ABOUT = 4
"""Content words a statement says of its term; fewer tell too little to know it by."""
_MAX_NEAR = 6
_NEAR_ENOUGH = 0.9
"""Nearness of a sibling from which on putting it in the place of a term makes a false statement that is not absurd."""
_JOINING = frozenset("-/‑–(")
_LEADING, _HEAVY = 60, 0.5
"""A statement that begins with a weighty term is about it, whether or not it names another."""
_LEAST_WORTH = 0.35
_BEGINNING = 6
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a term stands in a statement."""

    term: KeyTerm
    start: int
    end: int


class Gaps:
    """Writes the questions that statements give; finds the terms of each statement once."""

    def __init__(self, matter: Matter, siblings: Siblings, rng: random.Random) -> None:
        self._matter = matter
        self._siblings = siblings
        self._rng = rng
        self._longest = max((len(term.stems) for term in matter.terms), default=0)

    def drafts(self) -> Iterator[Draft]:
        """Yield the questions of every statement that stands alone."""
        for statement in self._matter.statements:
            if not statement.stands_alone or _NUMBER.search(statement.text):
                continue
            places = self._places(statement)
            for place in self._subjects(statement, places):
                if place.term.is_plain:
                    continue
                yield from self._about(statement, place, places)

    def _places(self, statement: Statement) -> list[_Place]:
        """Return the key terms in a statement, the longest at each place, in order."""
        words = self._matter.language.content_words(statement.text)
        found: list[_Place] = []
        at = 0
        while at < len(words):
            for size in range(min(self._longest, len(words) - at), 0, -1):
                term = self._matter.term_of.get(statement.stems[at : at + size])
                if term is not None:
                    found.append(_Place(term, words[at].start, words[at + size - 1].end))
                    at += size
                    break
            else:
                at += 1
        return found

    def _subjects(self, statement: Statement, places: list[_Place]) -> Iterator[_Place]:
        """Yield the places a gap may be made at: terms named once, whose words do not come again."""
        for place in places:
            once = sum(other.term is place.term for other in places) == 1
            rest = statement.text[: place.start] + " " + statement.text[place.end :]
            left = self._matter.language.content_stems(rest)
            again = set(place.term.stems) & set(left)
            if once and not again and len(left) >= _MIN_ABOUT and self._is_whole(statement.text, place):
                yield place

    def _is_whole(self, text: str, place: _Place) -> bool:
        """Tell whether the term stands there as a noun phrase of its own: in its own form, between words that are none of it."""
        if not self._is_form_of(text[place.start : place.end], place.term.name):
            return False
        before, after = text[: place.start].rstrip(" "), text[place.end :]
        if after[:1] in _JOINING or (before and before[-1] in _JOINING):
            return False
        previous = before.rsplit(" ", 1)[-1].rsplit("'", 1)[-1].rsplit("’", 1)[-1]
        following = after.split(" ", 2)[1] if after.startswith(" ") and len(after) > 1 else ""
        return self._is_outside(previous) and (self._is_outside(following) or self._is_verb(following))

    def _is_outside(self, word: str) -> bool:
        return (
            not word
            or not word[0].isalnum()
            or word[-1] in ",;:"
            or self._matter.language.is_stop_word(word.strip(",;:.()"))
        )

    def _is_verb(self, word: str) -> bool:
        return self._matter.language.stem(word.strip(",;:.()")) in self._matter.verbs

    def _is_form_of(self, shown: str, name: str) -> bool:
        one, other = fold(shown), fold(name)
        shorter, longer = sorted((one, other), key=len)
        if one == other:
            return True
        endings = self._matter.language.phrase_set("plural_endings")
        return (longer.startswith(shorter) and longer[len(shorter) :] in endings) or (
            shorter[-1:] == "y" and longer == shorter[:-1] + "ies"
        )

    def _about(self, statement: Statement, place: _Place, places: list[_Place]) -> Iterator[Draft]:
        shown = _cased(statement.text[place.start : place.end], place)
        near = self._siblings.of(place.term, context=statement.stems, text=statement.text, shown=shown)[:_MAX_NEAR]
        named = len({other.term.stems for other in places})
        leads = place.start < _LEADING and place.term.weight >= _HEAVY
        if named < 2 and not leads and place.term.span != statement.span:
            return
        worth = self._worth(statement, place, named)
        if worth < _LEAST_WORTH:
            return
        if len(near) >= WRONG_OPTIONS:
            yield self._choice(statement, place, near, worth)
            if near[0].nearness >= _NEAR_ENOUGH:
                yield self._exchanged(statement, place, near[0], worth)
                yield self._true(statement, place, worth)
        if place.term.weight >= 0.7 and len(place.term.stems) <= 2:
            yield self._typed(statement, place, worth)

    def _worth(self, statement: Statement, place: _Place, named: int) -> float:
        """Statements about a weighty term, begun with it, that name other terms too, are worth knowing."""
        early = 1.0 - min(1.0, place.start / 60)
        defines = place.term.span == statement.span
        return min(1.0, 0.45 * place.term.weight + 0.2 * early + 0.1 * min(2, named - 1) + 0.25 * defines)

    def _gapped(self, statement: Statement, place: _Place) -> str:
        before = statement.text[: place.start]
        if self._matter.language.tag == "en":
            before = re.sub(r"\b([Aa])n? $", r"\1(n) ", before)
        return before + GAP + statement.text[place.end :]

    def _choice(self, statement: Statement, place: _Place, near: list[Sibling], worth: float) -> Draft:
        key = statement.text[place.start : place.end]
        return Draft(
            pattern="gap",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(self._matter.language, "gap_choice", statement=self._gapped(statement, place)),
            key=_cased(key, place),
            wrong=tuple(sibling.term.name for sibling in near[:WRONG_OPTIONS]),
            evidence=(statement.span,),
            section=statement.section,
            worth=worth,
            concept=place.term.name,
            hardness=0.3 + 0.25 * near[0].nearness,
        )

    def _typed(self, statement: Statement, place: _Place, worth: float) -> Draft:
        """A gap to fill; one at the beginning is asked for as a question, since a sentence should not begin with its gap."""
        gapped = self._gapped(statement, place)
        begins = place.start < _BEGINNING
        return Draft(
            pattern="cloze",
            kind=QuestionKind.SHORT_ANSWER if begins else QuestionKind.CLOZE,
            stem=template(self._matter.language, "gap_typed", statement=gapped) if begins else gapped,
            key=_cased(statement.text[place.start : place.end], place),
            evidence=(statement.span,),
            section=statement.section,
            worth=0.9 * worth,
            concept=place.term.name,
            hardness=0.7,
        )

    def _exchanged(self, statement: Statement, place: _Place, sibling: Sibling, worth: float) -> Draft:
        other = sibling.term.name
        if place.start == 0:
            other = other[:1].upper() + other[1:]
        before = statement.text[: place.start]
        if self._matter.language.tag == "en":
            article = "an" if other[:1].lower() in "aeiou" else "a"
            before = re.sub(
                r"\b[Aa]n? $", lambda m: (article if m[0][0] == "a" else article.capitalize()) + " ", before
            )
        return Draft(
            pattern="statement",
            kind=QuestionKind.TRUE_FALSE,
            stem=before + other + statement.text[place.end :],
            key="",
            value=False,
            evidence=(statement.span,),
            section=statement.section,
            worth=0.8 * worth,
            concept=place.term.name,
            hardness=0.5,
        )

    def _true(self, statement: Statement, place: _Place, worth: float) -> Draft:
        return Draft(
            pattern="statement",
            kind=QuestionKind.TRUE_FALSE,
            stem=statement.text,
            key="",
            value=True,
            evidence=(statement.span,),
            section=statement.section,
            worth=0.8 * worth,
            concept=place.term.name,
            hardness=0.4,
        )


def _cased(key: str, place: _Place) -> str:
    """A term that begins the sentence is written as inside one."""
    return place.term.name if place.start == 0 and key.lower() == place.term.name.lower() else key

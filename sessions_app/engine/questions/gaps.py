"""Questions from statements about key terms: a gap for the term or for a value, true or false by exchange of siblings."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from documents_app.domain.matter.naming import is_named_at
from documents_app.domain.matter.standing import may_be_verb, names_a_year
from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.definitions import is_defined_well
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.places import Place, places_of
from sessions_app.engine.questions.siblings import SET_APART, Sibling, Siblings
from sessions_app.engine.questions.worth import telling_stems, worth_of
from tutor_project.language import fold

GAP = "_____"
_TELLING = 5
"""Letters of a stem that give a term away inside a longer word: "Kollisionsverzerrung" tells "Kollision"."""
_MIN_ABOUT = 4
"""Content words a statement says of its term; fewer tell too little to know it by."""
_MIN_BROUGHT_IN = 6
"""Content words that a statement says of a term which it neither defines nor names."""
_BESIDE = 4
"""Content words of a statement beside a definition in it and its term, from which on it is about something else too."""
_JOINING = frozenset("-/‑–(")
_HEAVY = 0.5
"""Weight of a term that matters."""
_BEGINNING = 6
_GENERAL = 0.6
"""Worth of a statement from which on it says what holds in general."""


class Gaps:
    """Writes the questions that statements give; finds the terms of each statement once."""

    def __init__(self, matter: Matter, siblings: Siblings, rng: random.Random) -> None:
        self._matter = matter
        self._siblings = siblings
        self._rng = rng
        self._denials = matter.language.phrase_set("negations")

    def drafts(self) -> Iterator[Draft]:
        """Yield the questions of every statement that stands alone."""
        for statement in (*self._matter.askable, *self._matter.in_context):
            if names_a_year(statement.text):
                continue
            places = [place for place in places_of(statement, self._matter) if place.start >= statement.context]
            for place in self._subjects(statement, places):
                if not self._is_defined_aside(statement, place):
                    yield from self._about(statement, place, places)

    def _is_defined_aside(self, statement: Statement, place: Place) -> bool:
        """Tell whether a statement says much else beside defining its term: the definition alone is asked then."""
        term = place.term
        if term.span != statement.span or term.definition not in statement.text or not is_defined_well(term):
            return False
        rest = statement.text.replace(term.definition, " ", 1)
        return len(self._matter.language.content_stems(rest)) - len(term.stems) > _BESIDE

    def _subjects(self, statement: Statement, places: list[Place]) -> Iterator[Place]:
        """Yield the places a gap may be made at: terms named once, whose words do not come again."""
        for place in places:
            once = sum(other.term is place.term for other in places) == 1
            rest = statement.text[: place.start] + " " + statement.text[place.end :]
            left = self._matter.language.content_stems(rest)
            again = any(
                stem == other or (len(stem) >= _TELLING and stem in other)
                for stem in place.term.stems
                for other in left
            )
            if (
                not once
                or again
                or len(telling_stems(left, statement.section, self._matter)) < _MIN_ABOUT
                or self._is_one_of_some(statement.text, place)
            ):
                continue
            if self._is_form_of(statement.text[place.start : place.end], place.term.name) and (
                self._is_sure(statement, place) or self._is_whole(statement.text, place)
            ):
                yield place

    def _is_one_of_some(self, text: str, place: Place) -> bool:
        """Tell whether the term is one of some examples, or stands beside another by "and": others would do as well."""
        tongue = self._matter.language
        words = "|".join(map(re.escape, tongue.phrases("open_lists")))
        if words and re.search(rf" (?:{words}) [^.;:()]*$", text[: place.start]):
            return True
        joined = "|".join(map(re.escape, tongue.phrases("conjunctions")))
        articles = "|".join(map(re.escape, tongue.phrases("determiners")))
        beside = rf"(?: |,)(?:{joined})(?: (?:{articles}))? $"
        return bool(joined) and (
            re.search(beside, text[: place.start], re.IGNORECASE) is not None
            or re.match(rf"(?:, (?:\S+ ){{1,3}}|,? )(?:{joined}) ", text[place.end :]) is not None
        )

    def _is_whole(self, text: str, place: Place) -> bool:
        """Tell whether the term stands there as a noun phrase of its own: in its own form, between words that are none of it."""
        before, after = text[: place.start].rstrip(" "), text[place.end :]
        if after[:1] in _JOINING or (before and before[-1] in _JOINING):
            return False
        previous = before.rsplit(" ", 1)[-1].rsplit("'", 1)[-1].rsplit("’", 1)[-1]
        leads = self._matter.language.phrase_set("verb_leads")
        if len(place.term.stems) == 1 and text[place.start].islower() and previous.lower() in leads:
            return False  # "to stream": the word is a verb here
        if previous.lower() in self._matter.language.phrase_set("possessives"):
            return False  # "his _____": whose, the text before it tells
        if not self._matter.language.is_full:
            return True  # which words are no part of a name is not known
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
        return may_be_verb(word.strip(",;:.()"), self._matter.language, self._matter.verbs)

    def _is_form_of(self, shown: str, name: str) -> bool:
        one, other = fold(shown), fold(name)
        shorter, longer = sorted((one, other), key=len)
        if one == other:
            return True
        endings = self._matter.language.phrase_set("plural_endings")
        return (longer.startswith(shorter) and longer[len(shorter) :] in endings) or (
            shorter[-1:] == "y" and longer == shorter[:-1] + "ies"
        )

    def _about(self, statement: Statement, place: Place, places: list[Place]) -> Iterator[Draft]:
        near = self._near(statement, place)
        named = len({other.term.stems for other in places})
        worth = self._worth(statement, place, named)
        # Of a definition alone it is sure that no other word would do in its place, and only of a term that is defined
        # too that it is something else; in a language whose words for definitions are not known, of what begins with its term.
        sure = self._is_sure(statement, place) if self._matter.language.is_full else place.start == 0
        # What is only set apart beside it makes no sense in its place.
        known = [one for one in near if one.is_of_a_kind and (one.term.definition or one.term.weight >= SET_APART)]
        if (sure or self._is_brought_in(statement, place)) and len(known) >= LEAST_WRONG:
            yield self._choice(statement, place, known[:WRONG_OPTIONS], worth)
        if near and place is places[0] and self._may_be_exchanged(statement, place, near[0]):
            yield self._exchanged(statement, place, near[0], worth)
            yield self._true(statement, place, worth)
        if sure and len(place.term.stems) <= 2:
            yield self._typed(statement, place, worth)

    def _is_sure(self, statement: Statement, place: Place) -> bool:
        """Tell whether a statement defines the term at a place, or gives it its name."""
        defines = is_defined_well(place.term) and place.term.span == statement.span
        return defines or is_named_at(statement.text, place.start, place.end, self._matter.language)

    def _is_brought_in(self, statement: Statement, place: Place) -> bool:
        """Tell whether the authors set the term apart in this statement, which says what holds in general."""
        told = len(telling_stems(statement.stems, statement.section, self._matter) - set(place.term.stems))
        first = place.term.weight >= SET_APART and place.term.span == statement.span and told >= _MIN_BROUGHT_IN
        return first and worth_of(statement, self._matter) >= _GENERAL

    def _near(self, statement: Statement, place: Place) -> list[Sibling]:
        shown = _cased(statement.text[place.start : place.end], place)
        before = [word.text.lower() for word in self._matter.language.words(statement.text[: place.start])][-1:]
        found = [
            sibling
            for sibling in self._siblings.of(place.term, context=statement.stems, text=statement.text, shown=shown)
            if not before or self._siblings.follows(sibling.term, before[0])
        ]
        return found if len(found) >= LEAST_WRONG else []

    def _may_be_exchanged(self, statement: Statement, place: Place, sibling: Sibling) -> bool:
        """Tell whether a statement becomes wrong with a sibling: nothing in it is denied."""
        if min(sibling.term.weight, place.term.weight) < _HEAVY:
            return False
        return self._denials.isdisjoint(word.lower() for word in statement.text.split())

    def _worth(self, statement: Statement, place: Place, named: int) -> float:
        """Statements about a weighty term, begun with it, that name other terms too, are worth knowing."""
        leads = not self._matter.language.content_stems(statement.text[statement.context : place.start])
        defines = place.term.span == statement.span
        share = self._matter.share(place.term)
        others = 0.1 * min(2, named - 1)
        about = min(1.0, 0.2 + 0.5 * share + 0.25 * leads + others + 0.3 * defines) - 0.2 * place.term.is_plain
        return about if defines else about * worth_of(statement, self._matter)

    def _gapped(self, statement: Statement, place: Place) -> str:
        """Return the statement with a gap; an article that tells the first letter of the word behind it is written for any."""
        before, tongue = statement.text[: place.start], self._matter.language
        sounding = re.search(rf"(?<!\w)(?:{tongue.alternatives('sounding_articles')}) $", before, re.IGNORECASE)
        if sounding is not None:
            article = template(tongue, "any_article")
            begins = sounding[0][0].isupper()
            before = f"{before[: sounding.start()]}{article.capitalize() if begins else article} "
        return before + GAP + self._without_other_names(statement.text[place.end :], place)

    @staticmethod
    def _without_other_names(after: str, place: Place) -> str:
        """Return what stands behind a gap without a bracket that names what is missing: "the _____ (CPI)"."""
        told = (f" ({name})" for name in place.term.other_names)
        return after.removeprefix(next(filter(after.startswith, told), ""))

    def _choice(self, statement: Statement, place: Place, near: list[Sibling], worth: float) -> Draft:
        key = statement.text[place.start : place.end]
        return Draft(
            pattern="gap",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(self._matter.language, "gap_choice", statement=self._gapped(statement, place)),
            key=_cased(key, place),
            wrong=tuple(sibling.term.name for sibling in near),
            evidence=statement.evidence,
            section=statement.section,
            worth=worth,
            concept=place.term.name,
            hardness=0.3 + 0.25 * near[0].nearness,
        )

    def _typed(self, statement: Statement, place: Place, worth: float) -> Draft:
        """A gap to fill; one at the beginning is asked for as a question, since a sentence should not begin with its gap."""
        gapped = self._gapped(statement, place)
        begins = gapped.index(GAP) < _BEGINNING
        return Draft(
            pattern="cloze",
            kind=QuestionKind.SHORT_ANSWER if begins else QuestionKind.CLOZE,
            stem=template(self._matter.language, "gap_typed", statement=gapped) if begins else gapped,
            key=_cased(statement.text[place.start : place.end], place),
            also=place.term.other_names,
            evidence=statement.evidence,
            section=statement.section,
            worth=0.9 * worth,
            concept=place.term.name,
            hardness=0.7,
        )

    def _exchanged(self, statement: Statement, place: Place, sibling: Sibling, worth: float) -> Draft:
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
            evidence=statement.evidence,
            section=statement.section,
            worth=0.7 * worth,
            concept=place.term.name,
            hardness=0.5,
        )

    def _true(self, statement: Statement, place: Place, worth: float) -> Draft:
        return Draft(
            pattern="statement",
            kind=QuestionKind.TRUE_FALSE,
            stem=statement.text,
            key="",
            value=True,
            evidence=statement.evidence,
            section=statement.section,
            worth=0.7 * worth,
            concept=place.term.name,
            hardness=0.4,
        )


def _cased(key: str, place: Place) -> str:
    """A term that begins the sentence is written as inside one."""
    return place.term.name if place.start == 0 and key.lower() == place.term.name.lower() else key

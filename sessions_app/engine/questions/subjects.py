"""Questions for what the material says of a key term: its own statement among those of other terms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, permutations

from documents_app.domain.matter.resolving import name_at_start
from documents_app.domain.matter.standing import may_be_verb, names_a_year
from documents_app.domain.matter.types import NOUN_FIRST, KeyTerm, Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.siblings import Siblings
from tutor_project.language import Language

_WORTH, _WORTH_CONTRAST = 0.8, 0.85
_LENGTHS = 2.2
_TWO = 2
_MIN_WORDS, _MAX_WORDS = 4, 24
_LEAST_STEMS = 3
_SAID_ALIKE = 0.25
"""Share of the telling words of the shorter of two predicates up to which they say different things."""
_SAID_TOO = 0.5
"""Share of a predicate's telling words from which on another sentence says it of the term as well."""
_LOOKED_AT = 60
"""So many predicates at most are looked at for the wrong options of one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement says of the term that it begins with, from its verb on."""

    statement: Statement
    term: KeyTerm
    predicate: str
    stems: frozenset[str]
    is_plural: bool


def drafts(matter: Matter, siblings: Siblings) -> Iterator[Draft]:
    """Yield for each statement that begins with a key term which of four statements is made of that term."""
    told = [said for statement in matter.askable if (said := _told(statement, matter)) is not None]
    found = [said for said in told if said.term.weight]
    yield from _contrasts(found, matter)
    places = [place for place, said in enumerate(told) if said.term.weight]
    for at, (place, said) in enumerate(zip(places, found, strict=True)):
        wrong = _wrong(said, [*_around(found, at), *_around(told, place)], matter, siblings)
        if len(wrong) >= LEAST_WRONG:
            yield Draft(
                pattern="said_of",
                kind=QuestionKind.MULTIPLE_CHOICE,
                stem=template(matter.language, "said_of", term=said.term.name),
                key=said.predicate,
                wrong=tuple(other.predicate for other in wrong),
                evidence=said.statement.evidence,
                section=said.statement.section,
                worth=_WORTH * matter.share(said.term),
                concept=said.term.name,
                hardness=0.6,
            )


def _around(found: Sequence[Said], at: int) -> Sequence[Said]:
    return found[max(0, at - _LOOKED_AT) : at + _LOOKED_AT]


def _told(statement: Statement, matter: Matter) -> Said | None:
    """Return what a statement says of what it begins with, a key term or another thing, which weighs nothing."""
    known = said_in(statement, matter)
    if known is not None or names_a_year(statement.text):
        return known
    name = name_at_start(statement.text, matter.language, matter.verbs)
    predicate = statement.text[name[-1].end :].strip().rstrip(".") if name else ""
    stems = frozenset(matter.language.content_stems(predicate))
    if not _MIN_WORDS <= len(predicate.split()) <= _MAX_WORDS or len(stems) < _LEAST_STEMS:
        return None
    if not _is_verb(predicate.split(" ", 1)[0], matter):
        return None
    subject = tuple(matter.language.stem(word.text) for word in name)
    term = KeyTerm(statement.text[: name[-1].end], subject, 0.0, statement.section)
    return Said(statement, term, predicate, stems, _is_plural(predicate.split(" ", 1)[0], matter))


def _contrasts(found: Sequence[Said], matter: Matter) -> Iterator[Draft]:
    """Yield for each statement that sets two terms against each other what it says of either, beside what it says of the other."""
    joints = "|".join(map(re.escape, sorted(matter.language.phrases("contrast_joints"), key=len, reverse=True)))
    for statement in matter.askable if joints else ():
        halves = [half.strip() for half in re.split(rf",? (?:{joints}),? ", statement.text.rstrip("."))]
        sides = [said for half in halves if (said := _side(half, statement, matter)) is not None]
        for one, other in permutations(sides, 2) if len(sides) == len(halves) == _TWO else ():
            further = (
                said for said in found if said.term not in {one.term, other.term} and _could_be(said, one, matter)
            )
            wrong = [other.predicate, *(said.predicate for said in islice(further, LEAST_WRONG))]
            if one.term is not other.term and len(wrong) >= LEAST_WRONG:
                yield Draft(
                    pattern="contrast",
                    kind=QuestionKind.MULTIPLE_CHOICE,
                    stem=template(matter.language, "contrast", term=one.term.name, other=other.term.name),
                    key=one.predicate,
                    wrong=tuple(wrong),
                    evidence=statement.evidence,
                    section=statement.section,
                    worth=_WORTH_CONTRAST,
                    concept=one.term.name,
                    hardness=0.7,
                )


def _side(half: str, statement: Statement, matter: Matter) -> Said | None:
    stems = tuple(matter.language.content_stems(half))
    return said_in(replace(statement, text=f"{half}.", stems=stems), matter)


def said_in(statement: Statement, matter: Matter) -> Said | None:
    """Return what a statement that stands alone says of the key term it begins with; None where it does not begin so."""
    tongue = matter.language
    if names_a_year(statement.text):
        return None
    place = next(iter(places_of(statement, matter)), None)
    if place is None or tongue.content_stems(statement.text[: place.start]):
        return None
    if set(statement.text[: place.start].lower().split()) - tongue.phrase_set("determiners"):
        return None
    predicate = statement.text[place.end :].strip().rstrip(".")
    stems = frozenset(tongue.content_stems(predicate))
    if not _MIN_WORDS <= len(predicate.split()) <= _MAX_WORDS or len(stems) < _LEAST_STEMS:
        return None
    verb, following = predicate.split(" ", 2)[:2]
    if not (_is_verb(verb, matter) or _governs(verb, following, tongue)):
        return None
    if stems & set(place.term.stems):
        return None
    return Said(statement, place.term, predicate, stems, _is_plural(verb, matter))


def _is_verb(word: str, matter: Matter) -> bool:
    """Tell whether a word is a verb; behind a noun whose adjectives follow it only a form that is listed is sure to be one."""
    tongue = matter.language
    if tongue.tag in NOUN_FIRST:
        weak = tuple(tongue.mapping("noun_shape").get("participle_endings", "").split())
        listed = word in tongue.phrase_set("common_verbs") and not word.endswith(weak)
        return listed or word in tongue.phrase_set("auxiliaries")
    return may_be_verb(word, tongue, matter.verbs)


def _governs(verb: str, following: str, tongue: Language) -> bool:
    """Tell whether a word right behind a term is its verb: an article follows, as behind a name none does."""
    articles = tongue.phrase_set("determiners") | tongue.phrase_set("possessives")
    return verb.islower() and verb.isalpha() and not tongue.is_stop_word(verb) and following.lower() in articles


def _is_plural(verb: str, matter: Matter) -> bool:
    shape = matter.language.mapping("verb_shape")
    if "singular_endings" in shape:
        return not verb.endswith(tuple(shape["singular_endings"].split()))
    return verb.endswith(tuple(shape.get("plural_endings", "").split()))


def _wrong(said: Said, others: Sequence[Said], matter: Matter, siblings: Siblings) -> list[Said]:
    kin = {sibling.term.stems for sibling in siblings.of(said.term) if sibling.is_kin}
    near = sorted(
        others,
        key=lambda other: (
            other.term.stems not in kin,
            not other.term.weight,
            abs(other.statement.section - said.statement.section),
        ),
    )
    chosen: list[Said] = []
    for other in near:
        taken: Collection[tuple[str, ...]] = {said.term.stems, *(one.term.stems for one in chosen)}
        if other.term.stems not in taken and _could_be(other, said, matter):
            chosen.append(other)
        if len(chosen) == WRONG_OPTIONS:
            break
    return chosen


def _could_be(other: Said, said: Said, matter: Matter) -> bool:
    """Tell whether what is said of another term would read well of this one, and is nowhere said of it."""
    ratio = len(other.predicate) / len(said.predicate)
    hedges = matter.language.phrase_set("vague_frequencies") | matter.language.phrase_set("absolutes")
    if not other.term.weight and other.predicate.split(" ", 1)[0] != said.predicate.split(" ", 1)[0]:
        return False  # what is said of no key term is a choice only where it is of the same form
    mine, theirs = set(said.term.stems), set(other.term.stems)
    return (
        1 / _LENGTHS <= ratio <= _LENGTHS
        and other.is_plural == said.is_plural
        and not (mine <= theirs or theirs <= mine)
        and not mine & other.stems
        and not hedges & {word.lower() for word in other.predicate.split()}
        and len(other.stems & said.stems) <= _SAID_ALIKE * min(len(other.stems), len(said.stems))
        and not matter.is_said_with(said.term.stems, other.stems, _SAID_TOO)
    )

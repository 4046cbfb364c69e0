"""Questions for what the material says of a key term: its own statement among those of other terms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from documents_app.domain.matter.standing import may_be_verb
from documents_app.domain.matter.types import KeyTerm, Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.siblings import Siblings

_WORTH = 0.8
_LENGTHS = 1.7
_MIN_WORDS, _MAX_WORDS = 4, 24
_LEAST_STEMS = 3
_SAID_TOO = 0.5
"""Share of a predicate's telling words from which on another sentence says it of the term as well."""
_LOOKED_AT = 60
"""So many predicates at most are looked at for the wrong options of one."""
_NUMBER = re.compile(r"\d")


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
    found = [said for statement in matter.statements if (said := said_in(statement, matter)) is not None]
    for at, said in enumerate(found):
        wrong = _wrong(said, found[max(0, at - _LOOKED_AT) : at + _LOOKED_AT], matter, siblings)
        if len(wrong) == WRONG_OPTIONS:
            yield Draft(
                pattern="said_of",
                kind=QuestionKind.MULTIPLE_CHOICE,
                stem=template(matter.language, "said_of", term=said.term.name),
                key=said.predicate,
                wrong=tuple(other.predicate for other in wrong),
                evidence=(said.statement.span,),
                section=said.statement.section,
                worth=_WORTH * said.term.weight,
                concept=said.term.name,
                hardness=0.6,
            )


def said_in(statement: Statement, matter: Matter) -> Said | None:
    """Return what a statement that stands alone says of the key term it begins with; None where it does not begin so."""
    tongue = matter.language
    if not statement.stands_alone or _NUMBER.search(statement.text):
        return None
    place = next(iter(places_of(statement, matter)), None)
    if place is None or place.term.is_plain or tongue.content_stems(statement.text[: place.start]):
        return None
    if set(statement.text[: place.start].lower().split()) - tongue.phrase_set("determiners"):
        return None
    predicate = statement.text[place.end :].strip().rstrip(".")
    stems = frozenset(tongue.content_stems(predicate))
    if not _MIN_WORDS <= len(predicate.split()) <= _MAX_WORDS or len(stems) < _LEAST_STEMS:
        return None
    verb = predicate.split(" ", 1)[0]
    if not may_be_verb(verb, tongue, matter.verbs) or stems & set(place.term.stems):
        return None
    return Said(statement, place.term, predicate, stems, _is_plural(verb, matter))


def _is_plural(verb: str, matter: Matter) -> bool:
    shape = matter.language.mapping("verb_shape")
    if "singular_endings" in shape:
        return not verb.endswith(tuple(shape["singular_endings"].split()))
    return verb.endswith(tuple(shape.get("plural_endings", "").split()))


def _wrong(said: Said, others: Sequence[Said], matter: Matter, siblings: Siblings) -> list[Said]:
    kin = {sibling.term.stems for sibling in siblings.of(said.term)}
    near = sorted(
        others,
        key=lambda other: (other.term.stems not in kin, abs(other.statement.section - said.statement.section)),
    )
    chosen: list[Said] = []
    for other in near:
        taken: Collection[tuple[str, ...]] = {said.term.stems, *(one.term.stems for one in chosen)}
        if other.term.stems in kin and other.term.stems not in taken and _could_be(other, said, matter):
            chosen.append(other)
        if len(chosen) == WRONG_OPTIONS:
            break
    return chosen


def _could_be(other: Said, said: Said, matter: Matter) -> bool:
    """Tell whether what is said of another term would read well of this one, and is nowhere said of it."""
    ratio = len(other.predicate) / len(said.predicate)
    mine, theirs = set(said.term.stems), set(other.term.stems)
    return (
        1 / _LENGTHS <= ratio <= _LENGTHS
        and other.is_plural == said.is_plural
        and not (mine <= theirs or theirs <= mine)
        and not mine & other.stems
        and 2 * len(other.stems & said.stems) < min(len(other.stems), len(said.stems))
        and not matter.is_said_with(said.term.stems, other.stems, _SAID_TOO)
    )

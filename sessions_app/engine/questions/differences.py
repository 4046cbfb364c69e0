"""Open questions for the difference between two terms, where one sentence or two neighbours set them against each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from documents_app.domain.matter.types import KeyTerm, Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import Draft, template
from sessions_app.engine.questions.explanations import adjoin, is_taught_prose, needs_what_was_named
from sessions_app.engine.questions.places import places_of
from sessions_app.engine.questions.siblings import share_head

_WORTH = 0.9
_MOST_NAMED = 8
"""In more statements than this a thing is told of too much for one passage to say how it differs from another."""
_LEAST_SAID = 3
"""Content words that are said of each of the two."""


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield the question for each two terms that the material contrasts."""
    for statement in matter.statements:
        if is_taught_prose(statement, matter):
            for before, behind in _clauses(statement.text, matter):
                yield from _of(before, behind, (statement,), matter)
    for one, other in pairwise(matter.statements):
        if is_taught_prose(one, matter) and is_taught_prose(other, matter) and adjoin(one, other, matter):
            yield from _of(one.text, other.text, (one, other), matter)


def _clauses(text: str, matter: Matter) -> Iterator[tuple[str, str]]:
    links = "|".join(map(re.escape, matter.language.phrases("contrast_links")))
    for found in re.finditer(rf",? (?:{links}) ", text) if links else ():
        yield text[: found.start()], text[found.end() :]


def _of(one: str, other: str, statements: tuple[Statement, ...], matter: Matter) -> Iterator[Draft]:
    first, second = _subject(one, matter), _subject(other, matter)
    if first is None or second is None or not _are_siblings(first, second, matter):
        return
    if any(_is_told_of_often(term, matter) for term in (first, second)):
        return
    # The second may go on from the first ("it is …"), the first from nothing.
    if needs_what_was_named(one, matter.language):
        return
    yield Draft(
        pattern="difference",
        kind=QuestionKind.SHORT_ANSWER,
        stem=template(matter.language, "difference", one=first.name, other=second.name),
        key=" ".join(statement.text for statement in statements),
        evidence=tuple(statement.span for statement in statements),
        section=statements[0].section,
        worth=_WORTH * max(first.weight, second.weight),
        concept=first.name,
        hardness=0.7,
    )


def _subject(text: str, matter: Matter) -> KeyTerm | None:
    """Return the key term that a clause begins with and says enough of."""
    tongue = matter.language
    stems = tuple(tongue.content_stems(text))
    statement = Statement(text, matter.statements[0].span, 0, stems, stands_alone=False)
    place = next(iter(places_of(statement, matter)), None)
    if place is None or tongue.content_stems(text[: place.start]):
        return None
    following = text[place.end :].strip().split(" ", 1)[0]
    said = len(stems) - len(place.term.stems)
    return place.term if said >= _LEAST_SAID and (following.islower() or tongue.is_stop_word(following)) else None


def _is_told_of_often(term: KeyTerm, matter: Matter) -> bool:
    rarest = min(term.stems, key=lambda stem: matter.frequency.get(stem, 0))
    holding = matter.holding.get(rarest, ())
    return sum(set(term.stems) <= set(statement.stems) for statement in holding) > _MOST_NAMED


def _are_siblings(one: KeyTerm, other: KeyTerm, matter: Matter) -> bool:
    """Tell whether two terms are kinds of one thing, by their head: "internal sphincter", "external sphincter"."""
    several = len(one.stems) > 1 and len(other.stems) > 1
    return several and one.stems != other.stems and share_head(one, other, matter.language)

"""Questions from enumerations that end a sentence: "It has three parts: the duodenum, the jejunum, and the ileum."."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.siblings import Siblings, is_name, is_plural
from tutor_project.language import Language, fold

_WORTH = 0.7
_LEAST_LEAD = 4
_LENGTHS = 1.3
_SAID_OF_IT = 0.5
"""Share of a lead's telling words from which on another sentence may say it of the odd one too."""


@dataclass(frozen=True, slots=True)
class _Enumeration:
    statement: Statement
    lead: str
    items: tuple[str, ...]


def drafts(matter: Matter, siblings: Siblings, rng: random.Random) -> Iterator[Draft]:
    """Yield for each closed enumeration the question which thing is not named in it."""
    found = [
        enumeration
        for statement in matter.askable
        if (enumeration := _enumeration(statement, matter.language)) is not None
    ]
    for enumeration in found:
        stranger = _stranger(enumeration, matter, siblings)
        if stranger is None:
            continue
        yield Draft(
            pattern="not_enumerated",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "not_enumerated", lead=enumeration.lead),
            key=stranger,
            wrong=tuple(rng.sample(enumeration.items, WRONG_OPTIONS)),
            evidence=enumeration.statement.evidence,
            section=enumeration.statement.section,
            worth=_WORTH,
            concept=enumeration.lead,
            absent=True,
        )


def _enumeration(statement: Statement, tongue: Language) -> _Enumeration | None:
    """Return the enumeration that ends a statement, where it has three items or more of one to four words."""
    joined = "|".join(map(re.escape, tongue.phrases("conjunctions")))
    parts = re.split(rf",? (?:{joined}) |, ", statement.text.rstrip(".")) if joined else []
    if len(parts) < WRONG_OPTIONS or not re.search(rf" (?:{joined}) \S+(?: \S+){{0,3}}\.$", statement.text):
        return None
    led = _leading(parts[0], tongue)
    named = [_bare(item, tongue) for item in (led[1], *parts[1:])] if led else []
    if led is None or not all(_is_item(item, tongue) for item in named) or len(set(map(fold, named))) < len(named):
        return None
    if len(led[0].split()) < _LEAST_LEAD or _is_open(led[0], tongue):
        return None
    return _Enumeration(statement, led[0], tuple(named))


def _leading(text: str, tongue: Language) -> tuple[str, str] | None:
    """Return what leads into an enumeration and its first item: the border is a colon or words such as "consists of"."""
    before, colon, first = text.rpartition(": ")
    if colon:
        return f"{before}:", first
    words = "|".join(map(re.escape, sorted(tongue.phrases("enumeration_leads"), key=len, reverse=True)))
    found = re.match(rf"(?P<lead>.+ (?:{words})) (?P<first>.+)$", text) if words else None
    return (found["lead"], found["first"]) if found else None


def _bare(item: str, tongue: Language) -> str:
    first, _, rest = item.partition(" ")
    return rest if rest and first.lower() in tongue.phrase_set("determiners") else item


def _is_item(item: str, tongue: Language) -> bool:
    words = item.split()
    return (
        1 <= len(words) <= 4
        and not tongue.is_stop_word(words[0])
        and not tongue.is_stop_word(words[-1])
        and item[0].isalpha()
    )


def _is_open(lead: str, tongue: Language) -> bool:
    return any(lead.lower().rstrip(":").endswith(f" {word.lower()}") for word in tongue.phrases("open_lists"))


def _stranger(enumeration: _Enumeration, matter: Matter, siblings: Siblings) -> str | None:
    """Return a term that could be named there and is not: of one kind with a term that is."""
    text = fold(enumeration.statement.text)
    about = frozenset(matter.language.content_stems(enumeration.lead))
    plural, name = is_plural(enumeration.items[-1]), is_name(enumeration.items[-1])
    for item in enumeration.items:
        term = matter.term_of.get(tuple(matter.language.content_stems(item)))
        for sibling in siblings.of(term, context=enumeration.statement.stems, text=text) if term else ():
            other = sibling.term
            if (
                is_plural(other.name) == plural
                and is_name(other.name) == name
                and len(other.name) <= _LENGTHS * max(map(len, enumeration.items))
                and not set(other.stems) & set(enumeration.statement.stems)
                and not matter.is_said_with(other.stems, about, _SAID_OF_IT)
            ):
                return other.name
    return None

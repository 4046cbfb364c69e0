"""What kind of passage a question expects: a number, a reason, an instruction, a formula; and what a unit of the text offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from documents_app.domain.blocks import BlockKind
from documents_app.domain.matter.standing import is_imperative
from tutor_project.language import FULL_LANGUAGES, Language, fold, language

_QUESTION_MARKS = ("?", "？", "؟")
_CLOSING = "\"'”’»)*_ "
_OPENING_CHARACTERS, _OPENING_WORDS = 80, 4
_OPENING = "¿¡\"'“«(*_ "


@dataclass(frozen=True, slots=True)
class Expected:
    """What a question expects of its answer; ``kinds``: the kinds of block that its words name."""

    kinds: frozenset[BlockKind]
    number: bool
    cause: bool
    doing: bool


def expected(question: str, tags: Sequence[str]) -> Expected:
    """Return what a question expects, in whichever of some languages it is asked (all that are known in full if none is named)."""
    spoken = [language(tag) for tag in tags or FULL_LANGUAGES]
    return Expected(
        kinds=frozenset(kind for one in spoken for kind in _kinds(question, one)),
        number=any(_opens(question, one, "asked_numbers") for one in spoken),
        cause=any(_opens(question, one, "asked_causes") for one in spoken),
        doing=any(_opens(question, one, "asked_doing") for one in spoken),
    )


def _kinds(question: str, spoken: Language) -> list[BlockKind]:
    words = {word.text.lower() for word in spoken.words(question)}
    named = spoken.mapping("asked_kinds").items()
    return [BlockKind(kind) for kind, names in named if not words.isdisjoint(names.split(", "))]


def _opens(question: str, spoken: Language, name: str) -> bool:
    """Whether a phrase of a list stands in a question; in front of it there may be words ("And since when …")."""
    padded = f" {fold(question.strip(_OPENING))} "
    return any(f" {fold(phrase)} " in padded for phrase in spoken.phrases(name))


def asks(text: str) -> bool:
    """Tell whether a unit of the text is itself a question."""
    return text.rstrip(_CLOSING).endswith(_QUESTION_MARKS)


def instructs(text: str, spoken: Language) -> bool:
    """Tell whether a unit tells its reader to do something; "Note that …" rather states something."""
    opening = [fold(word.text) for word in spoken.words(text[:_OPENING_CHARACTERS])[:_OPENING_WORDS]]
    return is_imperative(text, spoken, ()) and spoken.phrase_set("that_words").isdisjoint(opening)


def gives_cause(text: str, spoken: Language) -> bool:
    """Tell whether a unit gives a reason in so many words."""
    padded = f" {text.lower()} "
    return any(f" {sign} " in padded for sign in spoken.phrases("causes"))

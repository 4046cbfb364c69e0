"""Reading what a learner writes: an answer, a question, a wish ("more simply"), or a word of courtesy.

The phrases are data of each language (``learner_says``, ``question_openers``); here are only the rules for reading them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sessions_app.domain.asking import language_of_question
from tutor_project.language import FULL_LANGUAGES, Language, fold, language

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LONGEST = 12
"""Words of the longest wish; what is longer says more than a phrase."""
_LONG_QUESTION = 6
"""Words from which on a text that ends with a question mark is no hesitant answer any more."""


class Wish(StrEnum):
    """What a learner may say that is neither an answer nor a question about the material."""

    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    NEXT = "next"
    WHATS_NEXT = "whats_next"
    CONFUSED = "confused"
    SIMPLER = "simpler"
    EXAMPLE = "example"
    WHY = "why"
    HINT = "hint"
    UNKNOWN = "unknown"
    TELL_ME = "tell_me"


FOLLOW_UPS = frozenset({Wish.CONFUSED, Wish.SIMPLER, Wish.EXAMPLE, Wish.WHY})
"""Wishes about what was just said."""
WANTS_HELP = frozenset({Wish.CONFUSED, Wish.SIMPLER, Wish.EXAMPLE, Wish.HINT, Wish.UNKNOWN, Wish.TELL_ME})
"""Wishes that, while a question is open, are for help with it."""


@dataclass(frozen=True, slots=True)
class UtteredWish:
    """A wish and the language it was uttered in."""

    wish: Wish
    language: Language


def wish_in(text: str, preferred: Language | None = None) -> UtteredWish | None:
    """Return what a learner wishes, None where the text is an answer or a question; ``preferred`` is tried first."""
    if not (stripped := text.strip()):
        return None
    spoken = preferred if preferred is not None and preferred.is_full else language_of_question(text)
    if not any(map(str.isalnum, stripped)):
        return UtteredWish(Wish.UNKNOWN, spoken) if set(stripped) <= set("?¿ ") else None
    words = _words(text)
    if len(words) > _LONGEST:
        return None
    for one in dict.fromkeys((spoken, language_of_question(text), *map(language, FULL_LANGUAGES))):
        known = _wishes(one)
        found = next((known[form] for form in _without_fillers(_bare(words, one), one) if form in known), None)
        if found is not None:
            return UtteredWish(found, one)
    return None


def reads_as_question(text: str, preferred: Language | None = None) -> bool:
    """Tell whether a text sent as an answer rather asks something (a question is never graded).

    A mere question mark behind words that answer ("osmosis?") is a hesitant answer, not a question.
    """
    asked = language_of_question(text)
    spoken = (asked,) if preferred is None or not preferred.is_full else (preferred, asked)
    return any(_asks(text.strip(), one) for one in dict.fromkeys(spoken))


def _asks(text: str, one: Language) -> bool:
    words = next(_openings(_bare(_words(text), one), one), ())
    if not words:
        return False
    first, marked = words[0], text.endswith("?")
    if any(words[: len(opener)] == opener for opener in _forms(one, "question_openers")):
        return True
    by_question_word = first in _folded(one, "question_words")
    if by_question_word and len(words) == 1:
        return True
    if marked and len(words) > _LONG_QUESTION:
        return True
    return by_question_word and marked and _inverted(words, one)


def _inverted(words: tuple[str, ...], one: Language) -> bool:
    """Tell whether a verb follows the question word: in "when the tide rises?" the learner tries an answer."""
    helpers = _folded(one, "auxiliaries")
    return one.tag != "en" or any(word in helpers for word in words[1:4])


def _openings(words: tuple[str, ...], one: Language) -> Iterator[tuple[str, ...]]:
    """Yield the words without the fillers before them, the shortest form first."""
    forms = [words]
    while (shorter := _shortened(forms[-1], one, at_end=False)) is not None:
        forms.append(shorter)
    yield from reversed(forms)


def _without_fillers(words: tuple[str, ...], one: Language) -> Iterator[tuple[str, ...]]:
    """Yield the words, then without one filler after another at their beginning and end."""
    waiting, seen = [words], {words}
    while waiting:
        form = waiting.pop(0)
        yield form
        for at_end in (False, True):
            shorter = _shortened(form, one, at_end=at_end)
            if shorter is not None and shorter not in seen:
                seen.add(shorter)
                waiting.append(shorter)


def _shortened(words: tuple[str, ...], one: Language, *, at_end: bool) -> tuple[str, ...] | None:
    for filler in _fillers(one):
        size = len(filler)
        if size < len(words) and (words[-size:] if at_end else words[:size]) == filler:
            return words[:-size] if at_end else words[size:]
    return None


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text in the form that is compared: "l'aide" and "dis-moi" are two each."""
    return tuple(re.split(r"[\s'’-]+", fold(" ".join(_WORD.findall(text)))))


@lru_cache(maxsize=16)
def _says(one: Language) -> tuple[tuple[str, tuple[str, ...]], ...]:
    lines = (line.partition(":") for line in one.phrases("learner_says"))
    return tuple((kind.strip(), _words(phrase)) for kind, _, phrase in lines)


@lru_cache(maxsize=16)
def _wishes(one: Language) -> dict[tuple[str, ...], Wish]:
    return {_bare(words, one): Wish(kind) for kind, words in _says(one) if kind not in ("filler", "particle")}


def _bare(words: tuple[str, ...], one: Language) -> tuple[str, ...]:
    """Return the words without the particles, which may stand anywhere; a text of nothing else stays as it is."""
    particles = _particles(one)
    return tuple(word for word in words if word not in particles) or words


@lru_cache(maxsize=16)
def _particles(one: Language) -> frozenset[str]:
    return frozenset(words[0] for kind, words in _says(one) if kind == "particle")


@lru_cache(maxsize=16)
def _fillers(one: Language) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((words for kind, words in _says(one) if kind == "filler"), key=len, reverse=True))


@lru_cache(maxsize=64)
def _forms(one: Language, name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(_bare(_words(phrase), one) for phrase in one.phrases(name))


@lru_cache(maxsize=64)
def _folded(one: Language, name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in one.phrases(name))


def ordinal_in(text: str, one: Language) -> int | None:
    """Return which one of several a text names ("and the second one?": 2; -1 is the last), None where it says more."""
    places = {fold(word): int(place) for word, place in one.mapping("ordinals").items()}
    words = _words(text)
    named = [places[word] for word in words if word in places]
    others = [word for word in one.content_words(text) if fold(word.text) not in places]
    return named[0] if len(named) == 1 and not others else None

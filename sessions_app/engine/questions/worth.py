"""How much a statement is worth asking about: what holds in general more than what once happened or somebody does."""

from __future__ import annotations

import re
from collections.abc import Iterable

from documents_app.domain.matter.types import Matter, Statement
from tutor_project.language import Language

BEST, _PAST, _SPOKEN, _NUMBERED, _SHOWN, _ONE_OF_SEVERAL, _ANNOUNCED = 0.8, 0.3, 0.2, 0.35, 0.6, 0.2, 0.4
"""The worth of a statement of which none of the other things is true, and what each of them takes off."""
_LEAST = 0.1
_EMPTY = ("generic_nouns", "relational_nouns", "quantifiers", "auxiliaries")
"""Lists of words that say nothing without others."""
_DIGIT = re.compile(r"\d")


def worth_of(statement: Statement, matter: Matter) -> float:
    """Return a worth in [0, 1]: less for the past, for "we" and "you", for pictures, and for figures of one case."""
    words, tongue = _words(statement), matter.language
    lost = _PAST * is_past(statement, matter)
    lost += _SPOKEN * (not words.isdisjoint(tongue.phrase_set("speaking_words")))
    lost += _SHOWN * (not words.isdisjoint(tongue.phrase_set("showing_words")))
    lost += _ONE_OF_SEVERAL * (not words.isdisjoint(tongue.mapping("ordinals")))
    lost += _NUMBERED * (_DIGIT.search(statement.text) is not None)
    lost += _ANNOUNCED * announces(statement.text, matter)
    return max(_LEAST, BEST - lost)


def is_general(text: str, matter: Matter) -> bool:
    """Tell whether a text says what holds in general: nothing past, nobody who speaks, nothing shown, no figures."""
    words, tongue = {word.strip(",;:.()") for word in text.lower().split()}, matter.language
    told = ("past_auxiliaries", "speaking_words", "showing_words")
    return all(words.isdisjoint(tongue.phrase_set(name)) for name in told) and _DIGIT.search(text) is None


def is_past(statement: Statement, matter: Matter) -> bool:
    """Tell whether a statement tells of something that happened."""
    return not matter.language.phrase_set("past_auxiliaries").isdisjoint(_words(statement))


def announces(text: str, matter: Matter) -> bool:
    """Tell whether a sentence only says that there are some of what it does not name: "there are several reasons"."""
    tongue = matter.language
    words = [word.text.lower() for word in tongue.words(text)]
    counted, general = tongue.phrase_set("quantifiers"), tongue.phrase_set("relational_nouns")
    return any(word in counted and not general.isdisjoint(words[at + 1 : at + 3]) for at, word in enumerate(words))


def is_beside(text: str, tongue: Language) -> bool:
    """Tell whether a text belongs to a caption, a credit, a reader's navigation or the life of an author."""
    lowered = f" {text.lower()}".replace("’", "'")
    cues = tongue.alternatives("aside_cues")
    return re.search(rf"(?<!\w)(?:{cues})", lowered) is not None


def telling_stems(stems: Iterable[str], section: int, matter: Matter) -> set[str]:
    """Return the stems that tell something: neither words of the section's title nor "reason", "case", "some"."""
    tongue = matter.language
    empty = {tongue.stem(word) for name in _EMPTY for word in tongue.phrase_set(name)}
    return set(stems) - empty - set(tongue.content_stems(matter.titles.get(section, "")))


def _words(statement: Statement) -> set[str]:
    return {word.strip(",;:.()") for word in statement.text.lower().split()}

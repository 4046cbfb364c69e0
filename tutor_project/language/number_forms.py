"""Whether two words are one word in the singular and in another number or case, by the endings of a language."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from tutor_project.language.languages import FULL_LANGUAGES
from tutor_project.language.wordlists import entries

ANYWHERE, NOUN = "anywhere", "noun"


class _Ending(NamedTuple):
    singular: str
    other: str
    before: int
    where: str


@lru_cache(maxsize=65536)
def same_but_number(one: str, other: str, spoken: Collection[str] = (), *, nouns: bool = False) -> bool:
    """Return whether two words, lower case without accents, differ in number (or, in German, in case) alone.

    ``spoken``: the languages the words may be in, hashable; of the others only the endings count that nothing else is mistaken
    for. ``nouns``: both are written with a capital inside a text, as nouns are in German.
    """
    if one == other or not (one.isalpha() and other.isalpha()):
        return one == other
    return any(
        _is_form(one, other, ending) or _is_form(other, one, ending)
        for tag in FULL_LANGUAGES
        for ending in _endings(tag)
        if tag in spoken or ending.where == ANYWHERE or (nouns and ending.where == NOUN)
    )


def _is_form(singular: str, other: str, ending: _Ending) -> bool:
    stem = len(singular) - len(ending.singular)
    return stem >= ending.before and singular.endswith(ending.singular) and other == singular[:stem] + ending.other


@lru_cache(maxsize=16)
def _endings(tag: str) -> tuple[_Ending, ...]:
    """Lines "singular = other, letters that stand before it, where it counts" of a language."""
    lines = (re.fullmatch(r"(\w*) ?= (\w+) (\d+)(?: (\w+))?", line) for line in entries(tag, "number_forms"))
    return tuple(_Ending(line[1], line[2], int(line[3]), line[4] or "") for line in lines if line)

"""How much a statement is worth asking about: what holds in general more than what once happened or somebody does."""

from __future__ import annotations

import re

from documents_app.domain.matter.types import Matter, Statement

_GENERAL, _PAST, _SPOKEN, _NUMBERED = 0.8, 0.3, 0.2, 0.1
_DIGIT = re.compile(r"\d")


def worth_of(statement: Statement, matter: Matter) -> float:
    """Return a worth in [0, 1]: less for the past, for "we" and "you", and for figures, which are mostly of one case."""
    speakers = matter.language.phrase_set("speaking_words")
    spoken = not speakers.isdisjoint(_words(statement))
    numbered = _DIGIT.search(statement.text) is not None
    return _GENERAL - _PAST * is_past(statement, matter) - _SPOKEN * spoken - _NUMBERED * numbered


def is_past(statement: Statement, matter: Matter) -> bool:
    """Tell whether a statement tells of something that happened."""
    return not matter.language.phrase_set("past_auxiliaries").isdisjoint(_words(statement))


def _words(statement: Statement) -> set[str]:
    return {word.strip(",;:.()") for word in statement.text.lower().split()}

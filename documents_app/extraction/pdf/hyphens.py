"""Hyphens at line ends: whether one belongs to the word ("well-known") or only breaks it ("mem-brane").

The document says so itself, where it holds the word on one line; else the word's parts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from tutor_project.language import FULL_LANGUAGES, language

_HYPHENS = "-\u2010"
_WORD = re.compile(rf"[^\W\d_]+(?:[{_HYPHENS}][^\W\d_]+)*")
_LAST_WORD = re.compile(rf"([^\W\d_]+(?:[{_HYPHENS}][^\W\d_]+)*)[{_HYPHENS}]$")
_BROKEN = re.compile(rf"[^\W\d_]+[{_HYPHENS}]\n\s*[^\W\d_]+")
_MIN_PART = 4
"""A shorter part of a word is as likely a syllable as a word: "in-voluntary"."""


class WordBreaks:
    """Tells of the hyphens at the line ends of one document; ``lines`` are its lines in reading order."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines

    @cached_property
    def _words(self) -> frozenset[str]:
        """The words that stand on one line, in small letters; only asked for where a line ends with a hyphen."""
        text = "\n".join(self._lines).lower()
        return frozenset(_WORD.findall(_BROKEN.sub(" ", text).replace("\u2010", "-")))

    def joint(self, line: str, following: str) -> str:
        """Return what stands between two lines of a paragraph: nothing after a hyphen of a word, else a line end."""
        if line[-1:] not in _HYPHENS or not following[:1].islower():
            return "\n"
        first, second = _LAST_WORD.search(line), _WORD.match(following)
        if first is None or second is None:
            return "\n"
        return "" if self._belongs(_plain(first[1]), _plain(second[0])) else "\n"

    def _belongs(self, first: str, second: str) -> bool:
        words = self._words
        if f"{first}-{second}" in words:
            return True
        if first + second in words or len(second) < _MIN_PART:
            return False
        if first in _hyphenated_firsts():
            return True
        return len(first) >= _MIN_PART and first in words and second in words


def _plain(word: str) -> str:
    return word.lower().replace("\u2010", "-")


def _hyphenated_firsts() -> frozenset[str]:
    """Return the words that keep their hyphen before another, of all languages: a page's own is not known yet."""
    return frozenset(word for tag in FULL_LANGUAGES for word in language(tag).phrases("hyphenated_firsts"))

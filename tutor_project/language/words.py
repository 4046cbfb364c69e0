"""Where words stand in a text of any script."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import NamedTuple


class Word(NamedTuple):
    """A word as written and its half-open span in the text it was found in."""

    start: int
    end: int
    text: str


def find_words(text: str, *, elides: bool = False) -> list[Word]:
    """Return the words and numbers of ``text`` in order; time is linear in its length.

    A hyphen separates ("well-known" is two words), an apostrophe inside a word does not ("don't"), unless the
    language ``elides`` small words before it ("l'eau" is "l'" and "eau"). "3.5", "1,000", "C++" and "C#" are one word.
    Scripts without spaces give one word for each run.
    """
    return [Word(found.start(), found.end(), found[0]) for found in _pattern(elides).finditer(text)]


@lru_cache(maxsize=2)
def _pattern(elides: bool) -> re.Pattern[str]:
    character = rf"[\w{_mark_ranges()}]"
    apostrophe = rf"(?:['’]{character}+)*" if not elides else r"['’]?"
    return re.compile(rf"\d+(?:[.,]\d+)+|{character}+(?:\+\+(?!\w)|\#(?!\w)|{apostrophe})")


@lru_cache(maxsize=1)
def _mark_ranges() -> str:
    """Return the combining marks of the basic plane as ranges of a character class: ``\\w`` leaves them out."""
    ranges: list[list[int]] = []
    for code in range(0x300, min(sys.maxunicode, 0xFE2F) + 1):
        if unicodedata.category(chr(code)) in {"Mn", "Mc"}:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)

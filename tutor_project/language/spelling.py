"""One spelling for words that are written in two ways in different countries."""

from __future__ import annotations

import re
from functools import lru_cache

from tutor_project.language.wordlists import entries, word_set


@lru_cache(maxsize=65536)
def american(word: str) -> str:
    """Return a lower-case English word in American spelling (colour → color, haemoglobin → hemoglobin, fibre → fiber)."""
    for british, other in _parts():
        if british in word and not (british in other and other in word):
            word = word.replace(british, other)
    if word in word_set("en", "british_not"):
        return word
    for pattern, replacement in _endings():
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=1)
def _parts() -> tuple[tuple[str, str], ...]:
    pairs = (line.split(" = ") for line in entries("en", "british_parts"))
    return tuple((british, other) for british, other in pairs)


@lru_cache(maxsize=1)
def _endings() -> tuple[tuple[re.Pattern[str], str], ...]:
    doubled = "|".join(entries("en", "british_doubled_l"))
    return (
        (re.compile(r"(?<=[a-z]{3})is(e[sdr]?|ers|ing|ation|ations|able)$"), r"iz\1"),
        (re.compile(r"(?<=[a-z]{3})ys(e[sd]?|ing)$"), r"yz\1"),
        (re.compile(r"(?<=[a-z][a-z][bcdhglmptv])re(s?)$"), r"er\1"),
        (re.compile(rf"^({doubled})l(ed|ing|er|ers|or|ors)$"), r"\1\2"),
    )

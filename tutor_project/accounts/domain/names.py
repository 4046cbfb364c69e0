"""User names: when two are the same, when one looks like another, and which are refused outright.

The rules are Unicode's: compatibility forms (UAX 15), confusable characters and mixed scripts (UTS 39). Pure Python.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

CONFUSABLES = Path(__file__).with_name("confusables.tsv")

SCRIPTS_THAT_MIX = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
"""What people write together in Japanese, Korean and Chinese; every other mixture is a disguise (UTS 39, 5.2)."""


def folded(name: str) -> str:
    """Return the form in which two ways of typing one name or address are equal."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def skeleton(name: str) -> str:
    """Return the form in which two names that look alike are equal (UTS 39, section 4); nothing to be shown."""
    table = _prototypes()
    parts = (table.get(character, character) for character in unicodedata.normalize("NFD", name))
    return unicodedata.normalize("NFD", "".join(parts)).casefold()


def disguised(name: str) -> bool:
    """Tell whether a name holds forms made to look like others: full-width and the like, or scripts that never mix."""
    if unicodedata.normalize("NFKC", name) != name:
        return True
    scripts = {_script(character) for character in name if character.isalpha()}
    return len(scripts) > 1 and not any(scripts <= mixture for mixture in SCRIPTS_THAT_MIX)


def _script(letter: str) -> str:
    """Return the script of a letter: the first word of its name in the Unicode Character Database says it."""
    return unicodedata.name(letter, "UNNAMED").split(" ", 1)[0]


@cache
def _prototypes() -> dict[str, str]:
    """Return the prototype of each character that looks like another."""
    lines = CONFUSABLES.read_text(encoding="ascii").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {chr(int(code, 16)): "".join(chr(int(part, 16)) for part in like.split()) for code, like in pairs}

"""One form for the characters people type: signs, digits of any script, superscripts, spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\ufe62\uff0b", "+"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\n\r", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f", ""),
    **dict.fromkeys("’‘`´‛′", "'"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("⋅∙•", "·"),
    **dict.fromkeys("∗⁎", "*"),
    **dict.fromkeys("⩽≦", "≤"),
    **dict.fromkeys("⩾≧", "≥"),
    **dict.fromkeys("⇒⟶⟹↦", "→"),
    **dict.fromkeys("⇐⟵", "←"),
    **dict.fromkeys("∼～", "~"),
    "μ": "µ",
    "♯": "#",
    "⁄": "/",
    "∕": "/",
    "÷": "/",
    "…": "...",
}  # fmt: skip
_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))
_RUN = re.compile(f"([{''.join(_SUPER)}]+)|([{''.join(_SUB)}]+)|([¼-¾⅐-⅞])")
_DIGITS = re.compile(r"\d+")
_WRITTEN = (
    (re.compile(r"<=|=<(?!=)"), "≤"),
    (re.compile(r">=(?!=)"), "≥"),
    (re.compile(r"(?<![-=<])(?:->|=>|-->)"), "→"),
    (re.compile(r"!=|<>"), "≠"),
    (re.compile(r"\+/-|\+-(?=\s?\d)"), "±"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"\^\s?\{([^{}]{1,12})\}|\^\s?\(([^()]{1,12})\)"), r"^\1\2"),
    (re.compile(r"_\s?\{([^{}]{1,12})\}|_\s?\(([^()]{1,12})\)"), r"_\1\2"),
    (re.compile(r"\\sqrt\s?\{([^{}]{1,20})\}"), r"√\1"),
    (re.compile(r"\\(?:times|cdot)\b"), "·"),
    (re.compile(r"^\$([^$]+)\$$"), r"\1"),
)


@lru_cache(maxsize=8192)
def fold_characters(text: str) -> str:
    """Return the text with one minus, one plus, ASCII digits, ``^`` before superscripts, ``_`` before subscripts and plain spaces.

    A number whose digits come from two scripts is left as it is, so that whoever reads it sees characters he does not know.
    """
    composed = unicodedata.normalize("NFC", text)
    raised = _RUN.sub(_raise, composed)
    plain = "".join(_fold_one(char) for char in raised)
    plain = _DIGITS.sub(lambda match: _ascii_digits(match[0]), plain)
    for pattern, replacement in _WRITTEN:
        plain = pattern.sub(replacement, plain)
    return re.sub(r" +", " ", plain).strip()


def _raise(match: re.Match[str]) -> str:
    if match[1]:
        run = "".join(_SUPER[char] for char in match[1])
        # A superscript that begins the text raises nothing: it is a sign or a digit typed small.
        return run if match.start() == 0 else "^" + run
    if match[2]:
        return "_" + "".join(_SUB[char] for char in match[2])
    return " " + unicodedata.normalize("NFKC", match[3]).replace("⁄", "/") + " "


def _fold_one(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E or 0x2160 <= code <= 0x217F or char in "℃℉":
        return unicodedata.normalize("NFKC", char)
    return char


def _ascii_digits(run: str) -> str:
    scripts = {ord(char) - unicodedata.decimal(char) for char in run}
    return "".join(str(unicodedata.decimal(char)) for char in run) if len(scripts) == 1 else run


@lru_cache(maxsize=16384)
def fold_word(word: str) -> str:
    """Return a word in lower case without accents (``dieciséis`` → ``dieciseis``, ``dreißig`` → ``dreissig``)."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))

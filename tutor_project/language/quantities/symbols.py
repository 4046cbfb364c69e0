"""Symbols and formulas: C#, Na⁺, x², a<b, Å. Their signs are their meaning, so nothing in them is left out."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from tutor_project.language.languages import FULL_LANGUAGES
from tutor_project.language.quantities.characters import fold_characters, fold_word
from tutor_project.language.quantities.compare import Match
from tutor_project.language.quantities.lexicon import lexicon
from tutor_project.language.quantities.reading import read
from tutor_project.language.quantities.types import PLACE

MAX_SYMBOL = 60
_ATTACHED = re.compile(
    r"""(?<=[A-Za-z0-9)\]])\^?[+\-](?=[\s)\]]|$)|\+\+|--|(?<=[A-Za-z])\#
    |^[.\-+~!¬√]\ ?[A-Za-z]|[<>=≤≥≠→←√¬♭∞]|(?<=[\w)])\^|(?<=[\w)])_(?=\d)
    |(?<=\w)\*(?!\w)|\d[A-Za-z]\d?[+\-](?:\s|$)""",
    re.VERBOSE,
)
_TUPLE = re.compile(r"[\[({][^,\[\](){}]+(?:,[^,\[\](){}]+)+[\])}]")
_EXPRESSION = re.compile(r"(?<![A-Za-z])(?:[a-z]\s?[+\-]|[A-Z]\s?\+)\s?\d")
_CHEMICAL = re.compile(r"(?=.*\d)(?:\d*\(?(?:[A-Z][a-z]?\d*)+\)?\d*)+")
_MULTIPLE = re.compile(r"\A\d+(?:[a-z]|[α-ω])\Z")
_POWER = re.compile(r"[+-]?\d[\d.,]*\s?\^\s?[+-]?\d")
_NUMBER_WITH_SIGNS = re.compile(r"[<>≤≥=~]?\s?[+-]?\s?[\d.,\s]+\W?")
_WORDS = re.compile(r"[^\W\d_]{3,}")
_NAMES_IN_FORMULAS = frozenset("log sin cos tan exp lim sqrt net".split())
_FLIPPED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}


@lru_cache(maxsize=8192)
def symbol_form(text: str) -> str:
    """Return the one form of a symbol or formula: sign names as signs, Greek letters by name, no spaces, no times signs."""
    folded = fold_characters(text[: 4 * MAX_SYMBOL])
    spoken = _spoken_signs(folded)
    named = "".join(_letter(char) for char in spoken)
    named = re.sub(r"\s*[·×*]\s*(?=[A-Za-z0-9(])", "", re.sub(r"(?<=\d)\s+(?=\d[+-]\s*$)", "^", named))
    compact = re.sub(r"\s+", "", named).rstrip(".,;:")
    compact = re.sub(r"(?<![\d.,])[.,](?=\d)", "0.", re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", compact))
    compact = re.sub(r"_(\d+)(?=\d[+-]$)", r"\1^", compact).replace("_", "")
    compact = re.sub(r"^[~!](?=\w)", "¬", re.sub(r"^\+(?=[\d∞])", "", compact))
    return _charge(compact)


def _letter(char: str) -> str:
    if "α" <= char.casefold() <= "ω":
        return unicodedata.name(char, char).split()[3].lower() if len(unicodedata.name(char, "").split()) > 3 else char
    return char


def _spoken_signs(text: str) -> str:
    for pattern, first, sign in _sign_names():
        spoken = text if text.isascii() else fold_word(text)
        if first in spoken.casefold():
            replaced = pattern.sub(sign, spoken)
            text = replaced if replaced != spoken else text
    return text


@cache
def _sign_names() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """(pattern, its first word, the sign) for the spoken signs of all languages, the longest first."""
    phrases = {
        phrase: sign for language in FULL_LANGUAGES for phrase, sign in lexicon(language).phrases["symbols"].items()
    }
    return tuple(
        (re.compile(r"\s*\b" + r"\s+".join(map(re.escape, phrase)) + r"\b\s*", re.IGNORECASE), phrase[0], sign)
        for phrase, sign in sorted(phrases.items(), key=lambda entry: -len(entry[0]))
    )


def _charge(compact: str) -> str:
    """One form of a charge: Ca2+, Ca^2+ and Ca++ are the same ion; Na^+ is Na+."""
    text = re.sub(r"\^(?=[+-])", "", compact)
    repeated = re.fullmatch(r"([A-Z][a-z])(\+{2,4}|-{2,4})", text)
    if repeated:
        return f"{repeated[1]}^{len(repeated[2])}{repeated[2][0]}"
    # A lone element takes its digit as the charge; behind a formula with other digits the superscript must be told.
    lone = re.fullmatch(r"([A-Z][a-z]?)(\d)([+-])", text)
    return f"{lone[1]}^{lone[2]}{lone[3]}" if lone else text


@lru_cache(maxsize=8192)
def is_symbol(text: str) -> bool:
    """Return whether a text is a symbol or formula rather than words or a plain number."""
    folded = fold_characters(text)
    if not folded or len(folded) > MAX_SYMBOL:
        return False
    if _TUPLE.fullmatch(folded):
        return True
    if _is_quantity(text):
        return False
    chemical = _CHEMICAL.fullmatch(folded.replace("^", "").replace("_", "")) is not None
    if (_plain_words(folded) and not chemical) or _NUMBER_WITH_SIGNS.fullmatch(folded) or _POWER.match(folded):
        return False
    bare = folded.strip("+-. ")
    return (
        (len(bare) == 1 and not bare.isascii())
        or (_CHEMICAL.fullmatch(folded) is not None and not folded[0].isdigit())
        or any(pattern.search(folded) for pattern in (_MULTIPLE, _EXPRESSION, _ATTACHED))
    )


def _is_quantity(text: str) -> bool:
    """Whether nothing but one quantity was read ("9.8 m/s²", "1960s")."""
    return any(reading.words == (PLACE,) and not reading.unread for reading in read(text))


def _plain_words(folded: str) -> list[str]:
    """The words that are not names of signs, letters or functions."""
    return [word for word in _WORDS.findall(folded) if fold_word(word) not in _NAMES_IN_FORMULAS | _formula_names()]


@cache
def _formula_names() -> frozenset[str]:
    return frozenset(
        word for language in FULL_LANGUAGES for phrase in lexicon(language).phrases["symbols"] for word in phrase
    ) | frozenset(unicodedata.name(chr(code), "").split()[-1].lower() for code in range(0x3B1, 0x3CA))


def compare_symbols(given: str, wanted: str) -> Match | None:
    """Compare an answer with a right answer when either is a symbol; None when the answer is not of that kind at all."""
    mine, theirs = symbol_form(given), symbol_form(wanted)
    if mine == theirs or _flipped(mine) == theirs:
        return Match.SAME
    if mine.casefold() == theirs.casefold() or _flipped(mine).casefold() == theirs.casefold():
        return Match.SAME if given.strip().islower() or len(wanted.strip()) == 1 else Match.UNCLEAR
    if _bare(mine) == _bare(theirs):
        return Match.UNCLEAR
    if _is_quantity(given):
        return Match.UNCLEAR
    return None if _plain_words(fold_characters(given)) and not is_symbol(given) else Match.DIFFERENT


def _flipped(form: str) -> str:
    parts = re.fullmatch(r"([^<>≤≥]+)([<>≤≥])([^<>≤≥]+)", form)
    return f"{parts[3]}{_FLIPPED[parts[2]]}{parts[1]}" if parts else form


def _bare(form: str) -> str:
    """Without the carets that many cannot type, and without the brackets of one argument."""
    return re.sub(r"\^|[()]|(?<=[A-Za-z])-(?=\d)", "", form).casefold()

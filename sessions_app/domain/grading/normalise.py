"""Answers as compared: what may differ without being wrong (case, accents, articles, hyphens, spelling region,
number words), and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from sessions_app.domain.grading.numbers import words_to_number
from sessions_app.domain.questions.text import IRREGULAR, american

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
    upsilon phi chi psi omega""".split(),
        strict=True,
    )
)
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "\u00ad": None, "\u200b": None, "\ufeff": None}
)
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
_FILLERS = re.compile(
    r"^(?:(?:i think|i believe|i guess|maybe|probably|perhaps|the answer is|answer|ans|answer is|it is"
    r"|it's|its|this is|that is|that's|they are|these are|"
    r"he is|she is|it was|they were|it is called|they are called|called|known as|it is known as|namely)[\s:,]+)+",
    re.IGNORECASE,
)
_LETTER_NAMES = frozenset(
    """band cell cells line site level levels group type chain wave fiber fibers fibre fibres bomb star major
    minor flat sharp vitamin""".split()
)
_TOKEN = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[+%‰°]|(?<=[a-z0-9])-(?=\s|$)")
SMALL_WORDS = frozenset(["the", "a", "an", "of"])


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Return the text in NFKC, lower case, plain quotes and minus signs, Greek letters spelled, no accents."""
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    folded = re.sub(r"[\u2010-\u2015\u2212]", "-", folded)
    decomposed = unicodedata.normalize("NFD", folded)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    bare = "".join(_LETTERS.get(c, c) for c in unicodedata.normalize("NFC", bare))
    bare = re.sub(r"[α-ω]", lambda m: f" {_GREEK.get('σ' if m[0] == 'ς' else m[0], m[0])} ", bare)
    return re.sub(r"\s+", " ", bare.replace("&", " and ")).strip()


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """Return the comparable tokens of an answer: words in American spelling, numbers in one form, signs kept.

    Fillers in front ("it is", "the answer is"), articles and possessive endings are left out.
    """
    flat = _FILLERS.sub("", plain(text)).strip(" .,;:!?\"'")
    flat = re.sub(r"\b(?:per ?cent|pct)\b", "%", flat)
    return tuple(_canonical(_without_article(flat, text)))


def _without_article(flat: str, original: str) -> str:
    match = re.match(r"^(the|an?)\s+(\S+)", flat)
    if not match:
        return flat
    if match[1] == "a" and match[2].strip(".,") in _LETTER_NAMES and original.lstrip()[:1] == "A":
        return flat
    return flat[match.end(1) :].lstrip()


def _canonical(flat: str) -> Iterator[str]:
    pieces = _TOKEN.findall(_split_numbers(flat))
    i = 0
    while i < len(pieces):
        piece = pieces[i]
        run = 1
        if piece[0].isalpha():
            value = None
            for size in range(min(6, len(pieces) - i), 0, -1):
                value = words_to_number(" ".join(pieces[i : i + size]))
                if value is not None and pieces[i + size - 1] != "and":
                    run = size
                    break
            if value is not None and not (run == 1 and piece == "one" and len(pieces) > 1):
                yield f"{value:.12g}"
            elif piece != "the" or len(pieces) == 1:
                yield american(re.sub(r"'s?$", "", piece).replace("'", ""))
        elif piece[0].isdigit() or (piece[0] in "+-" and len(piece) > 1):
            yield _number(piece)
        else:
            yield piece
        i += run


def _split_numbers(flat: str) -> str:
    """A hyphen between word parts joins them; before a number that begins a word it is a sign; between numbers a range."""
    flat = re.sub(r"(?<=\d)\s*-\s*(?=\d)", " ~ ", flat)
    flat = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", flat)
    flat = re.sub(r"(?<=[^\W\d_])-(?=\d)", " ", flat)
    return re.sub(r"(?<=\d)-(?=[^\W\d_])", " ", flat)


def _number(piece: str) -> str:
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", piece):
        piece = piece.replace(",", "")
    if "," in piece or piece.count(".") > 1:
        return piece
    if re.fullmatch(r"[+-]?0\d+", piece):
        return piece
    value = float(piece)
    return f"{value:.12g}" if abs(value) < 1e15 else piece


@lru_cache(maxsize=65536)
def same_word(a: str, b: str) -> bool:
    """Return whether two tokens are the same word but for number (cell/cells, nucleus/nuclei, criterion/criteria)."""
    if a == b:
        return True
    if a[:1].isdigit() or b[:1].isdigit() or a[:1] in "+-" or b[:1] in "+-":
        return False
    return (
        b in _plurals(a)
        or a in _plurals(b)
        or (a in IRREGULAR and b in IRREGULAR and IRREGULAR[a] == IRREGULAR[b] and _nominal(a, b))
    )


_NOMINAL = frozenset(
    """man woman child foot tooth mouse goose person mitochondrium ganglium criterium phenomenum taxum
    automatum ax matrix vertex cortex index appendix helix apex leaf half life wolf genus corpus opus gas
    lens""".split()
)


def _nominal(a: str, b: str) -> bool:
    return IRREGULAR[a] in _NOMINAL


# Their oxides are named like plurals: magnesia, alumina, ammonia.
_ELEMENTS = frozenset(
    """magnesium calcium lithium barium strontium beryllium zirconium titanium aluminum cadmium gallium
    germanium indium iridium osmium palladium potassium radium rhodium rubidium ruthenium scandium selenium
    sodium tellurium thallium thorium uranium vanadium yttrium cerium cesium hafnium helium niobium
    plutonium polonium platinum tantalum lanthanum molybdenum""".split()
)


def _plurals(word: str) -> frozenset[str]:
    if len(word) < 3 or not word.isalpha():
        return frozenset()
    found = set()
    if word.endswith(("s", "x", "z", "ch", "sh")):
        found.add(word + "es")
    elif word.endswith("y") and word[-2] not in "aeiou":
        found.add(word[:-1] + "ies")
    elif word.endswith("o"):
        found |= {word + "s", word + "es"}
    else:
        found.add(word + "s")
    if len(word) > 4:
        if word.endswith("us"):
            found.add(word[:-2] + "i")
        if word.endswith("um") and word not in _ELEMENTS and not word.endswith("onium"):
            found.add(word[:-2] + "a")
        if word.endswith("sis"):
            found.add(word[:-2] + "es")
        if word.endswith("a") and not word.endswith(("ia", "ma")):
            found.add(word + "e")
        if word.endswith("ma"):
            found.add(word + "ta")
        if word.endswith(("ix", "ex")):
            found.add(word[:-2] + "ices")
    return frozenset(found)


def same_tokens(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Return whether two answers are the same word for word, spaces and hyphens inside compounds aside."""
    if len(a) == len(b) and all(same_word(x, y) for x, y in zip(a, b, strict=True)):
        return bool(a)
    left, right = joined(a), joined(b)
    return bool(left) and (left == right or (len(left) > 5 and same_word(left, right)))


def joined(parts: tuple[str, ...]) -> str:
    """Return the tokens as one word; two numbers side by side stay apart."""
    text = ""
    for part in parts:
        if text and text[-1].isdigit() and part[:1].isdigit():
            text += "|"
        text += part
    return text

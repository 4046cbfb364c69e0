"""The form in which words are compared, defined once for every language."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "\u0640": None})
_INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u2060\ufeff"))
_ACCENTS = (
    ("\u0300", "\u036f"),
    ("\u0591", "\u05c7"),
    ("\u0610", "\u061a"),
    ("\u064b", "\u065f"),
    ("\u0670", "\u0670"),
)


def fold(text: str) -> str:
    """Return the form that is compared: NFKC, case folded, without accents (and Hebrew or Arabic points).

    Signs that other scripts cannot do without, such as the vowels of Hindi, stay. The length may change: offsets
    into the text do not hold for its folded form.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not _is_accent(c))
    return unicodedata.normalize("NFC", bare)


def _is_accent(character: str) -> bool:
    return any(first <= character <= last for first, last in _ACCENTS)

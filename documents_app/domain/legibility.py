"""Whether the characters of a page are words, or what remains when a font does not say which letters it draws."""

from __future__ import annotations

import unicodedata

_MIN_CHARS = 12
_GARBLED_SHARE = 0.3
_DOUBTFUL_SHARE = 0.05
_MIN_LETTERS = 240
_VOWEL_SHARE = 0.2
_VOWELS = frozenset("aeiouyAEIOUY")
_LATIN_SHARE = 0.8
_UNREADABLE = frozenset({"Co", "Cc", "Cn", "Cs"})
_KEPT = frozenset("\n\r\t\f\ufffe\u0002")  # the last two are hyphens at line ends


def is_garbled(text: str) -> bool:
    """Whether a page's text is worth nothing: too many private, control or missing characters, or no words.

    A font that numbers its glyphs instead of naming them yields letters, but the wrong ones: they show by having
    next to no vowels, which no language in Latin letters does.
    """
    share, count = _unreadable(text)
    return count >= _MIN_CHARS and (share > _GARBLED_SHARE or _has_improbable_letters(text))


def is_doubtful(text: str) -> bool:
    """Whether some of a page's characters cannot be read."""
    share, count = _unreadable(text)
    return count >= _MIN_CHARS and share > _DOUBTFUL_SHARE


def _unreadable(text: str) -> tuple[float, int]:
    """Return the share of characters that stand for nothing, and the number of visible characters."""
    if text.isascii() and text.isprintable():
        return 0.0, len(text)
    visible = [char for char in text if char not in _KEPT and not char.isspace()]
    if not visible:
        return 0.0, 0
    bad = sum(
        char == "\ufffd" or unicodedata.category(char) in _UNREADABLE for char in visible if char > "~" or char < " "
    )
    return bad / len(visible), len(visible)


def _has_improbable_letters(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    if len(letters) < _MIN_LETTERS:
        return False
    plain = [unicodedata.normalize("NFD", char)[0] for char in letters]
    latin = [char for char in plain if char.isascii()]
    if len(latin) < _LATIN_SHARE * len(letters):
        return False
    return sum(char in _VOWELS for char in latin) < _VOWEL_SHARE * len(latin)

"""Whether the characters of a page are words, or what remains when a font does not say which letters it draws."""

from __future__ import annotations

import re
import unicodedata

_MIN_CHARS = 12
_GARBLED_SHARE = 0.3
_DOUBTFUL_SHARE = 0.05
_MIN_LETTERS = 240
_VOWEL_SHARE = 0.2
_SAMPLE = 3_000
_VOWELS = "aeiouyAEIOUY"
_LATIN = re.compile("[A-Za-z]")
_CONTROL = re.compile("[\x00-\x01\x03-\x08\x0e-\x1f\x7f]")
# Control characters (not pdfium's U+0002 for a hyphen), private use, lone surrogates, U+FFFD, non-characters but U+FFFE.
_MEANINGLESS = re.compile(
    "[\x00-\x01\x03-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ud800-\udfff\ufdd0-\ufdef\ufffd\uffff\U000f0000-\U0010ffff]"
)
_LATIN_SHARE = 0.8


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
    visible = sum(map(len, text.split()))
    if not visible:
        return 0.0, 0
    return (len(_MEANINGLESS.findall(text)) / visible if not text.isascii() or _CONTROL.search(text) else 0.0), visible


def _has_improbable_letters(text: str) -> bool:
    sample = text[:_SAMPLE]
    if not sample.isascii():
        sample = unicodedata.normalize("NFD", sample)
    letters = sum(map(str.isalpha, sample))
    latin = len(_LATIN.findall(sample))
    if letters < _MIN_LETTERS or latin < _LATIN_SHARE * letters:
        return False
    return sum(map(sample.count, _VOWELS)) < _VOWEL_SHARE * latin

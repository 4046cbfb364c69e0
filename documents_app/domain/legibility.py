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
    return _unreadable(text) > _GARBLED_SHARE or _has_improbable_letters(text)


def is_doubtful(text: str) -> bool:
    """Whether some of a page's characters cannot be read."""
    return _unreadable(text) > _DOUBTFUL_SHARE


def _unreadable(text: str) -> float:
    """Return the share of visible characters that stand for nothing; none of a text too short to tell."""
    if text.isascii() and not _CONTROL.search(text):
        return 0.0
    meaningless = len(_MEANINGLESS.findall(text))
    visible = sum(map(len, text.split())) if meaningless else 0
    return meaningless / visible if visible >= _MIN_CHARS else 0.0


def _has_improbable_letters(text: str) -> bool:
    sample = text[:_SAMPLE]
    if sum(map(sample.count, _VOWELS)) >= _VOWEL_SHARE * len(sample):  # so of most pages; nothing below changes that
        return False
    if not sample.isascii():
        sample = unicodedata.normalize("NFD", sample)
    letters = sum(map(str.isalpha, sample))
    latin = len(_LATIN.findall(sample))
    if letters < _MIN_LETTERS or latin < _LATIN_SHARE * letters:
        return False
    return sum(map(sample.count, _VOWELS)) < _VOWEL_SHARE * latin

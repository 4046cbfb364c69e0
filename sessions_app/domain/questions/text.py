"""Words of questions and passages, folded so that inflected forms of one word compare equal.

The folding is light on purpose: it joins plural and verb forms (nuclei/nucleus, divides/dividing), not
derived words (organ/organism), because telling related terms apart is what the checks are for.

Endings, irregular forms and stop words are those of English, whatever language a text is in: of other languages only the
forms compare equal that these rules happen to join. Each language's own endings are known to ``Language.stem``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tutor_project.language import language
from tutor_project.language.spelling import american

_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"', "\u00ad": None})
_DASHES = re.compile(r"[\u2010\u2011\u2012\ufe58\uff0d]")
_HYPHENATED = re.compile(r"(?<=[a-z])(?:[-\u2010\u00ad]\n\s*|\u2010 )(?=[a-z])")
_ELISION = re.compile(r"(?<![\w'])(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'(?=[^\W\d_]{2})", re.IGNORECASE)
"""A small word before a vowel, as French writes it: "l'âge" is the word "âge"."""
_SPACES = re.compile(r"\s+")
_REFERENCE_MARK = re.compile(r"(?<=[\w.,;)])\[\d+(?:\s?[-–,]\s?\d+)*\]")
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")

ENGLISH = language("en")

IRREGULAR: dict[str, str] = {
    form: lemma for lemma, forms in ENGLISH.mapping("irregular_forms").items() for form in (lemma, *forms.split())
}

STOP_WORDS = ENGLISH.phrase_set("emptied_words")


def clean(text: str) -> str:
    """Return a passage as readable running text: line breaks, hyphenation and reference marks removed.

    Only for reading and comparing; citations keep the stored form.
    """
    joined = _HYPHENATED.sub("", text.translate({0xAD: None}))
    return _SPACES.sub(" ", _REFERENCE_MARK.sub("", joined)).strip()


def without_elisions(text: str) -> str:
    """Return the text with plain quotes, and without the small words that French joins to the next one."""
    return _ELISION.sub("", text.translate(_QUOTES))


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return the text as compared: NFKC, lower case, plain quotes and hyphens, single spaces, no accents."""
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    folded = _DASHES.sub("-", without_elisions(folded))
    decomposed = unicodedata.normalize("NFD", folded)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


@lru_cache(maxsize=131072)
def root(word: str) -> str:
    """Return the folded form that all inflections of a lower-case word share; not always a word itself."""
    if word.endswith("'s") or word.endswith("s'"):
        word = word[:-2] if word.endswith("'s") else word[:-1]
    if word in IRREGULAR:
        return _trim(IRREGULAR[word])
    if not word.isascii() or len(word) < 4 or any(c.isdigit() for c in word):
        return word
    singular = _singular(american(word))
    # "archaeas": a plural put on a plural still is the same word.
    return _trim(IRREGULAR.get(singular) or (_singular(singular) if word.endswith("as") else singular))


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("ae"):
        return word[:-2] + "um"
    if word.endswith("sis"):
        return word[:-3] + "se"
    if word.endswith("i") and len(word) > 4 and word not in {"pili", "alibi", "fermi", "chili"}:
        return word[:-1] + "us"
    if word == "pili":
        return "pilus"
    if word.endswith("a") and len(word) > 4:
        return word[:-1] + "um"
    if word.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _trim(word: str) -> str:
    """Take off -ing, -ed, final e and a doubled final consonant."""
    for ending in ("ing", "ed"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= 3 and re.search("[aeiouy]", stem) and not word.endswith("eed"):
            word = stem
            break
    if word.endswith("e"):
        word = word[:-1]
    if word.endswith("y") and len(word) > 3:
        word = word[:-1] + "i"
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word


def words(text: str) -> list[str]:
    """Return the folded words of a text in order; compounds joined by a hyphen stay one word."""
    return WORD.findall(fold(text))


@lru_cache(maxsize=65536)
def roots(text: str) -> tuple[str, ...]:
    """Return the root of every word, compounds split at hyphens ("rod-shaped" → rod, shap)."""
    return tuple(root(part) for word in words(text) for part in word.split("-") if part)


@lru_cache(maxsize=65536)
def content_roots(text: str) -> tuple[str, ...]:
    """Return the roots of the words that carry content (stop words and question words left out)."""
    return tuple(
        root(part)
        for word in words(text)
        for part in word.split("-")
        if part and part not in STOP_WORDS and (len(part) > 1 or part.isdigit())
    )

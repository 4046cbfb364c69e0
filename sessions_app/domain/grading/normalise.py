"""Answers as compared: what may differ without being wrong (case, accents, articles, hyphens, spelling region,
the form of a quantity), and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from sessions_app.domain.questions.text import IRREGULAR
from tutor_project.language import FULL_LANGUAGES, language
from tutor_project.language.number_forms import same_but_number
from tutor_project.language.quantities import PLACE, Quantity, read
from tutor_project.language.quantities.lexicon import lexicon
from tutor_project.language.spelling import american
from tutor_project.language.wordlists import entries, word_set

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
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_LETTER_NAMES = frozenset(
    """band cell cells line site level levels group type chain wave fiber fibers fibre fibres bomb star major
    minor flat sharp vitamin""".split()
)
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}(?=\W|$)|\b(?:[A-Z]\.)+[A-Z]\b")
_NUMBER_MARK = re.compile(r"\b(?:no|nr|num)\.\s?(?=\d)|\bnumber\s(?=\d)", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class Parts:
    """An answer as compared in one language.

    ``tokens``: words in one spelling with ``§`` in the place of each quantity; ``quantities`` in order; ``small``: the language's
    small words; ``unread``: characters nobody read; ``capitals``: the tokens that were written with a capital.
    """

    language: str
    tokens: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    small: frozenset[str]
    unread: tuple[str, ...]
    capitals: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def parts(text: str) -> tuple[Parts, ...]:
    """Return what an answer consists of, once for each language it may be in.

    What leads up to it ("it is", "the answer is"), articles and possessive endings are left out. A text with German umlauts is
    also read with them spelled out, as where a keyboard has none (Muenchen).
    """
    spelled_out = unicodedata.normalize("NFC", text).translate(_UMLAUTS)
    return _parts(text) + (_parts(spelled_out) if spelled_out != unicodedata.normalize("NFC", text) else ())


def _parts(text: str) -> tuple[Parts, ...]:
    stripped = _NUMBER_MARK.sub("", _without_end_marks(_leads().sub("", text.translate(_QUOTES).strip())))
    stripped = re.sub(r"^[ .,;:!?\"']+(?!\d)", "", stripped)
    stripped = _INITIALS.sub(lambda match: match[0].replace(".", ""), stripped)
    lettered = re.sub(r"[α-ωΑ-Ω]", _greek_name, re.sub(r"μ(?=[^\W\d_])", "µ", stripped).replace("&", " and "))
    capitals = frozenset(american(_bare(word)) for word in re.findall(r"\b[^\W\d_]+", stripped) if word[0].isupper())
    found = []
    for reading in read(lettered):
        words = _without_article(reading.words, stripped, reading.language)
        found.append(
            Parts(
                reading.language,
                tuple(american(_bare(word)) for word in words if word != "the" or len(words) == 1),
                reading.quantities,
                lexicon(reading.language).small,
                reading.unread,
                capitals,
            )
        )
    return tuple(found)


def _without_end_marks(text: str) -> str:
    """Without the punctuation at the end; a "!" after a digit stays, because 5! is not 5."""
    end = len(text)
    while end and (text[end - 1] in " .,;:?\"'" or (text[end - 1] == "!" and not text[max(end - 2, 0)].isdigit())):
        end -= 1
    return text[:end]


def tokens(text: str) -> tuple[str, ...]:
    """Return the comparable words of an answer in its likeliest language, ``§`` in the place of each quantity."""
    return parts(text)[0].tokens


def _greek_name(match: re.Match[str]) -> str:
    letter = match[0].casefold()
    return f" {_GREEK['σ' if letter == 'ς' else letter]} "


def _bare(word: str) -> str:
    return re.sub(r"'s?$", "", plain(word)).replace("'", "")


def _without_article(words: tuple[str, ...], original: str, tag: str) -> tuple[str, ...]:
    """Without the article in front. One letter is an article in small only, and "l" before an apostrophe: O negative, L form."""
    if len(words) < 2 or words[0] not in _articles("en") | _articles(tag):
        return words
    if words[0] in _articles("en"):
        lettered = words[0] == "a" and words[1] in _LETTER_NAMES and original[:1] == "A"
    else:
        elided = original[1:2] == "'"
        lettered = len(words[0]) == 1 and (not original[:1].islower() or (words[0] == "l") is not elided)
    return words if lettered else words[1:]


@cache
def _articles(tag: str) -> frozenset[str]:
    listed = word_set(tag, "determiners") | word_set(tag, "indefinite_articles")
    return frozenset(plain(word).removesuffix("'") for word in listed)


@lru_cache(maxsize=8192)
def denies(word: str, tag: str) -> bool:
    """Return whether a token is a negation in the language of a BCP 47 tag."""
    return word in _negations(tag)


@lru_cache(maxsize=8192)
def may_deny(word: str, spoken: frozenset[str]) -> bool:
    """Return whether a word may be a negation in a text of one of the languages ``spoken``, or of one not told by its words."""
    if any(denies(word, tag) for tag in spoken):
        return True
    if any(language(tag).is_stop_word(word) for tag in spoken):
        return False
    return any(denies(word, tag) for tag in FULL_LANGUAGES)


@cache
def _negations(tag: str) -> frozenset[str]:
    return frozenset(_bare(word) for word in word_set(tag, "negations"))


@cache
def _leads() -> re.Pattern[str]:
    """What a learner says before an answer, in any language; the longest first."""
    phrases = {phrase for tag in FULL_LANGUAGES for phrase in entries(tag, "answer_leads")}
    ordered = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))
    return re.compile(rf"^(?:(?:{ordered})(?:[\s:,]+|(?<=')))+", re.IGNORECASE)


def number_aside(given: Parts, wanted: Parts, spoken: frozenset[str]) -> Parts:
    """Return the answer with each word that differs from the one in its place in number alone written like that one.

    ``spoken``: the languages of the question; those that the two sides were read in count as well, English by ``same_word``.
    """
    if len(given.tokens) != len(wanted.tokens) or given.tokens == wanted.tokens:
        return given
    tags = spoken | {given.language, wanted.language}
    pairs = zip(given.tokens, wanted.tokens, strict=True)
    levelled = tuple(
        y if same_but_number(x, y, tags, nouns=x in given.capitals and y in wanted.capitals) else x for x, y in pairs
    )
    return replace(given, tokens=levelled)


@lru_cache(maxsize=65536)
def same_word(a: str, b: str) -> bool:
    """Return whether two tokens are the same word but for number (cell/cells, nucleus/nuclei, criterion/criteria)."""
    if a == b:
        return True
    if PLACE in {a, b}:
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


_LEARNED_PLURALS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("us", "i", ()),
    ("um", "a", ("onium",)),
    ("sis", "ses", ()),
    ("a", "ae", ("ia", "ma")),
    ("ma", "mata", ()),
    ("ix", "ices", ()),
    ("ex", "ices", ()),
)
"""Endings of words from Latin and Greek, what they are in the plural, and the endings that are not theirs."""
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
    if len(word) > 4 and word not in _ELEMENTS:
        for ending, plural, kept in _LEARNED_PLURALS:
            if word.endswith(ending) and not word.endswith(kept):
                found.add(word.removesuffix(ending) + plural)
    return frozenset(found)


def same_tokens(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Return whether two answers are the same word for word, spaces and hyphens inside compounds aside."""
    if len(a) == len(b) and all(same_word(x, y) for x, y in zip(a, b, strict=True)):
        return bool(a)
    left, right = joined(a), joined(b)
    return bool(left) and (left == right or (len(left) > 5 and same_word(left, right)))


def joined(parts: tuple[str, ...]) -> str:
    """Return the tokens as one word."""
    return "".join(parts)

"""What a language contributes to reading quantities: number words, months, signs, bounds, from its data file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tutor_project.language.languages import FULL_LANGUAGES

DATA = Path(__file__).parent / "data"

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberWord:
    """What a number word stands for: a value, a scale it multiplies by, or a rank."""

    value: float
    scale: bool = False
    ordinal: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, folded (lower case, no accents); phrases are tuples of words, the longest first."""

    language: str
    words: Mapping[Phrase, NumberWord]
    fractions: Mapping[str, int]
    fractions_alone: Mapping[str, int]
    months: Mapping[str, int]
    phrases: Mapping[str, Mapping[Phrase, str]]
    small: frozenset[str]
    articles: frozenset[str]
    joiners: frozenset[str]
    compound: bool
    vigesimal: bool
    years_in_pairs: bool
    decimal: frozenset[str]
    ordinal_endings: tuple[str, ...]
    known: frozenset[str]

    def phrase(self, role: str, words: Sequence[str]) -> tuple[str, int] | None:
        """Return the meaning of the longest phrase of a role that ``words`` begin with, and its length in words."""
        table = self.phrases.get(role, {})
        for size in range(min(6, len(words)), 0, -1):
            meaning = table.get(tuple(words[:size]))
            if meaning is not None:
                return meaning, size
        return None

    def number_word(self, words: Sequence[str]) -> tuple[tuple[NumberWord, ...], int] | None:
        """Return the number words that ``words`` begin with (several in a German compound) and how many words they take."""
        for size in (2, 1):
            found = self.words.get(tuple(words[:size])) if len(words) >= size else None
            if found is not None:
                return (found,), size
        if self.compound and words and len(words[0]) <= 80:
            parts = self._compound(words[0])
            if parts:
                return parts, 1
        return None

    def _compound(self, word: str) -> tuple[NumberWord, ...] | None:
        for ending in ("", *self.ordinal_endings):
            stem = word.removesuffix(ending) if ending else word
            if (not ending or stem != word) and (parts := self._split(stem)):
                last = parts[-1]
                return (*parts[:-1], NumberWord(last.value, last.scale, ordinal=True)) if ending else parts
        return None

    def _split(self, word: str) -> tuple[NumberWord, ...] | None:
        """Cut a compound into number words; the shortest list of parts, or None. Linear in positions times word lengths."""
        best: list[tuple[NumberWord, ...] | None] = [()] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 12), end):
                before, piece = best[start], word[start:end]
                if before is None:
                    continue
                number = self.words.get((piece,))
                if number is None and not (piece in self.joiners and before):
                    continue
                after = before if number is None else (*before, number)
                current = best[end]
                if current is None or len(after) < len(current):
                    best[end] = after
        return best[len(word)] or None


def _phrases(joined: str, meaning: str) -> dict[Phrase, str]:
    return {tuple(part.split()): meaning for part in joined.split("|") if part}


def _meanings(table: Mapping[str, str]) -> dict[Phrase, str]:
    return {phrase: meaning for meaning, joined in table.items() for phrase in _phrases(joined, meaning)}


@cache
def marks_after_numbers(role: str) -> Mapping[Phrase, str]:
    """Return the phrases of all languages that follow a number: 'eras' ("a. C." says no language by itself) or 'clock'."""
    found: dict[Phrase, str] = {}
    for language in FULL_LANGUAGES:
        with (DATA / f"{language}.toml").open("rb") as file:
            found |= _meanings(tomllib.load(file)[role])
    return found


def mark_after_number(role: str, words: Sequence[str]) -> tuple[str, int] | None:
    """Return the meaning and length of the mark that ``words`` begin with."""
    table = marks_after_numbers(role)
    for size in range(min(5, len(words)), 0, -1):
        if (meaning := table.get(tuple(words[:size]))) is not None:
            return meaning, size
    return None


def _words(raw: Mapping[str, Mapping[str, float]]) -> dict[Phrase, NumberWord]:
    found: dict[Phrase, NumberWord] = {}
    for word, value in raw["ordinals"].items():
        found[tuple(word.split())] = NumberWord(value, ordinal=True)
    for word, value in raw["scales"].items():
        found[tuple(word.split())] = NumberWord(value, scale=True)
    for word, value in raw["numbers"].items():
        found[tuple(word.split())] = NumberWord(value)
    return found


@cache
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of a language code ('en', 'de', 'es', 'fr', 'pt')."""
    with (DATA / f"{language}.toml").open("rb") as file:
        raw = tomllib.load(file)
    roles = (
        "minus",
        "plus",
        "plus_minus",
        "about",
        "range_start",
        "range_middle",
        "range_and",
        "power",
        "fraction_links",
    )
    phrases: dict[str, dict[Phrase, str]] = {role: _phrases(raw[role], role) for role in roles}
    for role in ("bounds", "bounds_after", "symbols"):
        phrases[role] = _meanings(raw[role])
    words = _words(raw)
    known = {word for phrase in words for word in phrase} | set(raw["months"]) | set(raw["small"].split())
    known |= {
        word
        for table in (*phrases.values(), _meanings(raw["eras"]))
        for phrase in table
        for word in phrase
        if len(word) > 2
    }
    known |= set(raw["fractions"])
    if raw.get("compound", False):
        known |= {word + part for word in raw["numbers"] for part in raw["fractions"]}
    return Lexicon(
        language=language,
        words=words,
        fractions=raw["fractions"],
        fractions_alone=raw["fractions_alone"],
        months=raw["months"],
        phrases=phrases,
        small=frozenset(raw["small"].split()),
        articles=frozenset(raw["articles"].split()),
        joiners=frozenset(raw["joiners"].split()),
        compound=raw.get("compound", False),
        vigesimal=raw.get("vigesimal", False),
        years_in_pairs=raw.get("years_in_pairs", False),
        decimal=frozenset(raw["decimal"].split("|")),
        ordinal_endings=tuple(raw.get("ordinal_endings", "").split()),
        known=frozenset(known),
    )


def plausible_languages(folded_words: Sequence[str]) -> tuple[str, ...]:
    """Return the languages that know the most of the words, in a fixed order; English when none knows any.

    A number word counts twice, a small word once: one small word alone ("World War I" has a German one) does not rule English out.
    """
    counts = {}
    for language in FULL_LANGUAGES:
        words = lexicon(language)
        counts[language] = sum(
            2 if words.number_word([word]) is not None else word in words.known for word in folded_words
        )
    most = max(counts.values(), default=0)
    if not most:
        return ("en",)
    slack = len(folded_words) > 1
    return tuple(
        code for code in FULL_LANGUAGES if counts[code] == most or (code == "en" and counts[code] >= most - slack)
    )


@dataclass(slots=True)
class _Spelled:
    """A number as its words are said: whole thousands so far, and what stands before the next scale word."""

    vigesimal: bool
    compound: bool
    pairs: bool
    total: float = 0.0
    current: float = 0.0
    smallest_scale: float = float("inf")
    taken: int = 0

    def take(self, number: NumberWord, *, joined: bool) -> bool:
        """Add a word; False, and nothing changed, when it does not belong to the same number."""
        if number.scale:
            fits = self._scale(number.value) if number.value >= 1000 else self._hundred(number.value)
        else:
            fits = self._plain(number.value, joined=joined)
        self.taken += fits
        return fits

    def _scale(self, value: float) -> bool:
        if self.total and not self.current and value > self.smallest_scale:
            self.total *= value
        elif value < self.smallest_scale:
            self.total += (self.current or 1.0) * value
        else:
            return False
        self.current, self.smallest_scale = 0.0, value
        return True

    def _hundred(self, value: float) -> bool:
        if self.current >= 100 or self.current % 1:
            return False
        self.current = (self.current or 1.0) * value
        return True

    def _plain(self, value: float, *, joined: bool) -> bool:
        if not self.taken or (self.current == 0 and self.total):
            self.current = value
        elif self.pairs and self.taken == 1 and not joined and 10 <= self.current <= 20 and 10 <= value < 100:
            self.current = 100 * self.current + value  # nineteen eighty-four, twenty twenty
        elif _has_room(self.current, value, joined=joined, vigesimal=self.vigesimal, compound=self.compound):
            self.current += value
        else:
            return False
        return True


def spelled_value(
    parts: Sequence[tuple[NumberWord, bool]], *, vigesimal: bool, compound: bool, pairs: bool = False
) -> tuple[float, int, bool]:
    """Return the value of the longest run of number words that make one number, its length, and whether it is a rank.

    ``parts``: each word with whether a joiner ("and", "y", "et") stood before it.
    """
    spelled = _Spelled(vigesimal, compound, pairs)
    for number, joined in parts:
        if not spelled.take(number, joined=joined):
            break
        if number.ordinal:
            return spelled.total + spelled.current, spelled.taken, True
    return spelled.total + spelled.current, spelled.taken, False


def _has_room(current: float, value: float, *, joined: bool, vigesimal: bool, compound: bool) -> bool:
    tens = current % 100
    if current == 0 or value == 0:
        return False
    if value < 1:
        return current % 1 == 0
    if tens == 0:
        return value < 100
    if tens % 10 == 0 and value < 10:
        return tens >= 20 or (joined and tens == 10)
    if vigesimal and tens in {60, 80} and 10 <= value < 20:
        return True
    return compound and tens < 10 and value % 10 == 0 and 20 <= value < 100


_ROMAN = re.compile(r"(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\Z")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman_value(word: str) -> int | None:
    """Return the value of a Roman numeral (either case), or None. The one letters C, D, L, M stand for themselves."""
    upper = word.upper()
    if len(word) > 12 or word not in {upper, word.lower()} or upper in {"C", "D", "L", "M"} or not _ROMAN.match(upper):
        return None
    total = 0
    for char, following in zip(upper, upper[1:] + " ", strict=True):
        value = _ROMAN_VALUES[char]
        total += -value if _ROMAN_VALUES.get(following, 0) > value else value
    return total

"""Abbreviations and what they stand for: a question about "WW2" is answered by a text about "World War II", and the reverse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tutor_project.language import Language

_ABBREVIATION = re.compile(r"\b(?P<letters>[A-Z]{2,6}?)(?P<number>\d{1,2}|(?<=[A-Z]{2})[IVX]{1,4})?\b")
_CAPITALS = re.compile(r"\b[A-Z]{2,6}\d{0,2}\b")
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_SMALL = r"(?:[\s-]+\w{1,3})?[\s-]+"
_MOST_LETTERS = 6
_SHORTEST = 3
"""Letters of a word that an initial may stand for, and of an abbreviation that initials may spell: of two, too many do by chance."""


def other_forms(question: str, texts: Sequence[str], spoken: Language) -> list[str]:
    """Return how ``texts`` write what a question abbreviates, and abbreviate what it writes out; each form once."""
    found = [*_written_out(question, texts, spoken), *_abbreviated(question, texts, spoken)]
    return list(dict.fromkeys(found))


def _written_out(question: str, texts: Sequence[str], spoken: Language) -> Iterator[str]:
    """Yield the most frequent words of the texts whose initials an abbreviation is."""
    for match in _ABBREVIATION.finditer(question):
        words = _SMALL.join(rf"{letter}\w{{{_SHORTEST - 1},}}" for letter in match["letters"])
        number = rf"[\s-]+(?:{'|'.join(_numbers(match['number']))})\b" if match["number"] else r"\b"
        pattern = re.compile(rf"\b{words}{number}", re.IGNORECASE)
        forms = Counter(
            found[0].lower()
            for text in texts
            for found in pattern.finditer(text)
            if not any(map(spoken.is_stop_word, (found[0].split()[0], found[0].split()[-1])))
        )
        yield from (form for form, _ in forms.most_common(1))


def _abbreviated(question: str, texts: Sequence[str], spoken: Language) -> Iterator[str]:
    """Yield the abbreviations in the texts that are the initials of neighbouring words of the question."""
    words = [word.text for word in spoken.words(question) if len(word.text) > 1 or word.text.isdigit()]
    words = [word for word in words if not spoken.is_stop_word(word)]
    held = {form for text in texts for form in _CAPITALS.findall(text) if len(form) >= _SHORTEST}
    for start in range(len(words)):
        for end in range(start + 2, min(len(words), start + _MOST_LETTERS) + 1):
            yield from (form for form in _initials(words[start:end]) if form in held)


def _initials(words: Sequence[str]) -> list[str]:
    numbers = _numbers(words[-1])
    letters = "".join(word[0] for word in (words[:-1] if numbers else words)).upper()
    return [letters + number for number in numbers] or [letters]


def _numbers(text: str) -> list[str]:
    """Return the ways to write a small number, in digits and in Roman numerals; none for a word that is no number."""
    value = int(text) if text.isdecimal() else _ROMAN.index(text) if text in _ROMAN else 0
    if not value:
        return []
    return [str(value), *_ROMAN[value : value + 1]]

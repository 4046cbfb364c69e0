"""How hard a text is to read: published readability formulas and vocabulary figures.

English gets the median of five grade formulas; any other language LIX (Björnsson, 1968), which needs no syllables.
Grades are years of school in the United States; above 13 is college reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import sqrt
from statistics import median

from documents_app.domain.analysis.types import Difficulty
from tutor_project.language import Language

_VOWELS = re.compile(r"[aeiouyàáâäãåæèéêëìíîïòóôöõøùúûüœ]+")
_EASY_BELOW, _HARD_FROM = 8.0, 12.5


@lru_cache(maxsize=65536)
def syllables(word: str) -> int:
    """Return the estimated number of syllables of an English word (vowel groups, silent endings taken off)."""
    lowered = word.lower()
    count = len(_VOWELS.findall(lowered))
    if (
        lowered.endswith(("e", "es", "ed"))
        and count > 1
        and not lowered.endswith(
            ("le", "les", "ted", "ded", "ses", "ces", "ges", "xes", "zes", "ches", "shes", "ee", "ies")
        )
    ):
        count -= 1
    if re.search(r"(?:ia|io|eo|iu|ua|uo)(?!u)", lowered) and not re.search(
        r"(?:tion|sion|cial|tial|cious|tious|gion|gious|qua|quo|gua)", lowered
    ):
        count += 1
    return max(1, count)


def difficulty(sentences: Sequence[str], language: Language) -> Difficulty:
    """Return level, grade and figures for prose ``sentences`` (reading form); grade 0 and ``easy`` without any word.

    Formulas: Flesch–Kincaid grade (Kincaid 1975), Gunning fog (1952), SMOG (McLaughlin 1969), Coleman–Liau (1975),
    automated readability index (Senter and Smith 1967), LIX. ``*_share`` figures are fractions of all words.
    """
    tokens = [word.text for sentence in sentences for word in language.words(sentence) if word.text[0].isalpha()]
    if not tokens:
        return Difficulty("easy", 0.0, {"words": 0.0, "sentences": float(len(sentences))})
    figures = _counts(tokens, len(sentences), language)
    per_sentence = figures["words_per_sentence"]
    grades = [max(0.0, 0.6 * (figures["lix"] - 10) / 2.6)]
    if language.tag == "en":
        polysyllables = figures["long_word_share"]
        figures["flesch_reading_ease"] = 206.835 - 1.015 * per_sentence - 84.6 * figures["syllables_per_word"]
        figures["flesch_kincaid_grade"] = 0.39 * per_sentence + 11.8 * figures["syllables_per_word"] - 15.59
        figures["gunning_fog"] = 0.4 * (per_sentence + 100 * polysyllables)
        figures["smog"] = 1.0430 * sqrt(30 * polysyllables * per_sentence) + 3.1291
        letters = figures["letters_per_word"]
        figures["coleman_liau"] = 5.88 * letters - 29.6 / per_sentence - 15.8
        figures["automated_readability"] = 4.71 * letters + 0.5 * per_sentence - 21.43
        names = ("flesch_kincaid_grade", "gunning_fog", "smog", "coleman_liau", "automated_readability")
        grades = [figures[name] for name in names]
    grade = round(min(20.0, max(0.0, median(grades))), 1)
    return Difficulty(_level(grade), grade, {name: round(value, 3) for name, value in figures.items()})


_SUMS = ("words", "sentences")
_NOT_JOINED = "distinct_content_words"
"""How many words two texts share is not known."""


def joined_difficulty(parts: Sequence[Difficulty]) -> Difficulty:
    """Return the difficulty of several texts together: the mean of each figure that all have, by their words."""
    if len(parts) == 1:
        return parts[0]
    sums = {name: sum(part.figures.get(name, 0.0) for part in parts) for name in _SUMS}
    told = [part for part in parts if part.figures.get("words")]
    if not told:
        return Difficulty("easy", 0.0, sums)

    def mean(values: Iterable[float]) -> float:
        return sum(v * part.figures["words"] for v, part in zip(values, told, strict=True)) / sums["words"]

    shared = [name for name in told[0].figures if all(name in part.figures for part in told)]
    means = {name: round(mean(part.figures[name] for part in told), 3) for name in shared if name != _NOT_JOINED}
    grade = round(mean(part.grade for part in told), 1)
    return Difficulty(_level(grade), grade, {**means, **sums})


def difficulty_text(level: Difficulty) -> str:
    """Return the difficulty in a sentence."""
    return f"The material is {level.level} to read: about grade {level.grade:g}."


def _level(grade: float) -> str:
    return "easy" if grade < _EASY_BELOW else "medium" if grade < _HARD_FROM else "hard"


def _counts(tokens: Sequence[str], sentence_count: int, language: Language) -> dict[str, float]:
    total = len(tokens)
    content = [token for token in tokens if not language.is_stop_word(token)]
    distinct = set(map(language.stem, content))
    per_sentence = total / max(1, sentence_count)
    six_letters = sum(len(token) > 6 for token in tokens) / total
    counted = [syllables(token) for token in tokens]
    return {
        "words": float(total),
        "sentences": float(sentence_count),
        "words_per_sentence": per_sentence,
        "letters_per_word": sum(map(len, tokens)) / total,
        "syllables_per_word": sum(counted) / total,
        "long_word_share": sum(
            1
            for n, token in zip(counted, tokens, strict=True)
            if n >= 3 and not token.endswith(("ing", "ed", "es")) or n >= 4
        )
        / total,
        "distinct_content_words": float(len(distinct)),
        "distinct_share": _moving_variety([language.stem(token) for token in tokens]),
        "content_word_share": len(content) / total,
        "lix": per_sentence + 100 * six_letters,
    }


def _moving_variety(stems: Sequence[str], window: int = 100) -> float:
    """Mean share of distinct words in windows of 100 (Covington and McFall, 2010): does not fall with length."""
    if len(stems) <= window:
        return len(set(stems)) / max(1, len(stems))
    shares = [len(set(stems[i : i + window])) / window for i in range(0, len(stems) - window + 1, window // 2)]
    return sum(shares) / len(shares)

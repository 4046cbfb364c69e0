"""Grading of any question: one function for all kinds."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache, lru_cache

from sessions_app.domain.grading.normalise import plain
from sessions_app.domain.grading.numeric import grade_number
from sessions_app.domain.grading.own_words import grade_own_words
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.short_answer import Similar, grade_text
from sessions_app.domain.grading.types import (
    MAX_ANSWER_LENGTH,
    AnswerMissing,
    AnswerOptionUnknown,
    AnswerTooLong,
    GivenAnswer,
    Grade,
    GradeVerdict,
    right,
    unsure,
    wrong,
)
from sessions_app.domain.questions.types import BooleanKey, ChoiceKey, Key, NumericKey, Option, PartsKey, TextKey
from tutor_project.language import FULL_LANGUAGES, fold, language, wording
from tutor_project.language.quantities.lexicon import plausible_languages
from tutor_project.language.quantities.units import parse_unit, same_unit
from tutor_project.language.wordlists import entries

LONGEST_UNIT = 4
"""Words of the name of a unit ("metres per second squared")."""


def grade(
    key: Key,
    answer: GivenAnswer,
    *,
    options: Sequence[Option] = (),
    stem: str = "",
    terms: Collection[str] = (),
    similar: Similar | None = None,
    own_words: bool = False,
) -> Grade:
    """Grade one answer against a key.

    ``terms``: other terms of the material (a near miss of one of them is not forgiven); ``stem``: shows the language, and whether
    the unit was given with the question; ``own_words``: whether the question is an open one. Raises AnswerOptionUnknown,
    AnswerMissing, AnswerTooLong.
    """
    _check(answer)
    match key:
        case ChoiceKey(option_id):
            return _choice(option_id, answer, options)
        case BooleanKey(value):
            return _boolean(value, answer)
        case TextKey(accepted) if own_words:
            return grade_own_words(_text(answer), accepted, stem)
        case TextKey(accepted):
            return grade_text(_text(answer), accepted, terms, similar, languages_of(stem))
        case NumericKey(value, tolerance, unit):
            return grade_number(_text(answer), value, tolerance, unit, unit_shown=shows_unit(stem, unit))
        case PartsKey():
            return _parts(key, answer, stem, terms, similar)


@lru_cache(maxsize=4096)
def languages_of(stem: str) -> frozenset[str]:
    """Return the languages a question may be in by its small words; none where nothing tells."""
    words = [fold(word.text) for word in language(None).words(stem)]
    return frozenset(plausible_languages(words)) if words else frozenset()


def shows_unit(stem: str, unit: str) -> bool:
    """Return whether the question itself names the unit of the answer, so that the learner need not."""
    if not unit or parse_unit(unit) is None:
        return True
    following = re.findall(r"_{3,}\s?([^\s.,;?!)]+(?: per \w+)?)|\((?:in |en |em )?([^)]{1,20})\)", stem, re.I)
    named = [*(part for found in following for part in found), *_amounts().findall(stem)]
    for lead in re.finditer(r"\b(?:in|en|em)\s", stem, re.I):
        words = re.split(r"\s+", re.split(r"[.,;?!)]", stem[lead.end() :], maxsplit=1)[0])[:LONGEST_UNIT]
        named += [" ".join(words[:count]) for count in range(1, len(words) + 1)]
    return any(part and same_unit(part, unit) for part in named)


@cache
def _amounts() -> re.Pattern[str]:
    """What stands before a unit that is counted, in any language: "how many litres", "wie viele Liter"."""
    openers = "|".join(
        map(re.escape, sorted({one for tag in FULL_LANGUAGES for one in entries(tag, "amount_openers")}))
    )
    return re.compile(rf"\b(?:{openers})(?:\s+|(?<=['’]))([\w-]+)", re.IGNORECASE)


def _check(answer: GivenAnswer) -> None:
    for text in (answer.text, answer.option_id, *answer.parts):
        if text is not None and len(text) > MAX_ANSWER_LENGTH:
            raise AnswerTooLong(limit=MAX_ANSWER_LENGTH, length=len(text), attr="text")


def _text(answer: GivenAnswer) -> str:
    if answer.text is None or not answer.text.strip():
        raise AnswerMissing(attr="text")
    return answer.text


def _choice(option_id: str, answer: GivenAnswer, options: Sequence[Option]) -> Grade:
    given = answer.option_id
    if given is None:
        text = plain(_text(answer)).strip(" .")
        given = next((option.id for option in options if plain(option.text).strip(" .") == text), None)
        if given is None:
            raise AnswerOptionUnknown(option_id=_text(answer)[:60], attr="text")
    elif options and all(option.id != given for option in options):
        raise AnswerOptionUnknown(option_id=given[:60], attr="option_id")
    return right(Reason.RIGHT_OPTION) if given == option_id else wrong(Reason.ANOTHER_OPTION)


def _boolean(value: bool, answer: GivenAnswer) -> Grade:
    given = plain(answer.option_id if answer.option_id is not None else _text(answer)).strip(" .!")
    means = _verdicts().get(given, frozenset())
    if len(means) != 1:
        raise AnswerOptionUnknown(option_id=given[:60], attr="option_id")
    return right(Reason.RIGHT_OPTION) if means == {str(value).lower()} else wrong(Reason.OTHER_OPTION)


@cache
def _verdicts() -> dict[str, frozenset[str]]:
    """What a statement may be called in any language, and which verdict each word means."""
    found: dict[str, set[str]] = {}
    for tag in FULL_LANGUAGES:
        for word, verdict in language(tag).mapping("verdicts").items():
            found.setdefault(plain(word), set()).add(verdict)
    return {word: frozenset(verdicts) for word, verdicts in found.items()}


def _parts(key: PartsKey, answer: GivenAnswer, stem: str, terms: Collection[str], similar: Similar | None) -> Grade:
    """Each part counts the same share; a part left blank is wrong; no answer serves two parts."""
    given = list(answer.parts) or _split(_text(answer))
    if not given:
        raise AnswerMissing(attr="parts")
    if len(given) > len(key.parts) and not key.ordered:
        # More answers than parts would let a learner list everything; a person decides.
        return unsure(Reason.TOO_MANY_PARTS, (len(given), len(key.parts)))
    table = [
        [
            grade(part, GivenAnswer(text=text), stem=stem, terms=terms, similar=similar)
            if text.strip()
            else wrong(Reason.LEFT_BLANK)
            for text in given
        ]
        for part in key.parts
    ]
    pairs = _in_order(table) if key.ordered else _assigned(table)
    share = 1.0 / len(key.parts)
    credit = sum(found.credit * share for found in pairs)
    correct = sum(found.correct for found in pairs)
    if correct == len(key.parts):
        return right(Reason.ALL_PARTS)
    counts = (correct, len(key.parts))
    if any(found.verdict is GradeVerdict.NEEDS_REVIEW for found in pairs):
        return Grade(GradeVerdict.NEEDS_REVIEW, Reason.PARTS_IN_DOUBT, credit, counts)
    return Grade(GradeVerdict.INCORRECT, Reason.SOME_PARTS, credit, counts)


def _split(text: str) -> list[str]:
    return [part.strip() for part in _between_parts().split(text) if part.strip()]


@cache
def _between_parts() -> re.Pattern[str]:
    """What stands between the parts of an answer: a comma, a new line, "and" in the languages known in full."""
    words = "|".join(sorted({wording(language(tag), "feedback_texts")["and"] for tag in FULL_LANGUAGES}))
    return re.compile(rf"\s*[;\n,]\s*(?:(?:{words})\s+)?|\s+(?:{words})\s+")


def _in_order(table: list[list[Grade]]) -> list[Grade]:
    return [row[index] if index < len(row) else wrong(Reason.LEFT_BLANK) for index, row in enumerate(table)]


def _assigned(table: list[list[Grade]]) -> list[Grade]:
    """Give each part an answer so that the most parts are right (augmenting paths), then spend the doubtful ones."""
    owner: dict[int, int] = {}

    def place(part: int, wanted: GradeVerdict, tried: set[int]) -> bool:
        for index, found in enumerate(table[part]):
            if found.verdict is wanted and index not in tried:
                tried.add(index)
                if index not in owner or place(owner[index], wanted, tried):
                    owner[index] = part
                    return True
        return False

    for part in range(len(table)):
        place(part, GradeVerdict.CORRECT, set())
    chosen = {part: table[part][index] for index, part in owner.items()}
    free = [index for index in range(len(table[0])) if index not in owner]
    for part, row in enumerate(table):
        if part not in chosen:
            doubtful = next((index for index in free if row[index].verdict is GradeVerdict.NEEDS_REVIEW), None)
            if doubtful is not None:
                free.remove(doubtful)
                chosen[part] = row[doubtful]
    return [chosen.get(part, wrong(Reason.NOT_GIVEN)) for part in range(len(table))]

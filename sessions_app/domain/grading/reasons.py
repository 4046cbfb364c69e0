"""Why an answer was graded as it was, and the one place that puts it into words.

A grade holds a code. It is stored in English words, which staff read; the learner's own sentence is made when feedback is.
"""

from __future__ import annotations

import re
from enum import StrEnum, auto
from functools import cache

from tutor_project.language import Language, language, wording

NAME = "grade_reasons"
_NUMBER = re.compile(r"\d+")


class Reason(StrEnum):
    """What decided a grade; its words are the lists ``grade_reasons``."""

    RIGHT_OPTION = auto()
    ANOTHER_OPTION = auto()
    OTHER_OPTION = auto()
    SAME_TEXT = auto()
    EXACT = auto()
    SAME_WORDS = auto()
    SAME_PARTS_REORDERED = auto()
    SAME_SYMBOL = auto()
    SAME_QUANTITY = auto()
    SAME_NUMBER = auto()
    TWO_RIGHT_ANSWERS = auto()
    COMPOUND_APART = auto()
    SLIP_OF_SPELLING = auto()
    SAYS_THE_SAME = auto()
    ALL_PARTS = auto()
    SOME_PARTS = auto()
    PARTS_IN_DOUBT = auto()
    TOO_MANY_PARTS = auto()
    NOT_ANSWERED = auto()
    GIVES_UP = auto()
    LEFT_BLANK = auto()
    NOT_GIVEN = auto()
    NO_NUMBER = auto()
    ANOTHER_NUMBER = auto()
    ANOTHER_SIGN = auto()
    ANOTHER_TERM = auto()
    OPPOSITE = auto()
    DIFFERENT_PREFIX = auto()
    DENIES = auto()
    DENIAL_LEFT_OUT = auto()
    UNIT_OF_ANOTHER_KIND = auto()
    SAYS_ELSE = auto()
    NOTHING_IN_COMMON = auto()
    DENIAL_IN_DOUBT = auto()
    NEAR_IN_MEANING = auto()
    IN_OTHER_WORDS = auto()
    MAY_ABBREVIATE = auto()
    COMPOUND_IN_DOUBT = auto()
    SAME_WORDS_REORDERED = auto()
    FEWER_WORDS = auto()
    MORE_WORDS = auto()
    CLOSE = auto()
    ONE_WORD_DIFFERS = auto()
    SPELLED_NEARLY = auto()
    SPELLED_BETWEEN_TERMS = auto()
    SENTENCE_FOR_TERM = auto()
    WORD_FOR_NUMBER = auto()
    WORDS_FOR_SYMBOL = auto()
    LOOK_ALIKE_SIGNS = auto()
    FORM_OF_SIGNS = auto()
    CASE_OF_SYMBOL = auto()
    UNREAD_CHARACTERS = auto()
    UNREAD_DIGITS = auto()
    UNREAD_NUMBER = auto()
    KEY_WITHOUT_WORDS = auto()
    AMBIGUOUS_QUANTITY = auto()
    AMBIGUOUS_NUMBER = auto()
    SEVERAL_NUMBERS = auto()
    COUNT_OF_NUMBERS = auto()
    NUMBER_OR_WORDS_AROUND = auto()
    ROUNDED = auto()
    ROUNDED_IN_ANOTHER_UNIT = auto()
    UNIT_MISSING = auto()
    UNIT_UNKNOWN = auto()
    UNIT_NOT_COMPARABLE = auto()
    UNIT_NOT_ASKED_FOR = auto()
    UNIT_IN_OTHER_WORDS = auto()
    OTHER_WORDS_THAN_UNIT = auto()
    DECIDED_BY_PERSON = auto()


def stored_reason(reason: Reason, counts: tuple[int, ...] = ()) -> str:
    """Return the words that a grade is stored with; ``counts`` are the numbers in them."""
    return wording(language("en"), NAME)[reason].format(*counts)


def said_reason(stored: str, tongue: Language) -> str:
    """Return a stored reason in a language; as it is where a person or a model gave it."""
    code = _codes().get(_NUMBER.sub("{}", stored))
    return wording(tongue, NAME)[code].format(*_NUMBER.findall(stored)) if code else stored


@cache
def _codes() -> dict[str, str]:
    """The code of each stored reason, its numbers as ``{}``."""
    return {words: code for code, words in language("en").mapping(NAME).items()}

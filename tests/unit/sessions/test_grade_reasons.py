"""Why an answer was graded as it was is told in the learner's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sessions_app import domain, services
from sessions_app.domain.grading.reasons import NAME, Reason, said_reason, stored_reason
from tutor_project.language import FULL_LANGUAGES, language

CODE = [path.read_text() for package in (domain, services) for path in Path(next(iter(package.__path__))).rglob("*.py")]


@pytest.mark.parametrize("tag", FULL_LANGUAGES)
def test_every_reason_has_words_of_its_own_in_every_language(tag: str) -> None:
    words = language(tag).mapping(NAME)
    assert words.keys() == set(Reason)
    assert len(set(words.values())) == len(words)


def test_every_reason_is_given_somewhere() -> None:
    given = {name for text in CODE for name in re.findall(r"\bReason\.([A-Z_]+)", text)}
    assert given == set(Reason.__members__)


@pytest.mark.parametrize("reason", Reason)
def test_a_stored_reason_is_found_again(reason: Reason) -> None:
    counts = tuple(range(2, 2 + language("en").mapping(NAME)[reason].count("{}")))
    said = said_reason(stored_reason(reason, counts), language("de"))
    assert said == language("de").mapping(NAME)[reason].format(*counts)


def test_numbers_stand_where_they_stood_and_unknown_words_stay() -> None:
    german = language("de")
    assert stored_reason(Reason.SOME_PARTS, (2, 3)) == "2 of 3 parts are right"
    assert said_reason("2 of 3 parts are right", german) == "2 von 3 Teilen sind richtig"
    assert said_reason("2 of 3 parts are right", language("en")) == "2 of 3 parts are right"
    assert said_reason("decided by a person", german) == "von einem Menschen entschieden"
    assert said_reason("says it in other words, says the model", german) == "says it in other words, says the model"

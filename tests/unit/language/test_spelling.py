"""Both spellings of English are one word to whoever looks for it."""

from __future__ import annotations

import pytest

from tutor_project.language import language
from tutor_project.language.spelling import american


@pytest.mark.parametrize(
    ("british", "other"),
    [("colour", "color"), ("haemoglobin", "hemoglobin"), ("fibre", "fiber"), ("organised", "organized"), ("travelling", "traveling")],
)  # fmt: skip
def test_british_words_have_an_american_form_and_one_stem(british: str, other: str) -> None:
    assert american(british) == other
    assert language("en").stem(british) == language("en").stem(other)


@pytest.mark.parametrize("word", ["acre", "genre", "four", "wise"])
def test_words_of_one_spelling_stay(word: str) -> None:
    assert american(word) == word


def test_other_languages_keep_their_words() -> None:
    assert language("fr").stem("fibre") != language("fr").stem("fiber")

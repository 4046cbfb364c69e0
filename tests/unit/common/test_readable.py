"""Stored values as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from tutor_project.common.readable import MOST_ITEMS, name_words, number_words, value_words

ID = "01a2291f-897a-7037-9dde-f390cabe5ea5"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"), (0.123456789, "0.123"), (1234.5678, "1,234.57"), (2.0, "2"), (0.0, "0"), (float("nan"), "–"),
        (-0.25, "-0.25"),
    ],
)  # fmt: skip
def test_a_number_has_no_digits_that_mean_nothing(value: float | None, words: str) -> None:
    assert number_words(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "–"), ([], "–"), ("", "–"), (True, "yes"), ([1, 2.50001], "1, 2.5"), ([ID], "–"), ({"job_id": ID}, "–"),
        (["high", "low"], "high, low"),
    ],
)  # fmt: skip
def test_a_stored_value_is_shown_in_words(value: Any, words: str) -> None:
    assert value_words(value) == words


def test_a_structure_becomes_a_list_without_ids_and_without_markup_of_its_own() -> None:
    shown = value_words({"session_id": ID, "error_code": "<b>full</b>", "parts": [{"page": 1, "share": 1 / 3}]})
    assert "<dt>Error code</dt><dd>&lt;b&gt;full&lt;/b&gt;</dd>" in shown
    assert "<dt>Share</dt><dd>0.333</dd>" in shown
    assert ID not in shown


def test_a_long_list_says_how_much_is_left_out() -> None:
    assert value_words(list(range(MOST_ITEMS + 5))).endswith("and 5 more")


def test_names_become_words() -> None:
    assert name_words("quiz_generation") == "Quiz generation"
    assert name_words("base_url") == "Base URL"
    assert name_words("model_not_answering:closed") == "Model not answering (closed)"

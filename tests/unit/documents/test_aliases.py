"""What a question abbreviates is found where it is written out, and the reverse."""

from __future__ import annotations

import pytest

from documents_app.domain.search.aliases import other_forms
from tutor_project.language import language

ENGLISH = language("en")


@pytest.mark.parametrize(
    ("question", "text", "form"),
    [
        ("What happened in WW2?", "In World War II the front moved.", "world war ii"),
        ("What happened in WWII?", "World War 2 began.", "world war 2"),
        ("What does the ETC do?", "The electron transport chain pumps protons.", "electron transport chain"),
        ("Where is the USA?", "The United States of America lie there.", "united states of america"),
        ("What does the electron transport chain do?", "The ETC pumps protons.", "ETC"),
        ("Who won World War II?", "After WW2 they met.", "WW2"),
    ],
)
def test_a_form_of_the_text_stands_for_the_one_of_the_question(question: str, text: str, form: str) -> None:
    assert other_forms(question, ["Something else.", text], ENGLISH) == [form]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Is IT useful?", "It is said in the end."),
        ("What is DNA?", "Cells divide."),
        ("What do plants eat?", "Plants need light."),
    ],
)
def test_small_words_and_texts_without_the_words_stand_for_nothing(question: str, text: str) -> None:
    assert other_forms(question, [text], ENGLISH) == []

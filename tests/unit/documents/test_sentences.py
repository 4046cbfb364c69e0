"""Sentence borders are exact spans and fall where a reader would put them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_project.language import language

split_sentences = language(None).sentences


def sentences(text: str, **options: object) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Organelles, e.g. the nucleus, have membranes.",
        "As Fig. 3 shows, cells divide.",
        "Dr. Smith wrote it with Prof. A. B. Jones.",
        "Smith et al. (2010) measured pi as 3.14 exactly.",
        "See No. 5 of vol. 12 on p. 7.",
        "Version 2.0.1 of www.example.org/a.b is out.",
        "Das war am 3. Oktober im 19. Jahrhundert, z. B. in Bonn.",
        "Yahoo! is a company.",
        "The U.S. Government paid.",
        "He waited... and waited.",
        "Staphylococcus sp. Nov is a label.",
    ],
)
def test_a_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ends. The next begins.", ["It ends.", "The next begins."]),
        ("Fruit is rich in vitamin C. The body needs it.", ["Fruit is rich in vitamin C.", "The body needs it."]),
        ("Cells, tissues, etc. Then organs.", ["Cells, tissues, etc.", "Then organs."]),
        ("It was 1990. In 1991 it changed.", ["It was 1990.", "In 1991 it changed."]),
        (
            '"Go." She left. (He stayed.) "Why?" Nobody knew.',
            ['"Go."', "She left.", "(He stayed.)", '"Why?"', "Nobody knew."],
        ),
        ("It is known.[12] So we go on.", ["It is known.[12]", "So we go on."]),
        ("**Bold.** Plain.", ["**Bold.**", "Plain."]),
        ("これは文です。次の文！「はい。」終わり", ["これは文です。", "次の文！", "「はい。」", "終わり"]),
        ("ما هذا؟ هذا كتاب.", ["ما هذا؟", "هذا كتاب."]),
        ("यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("Wait… Then it came.", ["Wait…", "Then it came."]),
        ("no stop at all", ["no stop at all"]),
    ],
)
def test_a_stop_before_a_new_sentence_ends_one(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_no_sentence_crosses_a_paragraph_a_heading_an_item_or_a_row() -> None:
    text = "# Cells\nFirst line\nwraps here\n\nSecond paragraph\n- one\n- two\n1. three\n2. four\na\tb\nc\td\nlast"
    assert sentences(text) == [
        "Cells",
        "First line\nwraps here",
        "Second paragraph",
        "one",
        "two",
        "three",
        "four",
        "a\tb",
        "c\td",
        "last",
    ]


def test_a_wrapped_number_is_not_taken_for_a_list_item() -> None:
    assert sentences("The map is shown in figure\n3) and in the atlas.") == [
        "The map is shown in figure\n3) and in the atlas."
    ]


def test_prose_runs_on_across_a_page_break_only_in_mid_sentence() -> None:
    assert sentences("the cell\n\fmembrane is thin.") == ["the cell\n\fmembrane is thin."]
    assert sentences("It is thin.\n\fmembranes vary.") == ["It is thin.", "membranes vary."]
    assert sentences("The Cell\n\fMembranes vary.") == ["The Cell", "Membranes vary."]


def test_given_breaks_are_respected() -> None:
    text = "The Cell\ncells are small."
    assert sentences(text, breaks=[8]) == ["The Cell", "cells are small."]


def test_only_the_asked_range_is_split() -> None:
    text = "One. Two is here. Three."
    assert split_sentences(text, 5, 17) == [(5, 17)]


@given(st.text(alphabet=st.sampled_from("Ab1 .!?…。\n\t\f-#*(\"'[)]é中")), st.integers(0, 40), st.integers(0, 40))
def test_spans_are_ordered_stripped_and_inside_the_range(text: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    position = start
    for span_start, span_end in split_sentences(text, start, end):
        assert position <= span_start < span_end <= end
        assert text[span_start:span_end] == text[span_start:span_end].strip()
        position = span_end


@given(st.text(alphabet=st.sampled_from("Ab1 .!?。\n\f\té中")))
def test_every_letter_and_digit_is_in_a_sentence_or_a_marker(text: str) -> None:
    covered = {index for start, end in split_sentences(text) for index in range(start, end)}
    missing = [char for index, char in enumerate(text) if char.isalpha() and index not in covered]
    assert not missing

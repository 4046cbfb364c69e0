"""Stored text and the characters of its page: the same letters in another order."""

from __future__ import annotations

import pytest

from documents_app.domain.alignment import align


def found(stored: str, drawn: str) -> str:
    """The drawn characters behind the stored ones, a dot where there is none."""
    places = align(stored, drawn)
    given = [place for place in places if place >= 0 and drawn[place] != "ﬁ"]
    assert len(given) == len(set(given))
    return "".join("·" if place < 0 else drawn[place] for place in places)


def test_the_same_text_is_itself() -> None:
    assert align("two words", "two\r\nwords") == [0, 1, 2, -1, 5, 6, 7, 8, 9]


def test_columns_in_another_order_keep_repeated_words_apart() -> None:
    left, right = "the first line of the left", "the first line of the right"
    drawn = f"{left}\r\n{right}\r\n"
    stored = f"{right}\n{left}"
    places = align(stored, drawn)
    assert places[: len("the")] == [len(left) + 2 + step for step in range(3)]
    assert places[len(right) + 1] == 0


def test_a_repeated_number_is_the_one_beside_its_words() -> None:
    assert align("5 a\n5 b", "5 b 5 a") == [4, -1, 6, -1, 0, -1, 2]
    assert align("x\t5\ny\t5", "x 5 y 5")[::2] == [0, 2, 4, 6]


@pytest.mark.parametrize(
    ("stored", "drawn", "expected"),
    [
        ("10²³ and H₂O", "1023 and H2O", "1023·and·H2O"),
        ("x^(2n) = y", "x2n = y", "x··2n··=·y"),
        ("final", "ﬁnal", "ﬁﬁnal"),
        ("mem-\nbrane", "mem\ufffebrane", "mem\ufffe·brane"),
        ("SPACED", "S P A C E D", "SPACED"),
        ("one two", "one", "one····"),
        ("", "one", ""),
        ("one", "", "···"),
    ],
)
def test_what_is_written_differently_is_the_same(stored: str, drawn: str, expected: str) -> None:
    assert found(stored, drawn) == expected

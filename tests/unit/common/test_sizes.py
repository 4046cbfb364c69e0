"""Sizes are read and written as people do."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tutor_project.common.console.sizes import SizeField, size_read, size_words

MB = 1024**2


@pytest.mark.parametrize(
    ("count", "words"),
    [(50 * MB, "50 MB"), (MB * 3 // 2, "1.5 MB"), (1024, "1 KB"), (0, "0"), (1000, "1000"), (50 * MB + 1, "52428801"), (2**50, "1 PB")],
)  # fmt: skip
def test_a_size_is_written_exactly_and_read_back(count: int, words: str) -> None:
    assert size_words(count) == words
    assert size_read(words) == count


@pytest.mark.parametrize("text", ["50 MB", "50mb", "50 MiB", "50M", " 52428800 ", "0.048828125 gb", "50,0 MB"])
def test_all_ways_to_write_it_are_understood(text: str) -> None:
    assert size_read(text) == 50 * MB


@pytest.mark.parametrize("text", ["", "much", "-5 MB", "5 apples", "1.5", "MB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    assert size_read(text) is None


@pytest.mark.parametrize(("text", "said"), [("1 B", "At least 1 KB"), ("2 GB", "At most 1 GB"), ("x", "50 MB")])
def test_a_refusal_says_the_bound_in_the_same_words(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SizeField(low=1024, high=2**30).clean(text)

"""Token estimates: monotone, never far below, and good enough to cut text to a budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_project.llm.types import Usage
from tutor_project.llm.usage import estimate_tokens, truncate_to_tokens

ALPHABET = "ab c1.\n{é字ж"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("The mitochondrion is the powerhouse of the cell.", 9, 16),
        ("Die Donaudampfschifffahrtsgesellschaft fährt.", 8, 20),
        ("光合作用是植物利用光能的过程", 12, 20),
        ("3.14159265358979", 5, 12),
        ("{'a': [1, 2, 3]}", 10, 22),
    ],
)
def test_estimate_is_near_what_tokenizers_count(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most


@given(st.text(alphabet=ALPHABET, max_size=60), st.text(alphabet=ALPHABET, max_size=30))
def test_more_text_is_never_fewer_tokens(first: str, second: str) -> None:
    assert estimate_tokens(first + second) + 1 >= estimate_tokens(first)


@given(st.text(alphabet=ALPHABET, max_size=200), st.integers(1, 40))
def test_cut_text_is_a_prefix_within_the_limit(text: str, limit: int) -> None:
    cut = truncate_to_tokens(text, limit)
    assert text.startswith(cut)
    assert estimate_tokens(cut) <= limit


def test_text_within_the_limit_is_not_cut() -> None:
    assert truncate_to_tokens("a few words", 50) == "a few words"


def test_a_sum_is_measured_only_if_all_parts_are() -> None:
    measured, guessed = Usage(1, 2, measured=True), Usage(3, 4, measured=False)
    assert (measured + measured).measured
    assert measured + guessed == Usage(4, 6, measured=False)
    assert (measured + guessed).total_tokens == 10

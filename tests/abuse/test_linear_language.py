"""Cutting a text into sentences and words takes time that grows with the text, whatever is repeated in it."""

from __future__ import annotations

import time

import pytest

from tutor_project.language import language


@pytest.mark.parametrize("unit", [".", ". ", "'", "a'", "\n", "- ", "1.", "A. ", "a\n\n", "z. B. "])
def test_time_is_linear_in_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * size
        begun = time.process_time()
        for tag in ("en", "fr"):
            language(tag).sentences(text)
            language(tag).words(text)
        return time.process_time() - begun

    seconds(1000)
    small = min(seconds(10_000) for _ in range(3))
    large = min(seconds(80_000) for _ in range(2))  # what is quadratic takes 64 times as long
    assert large < 40 * max(small, 0.01)

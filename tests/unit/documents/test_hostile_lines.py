"""What is found by the shape of lines takes time in proportion to the text, whatever its lines are made of."""

from __future__ import annotations

import time

import pytest

from documents_app.domain.reading.prose import furniture

SIZES = 20_000, 160_000


def seconds(text: str) -> float:
    started = time.process_time()
    furniture(text)
    return time.process_time() - started


@pytest.mark.parametrize("unit", [".", ". ", "1", "- ", "\t", "| ", "return ", " ", "iv", "a.b "])
def test_one_long_line_of_anything_costs_in_proportion(unit: str) -> None:
    short, long = (unit * (size // len(unit)) for size in SIZES)
    assert seconds(long) < 2 * SIZES[1] / SIZES[0] * max(seconds(short), 0.01)


def test_lines_of_contents_numbers_and_code_are_still_found() -> None:
    text = "1 Cells ........ 12\nA cell is the smallest unit of life.\n\n17\n\nx = call();\n"
    found = {text[start:end] for start, end in furniture(text)}
    assert {"1 Cells ........ 12", "17", "x = call();"} <= found
    assert not any("smallest unit" in span for span in found)

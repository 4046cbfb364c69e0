"""The pairs of answers and keys that grading is tested and measured with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FIXTURES = Path(__file__).parent / "fixtures"


class QuantityPair(NamedTuple):
    """An answer, the key it is compared with, and what it is: right, wrong, or either (not for certain)."""

    language: str
    key: str
    answer: str
    expected: str


def _lines(name: str) -> list[str]:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.strip() and not line.startswith("#")]


def minimal_pairs() -> list[tuple[str, str, str]]:
    """Return (answer, key, "yes", "no" or "?")."""
    rows = []
    for line in _lines("grading_pairs.txt"):
        answer, key, expected = line.split(" | ")
        rows.append((answer, key.strip(" "), expected.strip(" ")))
    return rows


def quantity_pairs() -> list[QuantityPair]:
    """Return the pairs for numbers, signs, units, symbols, numerals and dates in five languages."""
    found = []
    for line in _lines("quantity_pairs.txt"):
        language, key, *columns = (column.strip() for column in (line + " ").split(" | "))
        columns[-1] = columns[-1].removesuffix("|").strip()
        for expected, column in zip(("right", "wrong", "either"), columns, strict=False):
            found += [QuantityPair(language, key, answer, expected) for answer in column.split(" ; ") if answer]
    return found


def worded_pairs() -> list[QuantityPair]:
    """Return answers in words in five languages; ``expected`` is right, wrong or doubt."""
    return [QuantityPair(*line.split(" | ")) for line in _lines("worded_pairs.txt")]

"""Grading of a number with tolerance and unit."""

from __future__ import annotations

import math
import re

from sessions_app.domain.grading.normalise import plain
from sessions_app.domain.grading.numbers import Quantity, find_quantities
from sessions_app.domain.grading.types import Grade, right, unsure, wrong
from sessions_app.domain.grading.units import convert, parse_unit

_BOUND = re.compile(
    r"[<>≤≥]|\b(?:less|more|greater|over|under|above|below|at least|at most|up to|between|or|to|minimum|maximum)\b"
)
_DENIED = re.compile(r"\b(?:not|never|isn't|no|without)\b")
_ROUND_ERROR = 1e-9


def grade_number(
    answer: str, value: float, tolerance: float = 0.0, unit: str = "", *, unit_shown: bool = True
) -> Grade:
    """Grade a number: right when ``|answer - value| <= tolerance`` in ``unit`` (other units of the dimension are converted).

    A missing unit is accepted only where the question shows it (``unit_shown``); a unit of another dimension is wrong; bounds, ranges, two
    numbers, and a right value that was rounded, wait for a person.
    """
    text = re.sub(r"\s+", " ", answer.strip())
    found = [quantity for quantity in find_quantities(_joined_sign(text)) if not quantity.ordinal]
    if not found:
        return wrong("no number") if not re.search(r"\d", text) else unsure("the number cannot be read")
    flat = plain(text)
    if _DENIED.search(flat):
        return wrong("denies")
    if len(found) > 1 or _BOUND.search(flat) or re.search(r"\d\s?[-–]\s?\d", text):
        return unsure("more than one number, or a bound")
    quantity = found[0]
    given, problem = _in_unit(quantity, unit, text, unit_shown)
    if problem is not None:
        return problem
    slack = tolerance + _ROUND_ERROR * max(1.0, abs(value))
    if abs(given - value) <= slack:
        return right("the number asked for")
    if tolerance == 0 and _rounds_to(quantity, given, value):
        return unsure("the right number, rounded")
    return wrong("another number")


def _joined_sign(text: str) -> str:
    return re.sub(r"(?<!\w)([-−–+])\s+(?=\d)", r"\1", text)


def _in_unit(quantity: Quantity, unit: str, text: str, unit_shown: bool) -> tuple[float, Grade | None]:
    wanted = parse_unit(unit) if unit else None
    if quantity.unit is None:
        rest = re.sub(r"[\d.,+\-−–\s×x^*~≈=()]", "", text[quantity.end :])
        if wanted is not None:
            if rest:
                return 0.0, unsure(f"the unit of {text!r} is not known")
            return quantity.value, None if unit_shown else unsure("the unit is missing")
        if unit and rest and plain(unit).rstrip("s") != plain(rest).rstrip("s"):
            return 0.0, unsure("other words than the unit asked for")
        return quantity.value, None
    if wanted is None:
        if not unit:
            return 0.0, unsure("a unit where none is asked for")
        same = plain(unit).rstrip("s") == plain(quantity.written).rstrip("s")
        return quantity.value, None if same else unsure("the unit cannot be compared")
    converted = convert(quantity.value, quantity.unit, wanted)
    if converted is None:
        return 0.0, wrong("a unit of something else")
    return converted, None


def _rounds_to(quantity: Quantity, given: float, value: float) -> bool:
    """Whether the answer is the value rounded to the digits it has (3.14 for 3.14159), at least two of them."""
    digits = quantity.digits.replace(",", "")
    decimals = len(digits.partition(".")[2])
    significant = len(digits.replace(".", "").lstrip("0"))
    return (
        significant >= 2
        and (value > 0) == (given > 0)
        and math.isclose(round(value, decimals), given, rel_tol=1e-9)
        and given != value
    )

"""Grading of a number with tolerance and unit."""

from __future__ import annotations

import math
import re
import unicodedata

from sessions_app.domain.grading.normalise import plain
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.types import Grade, GradeVerdict, right, unsure, wrong
from tutor_project.language import either, words_of_all
from tutor_project.language.quantities import Quantity, QuantityForm, QuantityReading, read
from tutor_project.language.quantities.compare import is_rounded
from tutor_project.language.quantities.lexicon import lexicon
from tutor_project.language.quantities.units import MeasureUnit, parse_unit_readings

_DENIED = re.compile(rf"\b(?:{either(words_of_all('denials_in_answers'))})\b")
_ROUND_ERROR = 1e-9


def grade_number(
    answer: str, value: float, tolerance: float = 0.0, unit: str = "", *, unit_shown: bool = True
) -> Grade:
    """Grade a number: right when ``|answer - value| <= tolerance`` in ``unit`` (other units of the dimension are converted).

    A missing unit is accepted only where the question shows it (``unit_shown``). A unit of another dimension is wrong.
    These wait for a person: bounds, ranges, two numbers, a right value that was rounded, and an answer with a character
    that was not read.
    """
    grades = [_read_grade(reading, answer, value, tolerance, unit, unit_shown) for reading in read(answer.strip())]
    for verdict in (GradeVerdict.CORRECT, GradeVerdict.NEEDS_REVIEW):
        for grade in grades:
            if grade.verdict is verdict:
                return grade
    return grades[0]


def _read_grade(
    reading: QuantityReading, answer: str, value: float, tolerance: float, unit: str, unit_shown: bool
) -> Grade:
    if not reading.quantities:
        readable = all(unicodedata.name(char, "").startswith("LATIN") for char in answer if char.isalnum())
        return wrong(Reason.NO_NUMBER) if readable else unsure(Reason.UNREAD_NUMBER)
    if _DENIED.search(plain(answer)):
        return wrong(Reason.DENIES)
    quantity = reading.quantities[0]
    if len(reading.quantities) > 1 or quantity.bound or quantity.spread or quantity.form is not QuantityForm.NUMBER:
        return unsure(Reason.SEVERAL_NUMBERS)
    grade = _grade_quantity(quantity, _other_words(reading), value, tolerance, unit, unit_shown)
    return unsure(Reason.UNREAD_CHARACTERS) if reading.unread else grade


def _other_words(reading: QuantityReading) -> list[str]:
    small = lexicon(reading.language).small
    return [word for word in reading.words if word != "§" and word not in small]


def _grade_quantity(
    quantity: Quantity, words: list[str], value: float, tolerance: float, unit: str, unit_shown: bool
) -> Grade:
    """The best outcome over what the number and its unit can be; a reading that is not the likeliest is never right for certain."""
    wanted = parse_unit_readings(unit) if unit else ()
    outcomes = []
    for place, (number,) in enumerate(quantity.readings):
        for given in quantity.units or (None,):
            converted, problem = _in_unit(number, given, quantity, words, wanted, unit, unit_shown)
            grade = problem or _grade_value(converted, quantity, value, tolerance)
            if grade.reason is Reason.ANOTHER_NUMBER and _comes_to(number, given, wanted, value, quantity.decimals):
                grade = unsure(Reason.ROUNDED_IN_ANOTHER_UNIT)
            doubtful = place > 0 or (given is not None and given.doubtful)
            outcomes.append(unsure(Reason.AMBIGUOUS_NUMBER) if grade.correct and doubtful else grade)
    for verdict in (GradeVerdict.CORRECT, GradeVerdict.NEEDS_REVIEW):
        for grade in outcomes:
            if grade.verdict is verdict:
                return grade
    return outcomes[0]


def _comes_to(
    number: float, given: MeasureUnit | None, wanted: tuple[MeasureUnit, ...], value: float, decimals: int
) -> bool:
    """Whether a number in another unit than the wanted one is what the value comes to in it, rounded: 373 K for 100 °C."""
    if given is None or not wanted or (given.factor, given.offset) == (wanted[0].factor, wanted[0].offset):
        return False
    return is_rounded(number, given, wanted[0].to_base(value), decimals)


def _grade_value(given: float, quantity: Quantity, value: float, tolerance: float) -> Grade:
    slack = tolerance + _ROUND_ERROR * max(1.0, abs(value))
    if abs(given - value) <= slack:
        return right(Reason.SAME_NUMBER)
    if tolerance == 0 and _rounds_to(quantity, given, value):
        return unsure(Reason.ROUNDED)
    return wrong(Reason.ANOTHER_NUMBER)


def _in_unit(
    number: float,
    given: MeasureUnit | None,
    quantity: Quantity,
    words: list[str],
    wanted: tuple[MeasureUnit, ...],
    unit: str,
    unit_shown: bool,
) -> tuple[float, Grade | None]:
    """The number in the wanted unit, or why it cannot be brought there."""
    if given is None:
        if wanted:
            if words and not unit_shown:
                return 0.0, unsure(Reason.UNIT_UNKNOWN)
            if words:
                return number, unsure(Reason.OTHER_WORDS_THAN_UNIT)
            return number, None if unit_shown else unsure(Reason.UNIT_MISSING)
        named = {plain(word).rstrip("s") for word in words}
        if unit and named and plain(unit).rstrip("s") not in named:
            return 0.0, unsure(Reason.OTHER_WORDS_THAN_UNIT)
        return number, None
    if not wanted:
        if not unit:
            return 0.0, unsure(Reason.UNIT_NOT_ASKED_FOR)
        same = plain(unit).rstrip("s") == plain(quantity.written_unit).rstrip("s")
        return number, None if same else unsure(Reason.UNIT_NOT_COMPARABLE)
    target = wanted[0]
    if given.dimension != target.dimension:
        return 0.0, _other_unit(words)
    return (given.to_base(number) - target.offset) / target.factor, None


def _other_unit(words: list[str]) -> Grade:
    """A unit of another dimension is wrong, unless another one follows in words: "kilometres in a second"."""
    said_apart = any(map(parse_unit_readings, words))
    return unsure(Reason.UNIT_IN_OTHER_WORDS) if said_apart else wrong(Reason.UNIT_OF_ANOTHER_KIND)


def _rounds_to(quantity: Quantity, given: float, value: float) -> bool:
    """Whether the answer is the value rounded to the decimals it has (3.14 for 3.14159), at least two digits in all."""
    digits = f"{abs(quantity.readings[0][0]):.{quantity.decimals}f}"
    significant = len(digits.replace(".", "").lstrip("0"))
    return (
        significant >= 2
        and (value > 0) == (given > 0)
        and math.isclose(round(value, quantity.decimals), given, rel_tol=1e-9)
        and given != value
    )

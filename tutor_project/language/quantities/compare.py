"""Whether two quantities are the same, different, or cannot be told apart for certain."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum

from tutor_project.language.quantities.types import Quantity, QuantityForm
from tutor_project.language.quantities.units import MeasureUnit

_EXACT = 1e-9
_CONVERTED = 1e-6
_ROUNDED_CONVERSION = 5e-3
_ROUNDED_AWAY = 0.05
_UPWARD = {">": True, "≥": True, "<": False, "≤": False}


class Match(StrEnum):
    """The outcome of a comparison; ``unclear`` is for a person to decide."""

    SAME = "same"
    DIFFERENT = "different"
    UNCLEAR = "unclear"


def compare_quantities(given: Quantity, wanted: Quantity) -> Match:
    """Compare a given quantity with the wanted one: value, unit, form, bound and era."""
    found = _values(given, wanted)
    if given.bound != wanted.bound:
        found = _bounds(given, wanted, found)
    if given.spread != wanted.spread:
        found = Match.DIFFERENT if found is Match.DIFFERENT else Match.UNCLEAR
    if found is Match.SAME and given.rank != wanted.rank and given.spelled and wanted.spelled:
        return Match.UNCLEAR
    return _eras(given, wanted, found)


def close(a: float, b: float, tolerance: float = _EXACT) -> bool:
    """Return whether two values are equal but for rounding of the last bits."""
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-300)


def _eras(given: Quantity, wanted: Quantity, found: Match) -> Match:
    if given.era == wanted.era or found is Match.DIFFERENT:
        return found
    if {given.era, wanted.era} == {"bc", "ad"}:
        return Match.DIFFERENT
    if "bc" in {given.era, wanted.era}:
        # A year without an era may mean either where the other side says "before Christ"; with an era it says which.
        return Match.UNCLEAR if wanted.era == "bc" else Match.DIFFERENT
    return found


def _bounds(given: Quantity, wanted: Quantity, found: Match) -> Match:
    if given.bound and wanted.bound:
        same_side = _UPWARD[given.bound] is _UPWARD[wanted.bound]
        return Match.UNCLEAR if same_side and found is not Match.DIFFERENT else Match.DIFFERENT
    if found is not Match.DIFFERENT:
        return Match.UNCLEAR
    inner, outer = (given, wanted) if wanted.bound else (wanted, given)
    if inner.form is not QuantityForm.NUMBER or outer.form is not QuantityForm.NUMBER:
        return Match.UNCLEAR
    above = inner.readings[0][0] > outer.readings[0][0]
    return Match.UNCLEAR if above is _UPWARD[outer.bound] else Match.DIFFERENT


def _values(given: Quantity, wanted: Quantity) -> Match:
    if given.form is wanted.form:
        return _of_one_form(given, wanted)
    forms = {given.form, wanted.form}
    if forms == {QuantityForm.RANGE, QuantityForm.RATIO}:
        return _pairs(given, wanted)
    if QuantityForm.NUMBER not in forms:
        return Match.UNCLEAR
    return _beside_number(given, wanted) if wanted.form is QuantityForm.NUMBER else _beside_number(wanted, given)


def _of_one_form(given: Quantity, wanted: Quantity) -> Match:
    match given.form:
        case QuantityForm.NUMBER:
            return _numbers(given, wanted)
        case QuantityForm.DATE:
            return _dates(given, wanted)
        case QuantityForm.RANGE | QuantityForm.RATIO:
            return _pairs(given, wanted)
        case _:
            return Match.SAME if given.readings[0] == wanted.readings[0] else Match.DIFFERENT


def _beside_number(other: Quantity, number: Quantity) -> Match:
    """A date, range or decade beside a number never says the same for certain; it may say another thing for certain."""
    value = number.readings[0][0]
    match other.form:
        case QuantityForm.DATE:
            years = {reading[0] for reading in other.readings}
            possible = years == {0.0} or value in years  # "10/6" beside a day without a year
        case QuantityForm.RANGE:
            possible = _may_be_inside(other, number)
        case QuantityForm.DECADE:
            start = other.readings[0][0]
            possible = start <= value < start + 10
        case _:
            possible = True
    return Match.UNCLEAR if possible else Match.DIFFERENT


def _may_be_inside(span: Quantity, number: Quantity) -> bool:
    if number.units and span.units and number.units[0].factor != span.units[0].factor:
        return True
    low, high = sorted(span.readings[0])
    return any(low <= value <= high for (value,) in number.readings)


def _pairs(given: Quantity, wanted: Quantity) -> Match:
    a, b = given.readings[0], wanted.readings[0]
    if given.form is wanted.form is QuantityForm.RATIO and a[1] and b[1]:
        return Match.SAME if close(a[0] / a[1], b[0] / b[1]) else Match.DIFFERENT
    ends = [_numbers(_end(given, index), _end(wanted, index)) for index in range(2)]
    if Match.DIFFERENT in ends:
        short = all(x == y % 100 and y >= 1000 for x, y in zip(a, b, strict=True))
        return Match.UNCLEAR if short and not given.units else Match.DIFFERENT
    return Match.SAME if ends == [Match.SAME, Match.SAME] else Match.UNCLEAR


def _end(pair: Quantity, index: int) -> Quantity:
    return Quantity(QuantityForm.NUMBER, ((pair.readings[0][index],),), pair.units, pair.written_unit)


def _dates(given: Quantity, wanted: Quantity) -> Match:
    """Equal in what both say; less said, or day and month in doubt, is unclear."""
    matches = [
        (x, y)
        for x in given.readings
        for y in wanted.readings
        if all(p == q or not p or not q for p, q in zip(x, y, strict=True))
    ]
    if not matches:
        return Match.DIFFERENT
    certain = len(given.readings) == len(wanted.readings) == 1 and matches[0][0] == matches[0][1]
    if certain:
        return Match.SAME
    # Both slashed: the same day and month in both orders of either side.
    both = len(given.readings) == len(wanted.readings) == 2 and set(given.readings) == set(wanted.readings)
    return Match.SAME if both and given.readings[0] == wanted.readings[0] else Match.UNCLEAR


def _readings(quantity: Quantity) -> Iterator[tuple[float, MeasureUnit | None, bool]]:
    """Every (value, unit, whether it is the plain reading) a quantity can have."""
    for place, (value,) in enumerate(quantity.readings):
        for unit in quantity.units or (None,):
            yield value, unit, place == 0 and not (unit is not None and unit.doubtful)


def _numbers(given: Quantity, wanted: Quantity) -> Match:
    best = Match.DIFFERENT
    first_wanted = wanted.units[0] if wanted.units else None
    for value, unit, plain in _readings(given):
        for target, target_unit, target_plain in _readings(wanted):
            match = _one_number(value, unit, target, target_unit, given.decimals)
            # The wanted unit is its first reading; that a bare C there means Celsius is for a person to say.
            certain = plain and target_plain and target_unit is first_wanted
            if match is Match.SAME and certain:
                return Match.SAME
            if match is not Match.DIFFERENT:
                best = Match.UNCLEAR
    if best is Match.DIFFERENT and given.written_unit.casefold() == wanted.written_unit.casefold() != "":
        same_digits = given.readings[0] == wanted.readings[0]
        return Match.UNCLEAR if same_digits and given.written_unit != wanted.written_unit else best
    return best


def _one_number(
    value: float, unit: MeasureUnit | None, target: float, target_unit: MeasureUnit | None, places: int
) -> Match:
    if unit is None:
        return _unit_on_one_side(target, target_unit, value) if target_unit else _plain(value, target, places)
    if target_unit is None:
        found = _unit_on_one_side(value, unit, target)
        other_power = bool(unit.dimension) and _power_of_ten_apart(value, target)
        return Match.UNCLEAR if found is Match.DIFFERENT and other_power else found
    if unit.dimension != target_unit.dimension:
        return Match.DIFFERENT
    if (unit.factor, unit.offset) == (target_unit.factor, target_unit.offset):
        return _plain(value, target, places)
    a, b = unit.to_base(value), target_unit.to_base(target)
    if close(a, b, _CONVERTED):
        return Match.SAME
    near = close(a, b, _ROUNDED_CONVERSION) or is_rounded(value, unit, b, places)
    return Match.UNCLEAR if near else Match.DIFFERENT


def is_rounded(value: float, unit: MeasureUnit, base: float, places: int) -> bool:
    """Return whether ``value`` is what ``base`` (in base units) comes to in ``unit``, rounded to the places it is written with."""
    exact = (base - unit.offset) / unit.factor
    return abs(value - exact) <= 0.5 * 10**-places + _EXACT and close(value, exact, _ROUNDED_AWAY)


def _plain(value: float, target: float, places: int) -> Match:
    if close(value, target):
        return Match.SAME
    significant = len(f"{abs(value):.{places}f}".replace(".", "").lstrip("0"))
    rounded = places > 0 and significant >= 2 and close(round(target, places), value)
    return Match.UNCLEAR if rounded else Match.DIFFERENT


def _unit_on_one_side(value: float, unit: MeasureUnit, bare: float) -> Match:
    """A number with a unit beside one without: a share (%) is worked out, of any other unit only the digits can agree."""
    if not unit.dimension:
        worked_out = unit.to_base(value)
        if close(worked_out, bare):
            return Match.SAME
        if close(worked_out, bare, _ROUNDED_CONVERSION):
            return Match.UNCLEAR
    return Match.UNCLEAR if close(value, bare) else Match.DIFFERENT


def _power_of_ten_apart(value: float, target: float) -> bool:
    if not value or not target or value * target <= 0:
        return False
    scale = math.log10(value / target)
    return abs(scale - round(scale)) < 1e-9

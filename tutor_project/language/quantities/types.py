"""What reading a text for quantities yields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tutor_project.language.quantities.units import MeasureUnit


class QuantityForm(StrEnum):
    """What kind of quantity was written."""

    NUMBER = "number"
    RANGE = "range"
    RATIO = "ratio"
    CLOCK = "clock"
    DATE = "date"
    DECADE = "decade"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity in a text.

    ``readings``: the values it can have, the likeliest first: one number each, or (from, to), (a, b) of a ratio, (hour, minute), (year,
    month, day) with 0 for what is not said. ``units``: the units it can have, empty for none; ``written_unit`` as written.
    ``bound``: '<', '≤', '>', '≥' or ''. ``era``: 'bc', 'ad' or ''. ``decimals``: digits after the separator.
    ``rank``: an ordinal; ``spelled``: in words; ``start``, ``end``: where in the folded text.
    """

    form: QuantityForm
    readings: tuple[tuple[float, ...], ...]
    units: tuple[MeasureUnit, ...] = ()
    written_unit: str = ""
    bound: str = ""
    era: str = ""
    decimals: int = 0
    rank: bool = False
    spelled: bool = False
    spread: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class QuantityReading:
    """A text as read in one language: its quantities in order, the words with ``§`` in their places, and what was not read."""

    language: str
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]
    unread: tuple[str, ...]


PLACE = "§"

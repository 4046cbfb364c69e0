"""Quantities in texts: numbers, signs, units, ranges, ranks, dates and symbols as five languages write them."""

from tutor_project.language.quantities.compare import Match, compare_quantities
from tutor_project.language.quantities.reading import read
from tutor_project.language.quantities.symbols import compare_symbols, is_symbol
from tutor_project.language.quantities.types import PLACE, Quantity, QuantityForm, QuantityReading

__all__ = [
    "PLACE",
    "Match",
    "Quantity",
    "QuantityForm",
    "QuantityReading",
    "compare_quantities",
    "compare_symbols",
    "is_symbol",
    "read",
]

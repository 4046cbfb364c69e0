"""Units: recognition of what people write in five languages, and exact conversion within one dimension.

The table is a data file. A units library was measured and left out: it takes a second and 26 MB to import, and knows
neither the spellings of learners nor the ambiguity of a bare "C".
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from tutor_project.language.quantities.characters import fold_characters, fold_word
from tutor_project.language.quantities.lexicon import DATA

Dimension = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MeasureUnit:
    """A unit: ``value * factor + offset`` is the value in the base units of ``dimension`` ((base, power), sorted).

    ``doubtful``: the reading needs the other side to say so ("degrees" for degrees Celsius).
    """

    symbol: str
    dimension: Dimension
    factor: float
    offset: float = 0.0
    doubtful: bool = False

    def to_base(self, value: float) -> float:
        """Return ``value`` of this unit in base units."""
        return value * self.factor + self.offset


@dataclass(frozen=True, slots=True)
class _Table:
    symbols: dict[str, tuple[MeasureUnit, ...]]
    names: dict[str, tuple[MeasureUnit, ...]]
    loose: dict[str, tuple[MeasureUnit, ...]]
    per: frozenset[str]
    before: tuple[tuple[str, int], ...]
    after: tuple[tuple[str, int], ...]


def _dimension(written: str) -> Dimension:
    parts = (re.fullmatch(r"([a-z_]+?)(-?\d*)", part) for part in written.split())
    return tuple(sorted((match[1], int(match[2] or 1)) for match in parts if match))


@cache
def _table() -> _Table:
    with (DATA / "units.toml").open("rb") as file:
        raw = tomllib.load(file)
    symbols: dict[str, tuple[MeasureUnit, ...]] = {}
    names: dict[str, tuple[MeasureUnit, ...]] = {}
    plain = {symbol: _unit(symbol, entry) for symbol, entry in raw["units"].items()}
    for symbol, entry in raw["units"].items():
        readings = _readings(symbol, entry, plain)
        for written in (symbol, *entry.get("also", "").split()):
            symbols[written] = readings
        for name in filter(None, entry["names"].split("|")):
            names.setdefault(name, readings if "or" not in entry else readings[:1])
    for symbol, entry in raw["units"].items():
        if entry.get("prefixes"):
            _add_prefixed(symbol, entry, plain[symbol], raw["prefixes"], symbols, names)
    words = raw["words"]
    before = [(word, power) for key, power in (("square", 2), ("cubic", 3)) for word in words[key].split("|")]
    after = [(word, power) for key, power in (("squared", 2), ("cubed", 3)) for word in words[key].split("|")]
    return _Table(
        symbols, names, _in_small_letters(symbols), frozenset(words["per"].split()), tuple(before), tuple(after)
    )


def _readings(symbol: str, entry: dict[str, Any], plain: dict[str, MeasureUnit]) -> tuple[MeasureUnit, ...]:
    """The unit of a symbol, the other one it may be, and those that need the other side to say so."""
    sure = (plain[symbol], plain[entry["or"]]) if "or" in entry else (plain[symbol],)
    return (*sure, *(replace(plain[other], doubtful=True) for other in entry.get("doubtful", "").split()))


def _in_small_letters(symbols: dict[str, tuple[MeasureUnit, ...]]) -> dict[str, tuple[MeasureUnit, ...]]:
    loose: dict[str, tuple[MeasureUnit, ...]] = {}
    for written, readings in symbols.items():
        # Molar would make KM and MM ambiguous, and nobody writes it in the other case.
        if len(written) > 1 and not written.endswith("M"):
            loose[written.casefold()] = loose.get(written.casefold(), ()) + readings
    return loose


def _unit(symbol: str, entry: dict[str, Any]) -> MeasureUnit:
    return MeasureUnit(symbol, _dimension(entry["dimension"]), entry["factor"], entry.get("offset", 0.0))


def _add_prefixed(
    symbol: str,
    entry: dict[str, Any],
    unit: MeasureUnit,
    prefixes: dict[str, Any],
    symbols: dict[str, tuple[MeasureUnit, ...]],
    names: dict[str, tuple[MeasureUnit, ...]],
) -> None:
    spelled = [name for name in entry["names"].split("|") if name]
    for short, (scale, longs) in prefixes.items():
        scaled = MeasureUnit(("µ" if short == "u" else short) + symbol, unit.dimension, unit.factor * scale)
        for written in (symbol, *entry.get("also", "").split()):
            symbols.setdefault(short + written, (scaled,))
        for long in set(longs.split()):
            for name in spelled:
                names.setdefault(long + name, (scaled,))


_PIECE = re.compile(r"\^ ?-?\d|[·*×./()]|'|-?\d|-(?=\w)|%|‰|[^\W\d_]+(?:-[^\W\d_]+)*|[°º$€£¥¢] ?[CF]?\b|[°º$€£¥¢]|\S")
MAX_UNIT_LENGTH = 60


@lru_cache(maxsize=8192)
def parse_unit_readings(text: str) -> tuple[MeasureUnit, ...]:
    """Return every unit the text can stand for (``C``: coulomb or degree Celsius), the likeliest first; empty when none is known.

    Products, quotients and powers of any depth people write: ``kg·m/s²``, ``m s⁻²``, ``m/s/s``, ``J/(g·K)``, ``metres per second squared``.
    """
    folded = re.sub(r"\s+", " ", fold_characters(text)).strip().rstrip(".")
    if not folded or len(folded) > MAX_UNIT_LENGTH:
        return ()
    whole = _known(folded)
    if whole:
        return whole
    product = _Expression(folded).parse()
    if product is None:
        return _in_any_case(folded)
    readings = [product]
    joined = re.fullmatch(r"([A-Za-zµ])([A-Za-z]) ?(\^?-\d)", folded)
    if joined:
        apart = _Expression(f"{joined[1]} {joined[2]}{joined[3]}").parse()
        if apart is not None:
            readings.insert(0, apart)
    return tuple(readings)


def parse_unit(text: str) -> MeasureUnit | None:
    """Return the likeliest unit of a text, or None."""
    return next(iter(parse_unit_readings(text)), None)


def _known(written: str) -> tuple[MeasureUnit, ...]:
    table = _table()
    compact = re.sub(r"^([°º]) (?=[CF]$)", r"\1", written).replace("º", "°")
    found = table.symbols.get(compact) or table.symbols.get(written)
    if found:
        return found
    folded = fold_word(written)
    return table.names.get(folded) or table.names.get(folded.replace(".", "").strip()) or ()


def _in_any_case(written: str) -> tuple[MeasureUnit, ...]:
    """A symbol in the wrong case (KM, ML aside) where only one unit can be meant."""
    loose = _table().loose.get(written.casefold(), ())
    return loose[:1] if len({(unit.dimension, unit.factor) for unit in loose}) == 1 else ()


def _times(a: MeasureUnit, b: MeasureUnit, power: int) -> MeasureUnit:
    powers = dict(a.dimension)
    for base, exponent in b.dimension:
        powers[base] = powers.get(base, 0) + exponent * power
    dimension = tuple(sorted((base, exponent) for base, exponent in powers.items() if exponent))
    written = b.symbol if power == 1 else f"{b.symbol}{power}"
    return MeasureUnit(f"{a.symbol}·{written}" if a.symbol else written, dimension, a.factor * b.factor**power)


_ONE = MeasureUnit("", (), 1.0)


class _Expression:
    """A product of units and their powers, read from left to right; a slash or "per" divides by the next factor only."""

    def __init__(self, text: str) -> None:
        self.pieces = _PIECE.findall(text)
        self.at = 0
        self.depth = 0

    def parse(self) -> MeasureUnit | None:
        found = self._product()
        return found if found is not None and self.at == len(self.pieces) and found.symbol else None

    def _peek(self) -> str:
        return self.pieces[self.at] if self.at < len(self.pieces) else ""

    def _product(self) -> MeasureUnit | None:
        result, sign = _ONE, 1
        while self._peek() and self._peek() != ")":
            piece = self._peek()
            if piece == "/" or fold_word(piece) in _table().per:
                self.at += 1
                sign = -1
                continue
            if piece in {"·", "*", "×", "."} and result.symbol:
                self.at += 1
                continue
            factor = self._factor()
            if factor is None:
                return None
            result = _times(result, factor, sign)
            sign = 1
        return result if sign == 1 else None

    def _factor(self) -> MeasureUnit | None:
        if self._peek() == "(":
            if self.depth >= 3:
                return None
            self.at += 1
            self.depth += 1
            inner = self._product()
            self.depth -= 1
            if inner is None or self._peek() != ")":
                return None
            self.at += 1
            return self._powered(inner)
        for word, power in _table().before:
            piece = fold_word(self._peek())
            if piece == word:
                self.at += 1
                base = self._name()
                return _times(_ONE, base, power) if base else None
            if piece.startswith(word) and (glued := _known(piece.removeprefix(word))):
                self.at += 1
                return _times(_ONE, glued[0], power)
        base = self._name()
        return self._powered(base) if base else None

    def _name(self) -> MeasureUnit | None:
        """The longest name of up to three pieces, or two symbols written together (``gK``)."""
        for size in (3, 2, 1):
            pieces = self.pieces[self.at : self.at + size]
            known = _known(" ".join(pieces)) if len(pieces) == size else ()
            if known:
                self.at += size
                return known[0]
        piece = self._peek() if len(self.pieces) > 1 else ""
        for cut in range(1, min(len(piece), 4)):
            left, right = _table().symbols.get(piece[:cut]), _table().symbols.get(piece[cut:])
            if left and right and len(piece) <= 4:
                self.at += 1
                return _times(left[0], right[0], 1)
        return None

    def _powered(self, base: MeasureUnit) -> MeasureUnit:
        exponent = re.fullmatch(r"\^? ?(-?\d)", self._peek())
        if exponent:
            self.at += 1
            return _times(_ONE, base, int(exponent[1]))
        for word, power in _table().after:
            size = len(word.split())
            if fold_word(" ".join(self.pieces[self.at : self.at + size])) == word:
                self.at += size
                return _times(_ONE, base, power)
        return base


def convert(value: float, source: MeasureUnit, target: MeasureUnit) -> float | None:
    """Return ``value`` of ``source`` in ``target``, or None when they measure different things."""
    if source.dimension != target.dimension:
        return None
    return (source.to_base(value) - target.offset) / target.factor


def same_unit(a: str, b: str) -> bool:
    """Return whether two written units are the same unit (``millivolts`` and ``mV``)."""
    left, right = parse_unit(a), parse_unit(b)
    if left is None or right is None:
        return a.strip().casefold().rstrip("s") == b.strip().casefold().rstrip("s")
    return (
        left.dimension == right.dimension
        and abs(left.factor - right.factor) <= 1e-9 * left.factor
        and left.offset == right.offset
    )

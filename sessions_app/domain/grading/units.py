"""Common units: recognition of what people write, and exact conversion within one dimension.

SI factors follow the SI brochure (BIPM, 9th edition); others are the international definitions.
Symbols are case-sensitive (mV is not MV), spelled names are not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: ``value * factor + offset`` is the value in the base unit of ``dimension``."""

    symbol: str
    dimension: str
    factor: float
    offset: float = 0.0


_PREFIXES: dict[str, tuple[str, float]] = {
    "T": ("tera", 1e12),
    "G": ("giga", 1e9),
    "M": ("mega", 1e6),
    "k": ("kilo", 1e3),
    "h": ("hecto", 1e2),
    "d": ("deci", 1e-1),
    "c": ("centi", 1e-2),
    "m": ("milli", 1e-3),
    "µ": ("micro", 1e-6),
    "n": ("nano", 1e-9),
    "p": ("pico", 1e-12),
    "f": ("femto", 1e-15),
}
# symbol, names, dimension, factor to the base unit, whether SI prefixes apply
_PREFIXED: tuple[tuple[str, str, str, float], ...] = (
    ("m", "metre meter", "length", 1.0),
    ("g", "gram gramme", "mass", 1e-3),
    ("s", "second", "time", 1.0),
    ("L", "litre liter", "volume", 1e-3),
    ("l", "litre liter", "volume", 1e-3),
    ("V", "volt", "voltage", 1.0),
    ("A", "ampere amp", "current", 1.0),
    ("W", "watt", "power", 1.0),
    ("J", "joule", "energy", 1.0),
    ("N", "newton", "force", 1.0),
    ("Pa", "pascal", "pressure", 1.0),
    ("Hz", "hertz", "frequency", 1.0),
    ("Ω", "ohm", "resistance", 1.0),
    ("F", "farad", "capacitance", 1.0),
    ("C", "coulomb", "charge", 1.0),
    ("T", "tesla", "flux density", 1.0),
    ("Wb", "weber", "flux", 1.0),
    ("H", "henry", "inductance", 1.0),
    ("S", "siemens", "conductance", 1.0),
    ("mol", "mole", "amount", 1.0),
    ("M", "molar", "concentration", 1e3),
    ("Da", "dalton", "atomic mass", 1.0),
    ("eV", "electronvolt", "energy", 1.602176634e-19),
    ("cal", "calorie", "energy", 4.184),
    ("bp", "", "base pairs", 1.0),
    ("b", "", "base pairs", 1.0),
    ("B", "byte", "data", 8.0),
    ("bit", "bit", "data", 1.0),
    ("Bq", "becquerel", "activity", 1.0),
    ("Gy", "gray", "absorbed dose", 1.0),
    ("Sv", "sievert", "equivalent dose", 1.0),
    ("bar", "bar", "pressure", 1e5),
    ("t", "tonne", "mass", 1e3),
    ("Wh", "watt-hour", "energy", 3600.0),
)
_PLAIN: tuple[tuple[str, str, str, float, float], ...] = (
    ("%", "percent|per cent|pct|percentage", "ratio", 0.01, 0.0),
    ("‰", "per mille|permille|per mil", "ratio", 0.001, 0.0),
    ("ppm", "parts per million", "ratio", 1e-6, 0.0),
    ("K", "kelvin", "temperature", 1.0, 0.0),
    (
        "°C",
        "degree celsius|degrees celsius|celsius|deg c|degree centigrade|degrees centigrade|℃",
        "temperature",
        1.0,
        273.15,
    ),
    ("°F", "degree fahrenheit|degrees fahrenheit|fahrenheit|deg f|℉", "temperature", 5 / 9, 459.67 * 5 / 9),
    ("°", "degree|degrees|deg", "angle", 1.0, 0.0),
    ("rad", "radian", "angle", 57.29577951308232, 0.0),
    ("min", "minute|mins", "time", 60.0, 0.0),
    ("h", "hour|hr|hrs", "time", 3600.0, 0.0),
    ("d", "day", "time", 86400.0, 0.0),
    ("wk", "week", "time", 604800.0, 0.0),
    ("mo", "month", "months", 1.0, 0.0),
    ("yr", "year|yrs", "months", 12.0, 0.0),
    ("decade", "decade", "months", 120.0, 0.0),
    ("century", "century|centuries", "months", 1200.0, 0.0),
    ("millennium", "millennium|millennia", "months", 12000.0, 0.0),
    ("Å", "angstrom|ångström|ångstrom", "length", 1e-10, 0.0),
    ("µ", "micron", "length", 1e-6, 0.0),
    ("in", "inch|inches", "length", 0.0254, 0.0),
    ("ft", "foot|feet", "length", 0.3048, 0.0),
    ("yd", "yard", "length", 0.9144, 0.0),
    ("mi", "mile", "length", 1609.344, 0.0),
    ("nmi", "nautical mile", "length", 1852.0, 0.0),
    ("AU", "astronomical unit", "length", 149597870700.0, 0.0),
    ("ly", "light-year|light year", "length", 9.4607304725808e15, 0.0),
    ("pc", "parsec", "length", 3.0856775814913673e16, 0.0),
    ("ha", "hectare", "area", 1e4, 0.0),
    ("acre", "acre", "area", 4046.8564224, 0.0),
    ("lb", "pound|lbs", "mass", 0.45359237, 0.0),
    ("oz", "ounce", "mass", 0.028349523125, 0.0),
    ("atm", "atmosphere", "pressure", 101325.0, 0.0),
    ("mmHg", "millimetre of mercury|millimeters of mercury|mm hg|torr", "pressure", 133.322387415, 0.0),
    ("psi", "pounds per square inch", "pressure", 6894.757293168, 0.0),
    ("Cal", "kilocalorie", "energy", 4184.0, 0.0),
    ("hp", "horsepower", "power", 745.69987158227, 0.0),
    ("dB", "decibel", "level", 1.0, 0.0),
    ("rpm", "revolutions per minute|rev/min", "frequency", 1 / 60, 0.0),
    ("bpm", "beats per minute|beats/min", "frequency", 1 / 60, 0.0),
    ("u", "atomic mass unit|amu", "atomic mass", 1.0, 0.0),
    ("S°", "svedberg", "sedimentation", 1.0, 0.0),
    ("$", "dollar|usd|us$", "dollars", 1.0, 0.0),
    ("€", "euro|eur", "euros", 1.0, 0.0),
    ("£", "pound sterling|pounds sterling|gbp", "pounds sterling", 1.0, 0.0),
    ("¥", "yen|jpy", "yen", 1.0, 0.0),
    ("cc", "", "volume", 1e-6, 0.0),
    ("gal", "gallon", "volume", 3.785411784e-3, 0.0),
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def _build() -> tuple[dict[str, Unit], dict[str, Unit]]:
    symbols: dict[str, Unit] = {}
    names: dict[str, Unit] = {}
    for symbol, spelled, dimension, factor in _PREFIXED:
        for short, (long, scale) in (("", ("", 1.0)), *_PREFIXES.items()):
            if symbol in {"b", "bit", "bp"} and short not in {"", "k", "M", "G", "T"}:
                continue
            unit = Unit(short + symbol, dimension, factor * scale)
            symbols.setdefault(short + symbol, unit)
            for name in spelled.split():
                names.setdefault(long + name, unit)
                names.setdefault(long + name + "s", unit)
    for symbol, joined, dimension, factor, offset in _PLAIN:
        unit = Unit(symbol, dimension, factor, offset)
        symbols[symbol] = unit
        for name in filter(None, joined.split("|")):
            names[name] = unit
            names.setdefault(name + "s", unit)
    names["kilocalories"] = names["kilocalorie"] = Unit("kcal", "energy", 4184.0)
    names["sec"] = names["secs"] = symbols["s"]
    return symbols, names


_SYMBOLS, _NAMES = _build()
_POWER = re.compile(r"^(?P<unit>[^\d^*-]+?)(?:\^|\*\*)?(?P<power>-?[1-4])?$")


def _simple(text: str) -> Unit | None:
    """One unit, possibly with a power: ``m``, ``cm2``, ``s^-1``, ``square metres``."""
    direct = _SYMBOLS.get(text) or _NAMES.get(text.casefold())
    if direct:
        return direct
    worded = re.match(r"(?i)^(square|cubic)\s+(.+)$", text)
    if worded:
        base, power = _simple(worded[2]), 2 if worded[1].casefold() == "square" else 3
    else:
        match = _POWER.match(text)
        if not match or not match["power"]:
            return None
        base, power = _SYMBOLS.get(match["unit"]) or _NAMES.get(match["unit"].casefold()), int(match["power"])
    if base is None or base.offset:
        return None
    if base.dimension == "length" and power == 3:
        return Unit(f"{base.symbol}3", "volume", base.factor**3)
    if base.dimension == "length" and power == 2:
        return Unit(f"{base.symbol}2", "area", base.factor**2)
    if base.dimension == "time" and power == -1:
        return Unit(f"{base.symbol}-1", "frequency", 1 / base.factor)
    return Unit(f"{base.symbol}{power}", f"{base.dimension}^{power}", float(base.factor**power))


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """Return the unit a person wrote (``mV``, ``metres per second``, ``g/cm³``), or None if it is none known.

    Products and quotients are allowed to one level (``kg·m/s²``).
    """
    cleaned = unicodedata.normalize("NFC", text).strip().rstrip(".").translate(_SUPERSCRIPTS)
    cleaned = cleaned.replace("μ", "µ").replace("\u2126", "Ω").replace("º", "°").replace("\u2212", "-")
    cleaned = re.sub(r"\s+", " ", re.sub(r"°\s+(?=[CF]\b)", "°", cleaned))
    cleaned = re.sub(r"(\w+) squared\b", r"square \1", re.sub(r"(\w+) cubed\b", r"cubic \1", cleaned))
    if not cleaned:
        return None
    found = _simple(cleaned)
    if found:
        return found
    if re.match(r"^u[mgslLVAMF]$", cleaned):
        return _simple("µ" + cleaned[1:])
    parts = re.split(r"\s*/\s*|\s+per\s+", cleaned)
    if len(parts) == 2:
        over, under = parse_unit(parts[0]), parse_unit(parts[1])
        if over and under and not over.offset and not under.offset:
            return Unit(
                f"{over.symbol}/{under.symbol}", f"{over.dimension}/{under.dimension}", over.factor / under.factor
            )
        return None
    factors = re.split(r"\s*[·*⋅×]\s*| ", cleaned)
    if len(factors) == 2:
        left, right = _simple(factors[0]), _simple(factors[1])
        if left and right and not left.offset and not right.offset:
            if right.symbol.endswith("-1") and right.dimension == "frequency" and left.dimension != "frequency":
                return Unit(f"{left.symbol}·{right.symbol}", f"{left.dimension}/time", left.factor * right.factor)
            dimension = "·".join(sorted((left.dimension, right.dimension)))
            return Unit(f"{left.symbol}·{right.symbol}", dimension, left.factor * right.factor)
    return None


def convert(value: float, source: Unit, target: Unit) -> float | None:
    """Return ``value`` of ``source`` in ``target``, or None when they measure different things."""
    if source.dimension != target.dimension:
        return None
    return (value * source.factor + source.offset - target.offset) / target.factor


def same_quantity(a: str, b: str) -> bool:
    """Return whether two written units are the same unit (``millivolts`` and ``mV``)."""
    left, right = parse_unit(a), parse_unit(b)
    if left is None or right is None:
        return a.strip().casefold().rstrip("s") == b.strip().casefold().rstrip("s")
    return (
        left.dimension == right.dimension
        and abs(left.factor - right.factor) <= 1e-9 * left.factor
        and left.offset == right.offset
    )

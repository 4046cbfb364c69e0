"""How Excel shows a number: number formats (ECMA-376 part 1, 18.8.30 and 18.8.31) as far as they carry meaning.

Percents, leading zeros, decimals, thousands, powers of ten, fractions, units and currencies are shown as Excel shows them.
Dates and times are written as ISO 8601 writes them: the order of day and month in a format is that of one country.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<power>E[+-])|(?P<half>AM/PM|A/P)|(?P<date>[ymdhsYMDHSbeg]+)|(?P<digit>[0#?])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CURRENCY = re.compile(r"\$([^-]*)")
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_MAX_DATE = 2_958_466
_EPOCH, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class _Section:
    """One of up to four sections of a format: its pieces as (kind, text), and the condition it is for."""

    pieces: tuple[tuple[str, str], ...]
    condition: tuple[str, float] | None

    @property
    def is_date(self) -> bool:
        return any(kind in {"date", "elapsed"} for kind, _ in self.pieces)


def shown(value: float | str, code: str, *, from_1904: bool = False) -> str:
    """Return a number or text as a cell of this format shows it."""
    sections = _sections(code)
    if isinstance(value, str):
        return _text(value, sections[3] if len(sections) > 3 else None)
    section, sign = _chosen(sections, value)
    if not section.pieces:
        return ""
    if section.is_date:
        return _moment(value, section, from_1904)
    return sign + _number(abs(value), section)


def is_date(code: str) -> bool:
    """Whether numbers in this format are days."""
    return _sections(code)[0].is_date


def general(value: float) -> str:
    """Return a number as a cell without a format shows it: at most 15 digits, no needless zeros."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    parts: list[list[tuple[str, str]]] = [[]]
    conditions: list[tuple[str, float] | None] = [None]
    for token in _TOKENS.finditer(code):
        kind, text = token.lastgroup or "other", token[token.lastgroup or 0]
        if kind == "other" and text == ";":
            parts.append([])
            conditions.append(None)
        elif kind == "bracket":
            condition = _CONDITION.fullmatch(text.strip())
            if condition:
                conditions[-1] = (condition[1], float(condition[2]))
            elif _CURRENCY.match(text):
                parts[-1].append(("literal", _CURRENCY.match(text)[1]))  # type: ignore[index]
            elif _ELAPSED.fullmatch(text):
                parts[-1].append(("elapsed", text.lower()))
        elif kind in {"quoted", "escaped"}:
            parts[-1].append(("literal", text))
        elif kind == "width":
            parts[-1].append(("literal", " "))
        elif kind != "fill":
            parts[-1].append((kind, text))
    return tuple(_Section(tuple(pieces), condition) for pieces, condition in zip(parts, conditions, strict=True))


def _chosen(sections: tuple[_Section, ...], value: float) -> tuple[_Section, str]:
    """Return the section for a number and the sign that the section does not write itself."""
    numeric = sections[:3]
    minus = "-" if value < 0 else ""
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or _holds(value, *section.condition):
                return section, minus
        return numeric[-1], minus
    if value < 0 and len(numeric) > 1:
        return numeric[1], ""
    if value == 0 and len(numeric) > 2:
        return numeric[2], ""
    return numeric[0], minus


def _holds(value: float, operator: str, bound: float) -> bool:
    less, equal = value < bound, value == bound
    return {"<": less, "<=": less or equal, "=": equal, "<>": not equal, ">": not less and not equal, ">=": not less}[
        operator
    ]


def _text(value: str, section: _Section | None) -> str:
    if section is None or not section.pieces:
        return value
    return "".join(value if (kind, text) == ("other", "@") else text for kind, text in section.pieces)


def _number(value: float, section: _Section) -> str:
    pieces = section.pieces
    if any(kind == "general" for kind, _ in pieces):
        return _around(pieces, general(value), frozenset({"general"}))
    if not any(kind == "digit" for kind, _ in pieces):
        return "".join(general(value) if text == "@" else text for _, text in pieces).strip()
    if any(kind == "power" for kind, _ in pieces):
        return _around(pieces, _scientific(value, pieces), frozenset({"digit", "power", "."}))
    if _is_fraction(pieces):
        return _around(pieces, _fraction(value, pieces), frozenset({"digit", "/", " ", *"123456789"}))
    if _has_words_between_digits(pieces):
        return _pattern(value, pieces)
    percents = sum(text.count("%") for kind, text in pieces if kind == "other")
    return _around(pieces, _fixed(value * 100**percents, pieces), frozenset({"digit", ".", ","}))


def _around(pieces: tuple[tuple[str, str], ...], digits: str, own: frozenset[str]) -> str:
    """Return the digits where the first place for a digit is, with the words before, between and after."""
    places = [at for at, (kind, text) in enumerate(pieces) if kind in own - {".", ",", "/", " "}]
    first, last = places[0], places[-1]
    written = []
    for at, (kind, text) in enumerate(pieces):
        if at == first:
            written.append(digits)
        elif first < at <= last and (kind in own or text in own or kind == "literal"):
            continue
        elif kind not in own and text not in own - {" "}:
            written.append(text)
    return "".join(written).strip()


def _has_words_between_digits(pieces: tuple[tuple[str, str], ...]) -> bool:
    """Whether a format is a pattern like 000-0000, with something between the places for digits of a whole number."""
    places = [at for at, (kind, _) in enumerate(pieces) if kind == "digit"]
    between = pieces[places[0] : places[-1]]
    return any(kind != "digit" for kind, _ in between) and not any(text in {".", ","} for _, text in between)


def _pattern(value: float, pieces: tuple[tuple[str, str], ...]) -> str:
    """Return a whole number with its last digits in the last places, and all that are left in the first."""
    digits = _rounded(value, 0)
    written: list[str] = []
    left = sum(1 for kind, _ in pieces if kind == "digit")
    for kind, text in reversed(pieces):
        if kind != "digit":
            written.append(text)
            continue
        left -= 1
        taken, digits = (digits, "") if not left else (digits[-1:], digits[:-1])
        written.append(taken or ("0" if text == "0" else ""))
    return "".join(reversed(written)).strip()


def _is_fraction(pieces: tuple[tuple[str, str], ...]) -> bool:
    """Whether a slash stands between places for digits, or between one and a fixed denominator."""
    slash = next((at for at, piece in enumerate(pieces) if piece == ("other", "/")), None)
    return slash is not None and any(kind == "digit" for kind, _ in pieces[:slash])


def _rounded(value: float, decimals: int) -> str:
    # A number of Excel is shown as its shortest decimal form rounds, not as its binary one.
    exact = Decimal(repr(value)) if value < 1e15 else Decimal(value)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) if value < 1e15 else exact:f}"


def _fixed(value: float, pieces: tuple[tuple[str, str], ...]) -> str:
    codes = "".join(text for kind, text in pieces if kind == "digit" or text in {".", ","})
    whole_code, _, decimal_code = codes.partition(".")
    scale = len(codes) - len(codes.rstrip(","))
    whole_code, decimal_code = whole_code.rstrip(",") if scale else whole_code, decimal_code.rstrip(",")
    number = _rounded(value / 1000**scale, len(decimal_code))
    whole, _, decimals = number.partition(".")
    kept = len(decimal_code.rstrip("#?"))
    decimals = decimals[:kept] + decimals[kept:].rstrip("0")
    least = whole_code.replace(",", "").replace("#", "").replace("?", "")
    whole = whole.lstrip("0").rjust(len(least), "0")
    if "," in whole_code:
        whole = _grouped(whole)
    return f"{whole}.{decimals}" if decimals else whole or "0"


def _grouped(whole: str) -> str:
    head = len(whole) % 3
    groups = ([whole[:head]] if head else []) + [whole[at : at + 3] for at in range(head, len(whole), 3)]
    return ",".join(groups)


def _scientific(value: float, pieces: tuple[tuple[str, str], ...]) -> str:
    codes = "".join(
        "E" if kind == "power" else text for kind, text in pieces if kind in {"digit", "power"} or text == "."
    )
    mantissa, _, power = codes.partition("E")
    decimals = len(mantissa.partition(".")[2])
    number, _, exponent = f"{value:.{decimals}e}".partition("e")
    sign = "-" if exponent.startswith("-") else "+" if any(text == "E+" for _, text in pieces) else ""
    return f"{number}E{sign}{exponent.lstrip('+-0').rjust(len(power), '0') or '0'}"


def _ratio(value: float, denominator: str) -> tuple[int, int]:
    """Return a value over the denominator a format names ("8"), or over the best one of as many digits ("??")."""
    if denominator.isascii() and denominator.isdigit() and len(denominator) < 10 and int(denominator):
        return round(value * int(denominator)), int(denominator)
    digits = max(denominator.count("?") + denominator.count("#"), 1)
    nearest = Fraction(value).limit_denominator(10**digits - 1)
    return nearest.numerator, nearest.denominator


def _fraction(value: float, pieces: tuple[tuple[str, str], ...]) -> str:
    slash = next(at for at, piece in enumerate(pieces) if piece == ("other", "/"))
    after = "".join(text for kind, text in pieces[slash + 1 :] if kind in {"digit", "other"}).strip()
    mixed = sum(1 for kind, _ in pieces[:slash] if kind == "digit") and any(text == " " for _, text in pieces[:slash])
    top, bottom = _ratio(value, after)
    whole, rest = divmod(top, bottom) if mixed else (0, top)
    if not rest:
        return str(whole)
    return f"{whole} {rest}/{bottom}" if whole else f"{rest}/{bottom}"


def _moment(value: float, section: _Section, from_1904: bool) -> str:
    if any(kind == "elapsed" for kind, _ in section.pieces):
        return _elapsed(value, section)
    if not 0 <= value < _MAX_DATE:
        return general(value)
    letters = {letter for kind, text in section.pieces if kind == "date" for letter in text.lower()}
    has_date = bool(letters & {"y", "d"}) or _has_months(section)
    has_time = bool(letters & {"h", "s"})
    moment = _from_serial(value, from_1904)
    clock = moment.strftime("%H:%M:%S" if moment.second or "s" in letters else "%H:%M")
    if has_time and not has_date:
        return clock
    day = moment.strftime("%Y-%m-%d")
    return f"{day} {clock}" if has_time else day


def _from_serial(days: float, from_1904: bool) -> dt.datetime:
    """Return the moment a workbook stores as days since its epoch."""
    if from_1904:
        return _EPOCH_1904 + dt.timedelta(seconds=round(days * 86_400))
    # Excel takes 1900 for a leap year: the days before its 29 February are one too low.
    return _EPOCH + dt.timedelta(seconds=round((days + 1 if days < 60 else days) * 86_400))


def _has_months(section: _Section) -> bool:
    """Whether an "m" stands for months: in a time it stands for minutes, after hours or before seconds."""
    parts = [text.lower()[0] for kind, text in section.pieces if kind == "date"]
    return any(
        part == "m" and (at == 0 or parts[at - 1] != "h") and (at + 1 == len(parts) or parts[at + 1] != "s")
        for at, part in enumerate(parts)
    )


def _elapsed(value: float, section: _Section) -> str:
    seconds = round(value * 86_400)
    unit = next(text[0] for kind, text in section.pieces if kind == "elapsed")
    later = "".join(text.lower() for kind, text in section.pieces if kind == "date")
    if unit == "s":
        return str(seconds)
    minutes, rest = divmod(seconds, 60)
    if unit == "m":
        return f"{minutes}:{rest:02d}" if "s" in later else str(minutes)
    clock = f"{minutes // 60}:{minutes % 60:02d}" if "m" in later else str(minutes // 60)
    return f"{clock}:{rest:02d}" if "s" in later else clock

"""One magnitude: digits, words, fractions, powers, scales, ranks, decades and times of day, without sign and unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor_project.language.quantities.lexer import Piece, words_from
from tutor_project.language.quantities.lexicon import Lexicon, NumberWord, mark_after_number, roman_value, spelled_value
from tutor_project.language.quantities.numerals import decimals, numeral_readings
from tutor_project.language.quantities.types import QuantityForm
from tutor_project.language.quantities.units import parse_unit_readings

Value = tuple[float, ...]
LARGEST = 1e300
SHORT = 6
"""Pieces of an answer in which an article before a unit is a one."""
_RANK_MARKS = frozenset("st nd rd th e er ere eme ieme o a os as ter te me re".split())
_DEGREE_MARKS = frozenset("ºª")


@dataclass(frozen=True, slots=True)
class Magnitude:
    """Values a magnitude can have (likeliest first) and the index after it. ``in_word``: digits that belong to a word (B12)."""

    values: tuple[Value, ...]
    after: int
    form: QuantityForm = QuantityForm.NUMBER
    decimals: int = 0
    rank: bool = False
    spelled: bool = False
    fraction: bool = False
    in_word: bool = False
    plain_number: bool = True


def read_magnitude(pieces: Sequence[Piece], at: int, words: Lexicon) -> Magnitude | None:
    """Return the magnitude that begins at a piece, or None."""
    if at >= len(pieces):
        return None
    if pieces[at].kind == "number":
        return _digits(pieces, at, words)
    if pieces[at].kind == "word":
        return _roman(pieces, at) or _fraction(pieces, at, words) or _spelled(pieces, at, words)
    return None


def _text(pieces: Sequence[Piece], at: int) -> str:
    return pieces[at].folded if 0 <= at < len(pieces) else ""


def _is(pieces: Sequence[Piece], at: int, kind: str, *, glued: bool = False) -> bool:
    return 0 <= at < len(pieces) and pieces[at].kind == kind and (pieces[at].glued or not glued)


def _integer(pieces: Sequence[Piece], at: int) -> int | None:
    return int(pieces[at].text) if _is(pieces, at, "number") and re.fullmatch(r"\d{1,12}", pieces[at].text) else None


def _digits(pieces: Sequence[Piece], at: int, words: Lexicon) -> Magnitude | None:
    piece = pieces[at]
    if piece.glued and at and (pieces[at - 1].kind == "word" or pieces[at - 1].text == "_"):
        values = tuple((value,) for value in numeral_readings(piece.text))
        return Magnitude(values, at + 1, in_word=True) if values else None
    special = _clock(pieces, at) or _decade(pieces, at) or _quotient(pieces, at)
    if special is not None:
        return special
    readings = numeral_readings(piece.text)
    if not readings:
        return None
    readings, after = _power(pieces, at, readings, words)
    readings, after = _scaled(pieces, after, readings, words)
    if not readings or any(abs(value) > LARGEST for value in readings):
        return None
    rank, after = _rank_mark(pieces, after)
    return Magnitude(tuple((value,) for value in readings), after, decimals=decimals(piece.text), rank=rank)


def _clock(pieces: Sequence[Piece], at: int) -> Magnitude | None:
    """14:30, 2:30 pm, 2.30 p.m., 2 pm."""
    said = _hour_and_minute(pieces, at)
    if said is None:
        return None
    hour, minute, after, mark = said
    following, ends = words_from(pieces, after, 3)
    half = mark_after_number("clock", following)
    named = bool(following) and following[0] in {"h", "uhr"}
    if hour > 24 or minute > 59:
        return None
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour, after = hour % 12 + (12 if half[0] == "pm" else 0), ends[half[1] - 1]
    elif mark and named:
        after = ends[0]
    elif mark != ":":
        return None  # "2.30" is a number unless the hour is named
    return Magnitude(((float(hour), float(minute)),), after, QuantityForm.CLOCK)


def _hour_and_minute(pieces: Sequence[Piece], at: int) -> tuple[int, int, int, str] | None:
    """(hour, minute, index after, the mark between them, empty when no minutes are said)."""
    hour = _integer(pieces, at)
    if hour is None:
        parts = re.fullmatch(r"(\d{1,2})\.(\d{2})", pieces[at].text)
        return (int(parts[1]), int(parts[2]), at + 1, ".") if parts else None
    if _text(pieces, at + 1) == ":" and _is(pieces, at + 2, "number") and re.fullmatch(r"\d\d", pieces[at + 2].text):
        return hour, int(pieces[at + 2].text), at + 3, ":"
    return hour, 0, at + 1, ""


def _decade(pieces: Sequence[Piece], at: int) -> Magnitude | None:
    """1960s, 1960's, 1960er."""
    year = _integer(pieces, at)
    if year is None or year % 10 or not 10 <= year <= 2100:
        return None
    after = at + 1
    if _text(pieces, after) == "'" and pieces[after].glued:
        after += 1
    if (
        _is(pieces, after, "word", glued=True)
        and _text(pieces, after) in {"s", "er"}
        and (year >= 1000 or after > at + 1)
    ):
        return Magnitude(((float(year),),), after + 1, QuantityForm.DECADE)
    return None


def _quotient(pieces: Sequence[Piece], at: int) -> Magnitude | None:
    """1/2 and 7 1/2; a numerator of four digits before two is a span of years."""
    whole = 0
    first, slash, second = at, at + 1, at + 2
    if _is(pieces, at + 1, "number") and _text(pieces, at + 2) == "/" and _integer(pieces, at) is not None:
        whole, first, slash, second = _integer(pieces, at) or 0, at + 1, at + 2, at + 3
    top, bottom = _integer(pieces, first), _integer(pieces, second)
    if _text(pieces, slash) != "/" or top is None or not bottom or (top >= 1000 and bottom < 100):
        return None
    rank, after = False, second + 1
    return Magnitude(((whole + top / bottom,),), after, rank=rank, fraction=True)


def _power(
    pieces: Sequence[Piece], at: int, readings: tuple[float, ...], words: Lexicon
) -> tuple[tuple[float, ...], int]:
    """``3 × 10^8``, ``3e8``, ``2^10``, ``10 to the power of 6``; a number too large to hold has no reading."""
    after = at + 1
    if _is(pieces, after, "sign") and pieces[after].text in "×·*" and _text(pieces, after + 1) == "10":
        exponent = _exponent(pieces, after + 2, words)
        return (_raised(readings, 10.0, exponent[0]), exponent[1]) if exponent else (readings, after)
    if _text(pieces, after) == "x" and _text(pieces, after + 1) == "10":
        exponent = _exponent(pieces, after + 2, words)
        return (_raised(readings, 10.0, exponent[0]), exponent[1]) if exponent else (readings, after)
    if _is(pieces, after, "word", glued=True) and pieces[after].folded == "e":
        sign_at = after + 1
        sign = -1 if _text(pieces, sign_at) == "-" else 1
        digits_at = sign_at + (_text(pieces, sign_at) in {"+", "-"})
        digits = _integer(pieces, digits_at)
        if digits is not None and pieces[digits_at].glued:
            return _raised(readings, 10.0, sign * digits), digits_at + 1
    exponent = _exponent(pieces, after, words)
    if exponent is not None and len(readings) == 1:
        return _raised((1.0,), readings[0], exponent[0]), exponent[1]
    return readings, after


def _exponent(pieces: Sequence[Piece], at: int, words: Lexicon) -> tuple[int, int] | None:
    if _text(pieces, at) == "^":
        at += 1
    else:
        following, ends = words_from(pieces, at, 5)
        phrase = words.phrase("power", following)
        if phrase is None:
            return None
        at = ends[phrase[1] - 1]
    sign = -1 if _text(pieces, at) == "-" else 1
    at += _text(pieces, at) in {"+", "-"}
    digits = _integer(pieces, at)
    if digits is None:
        return None
    _, after = _rank_mark(pieces, at + 1)
    return sign * digits, after


def _raised(readings: tuple[float, ...], base: float, exponent: int) -> tuple[float, ...]:
    if abs(exponent) > 300:
        return ()
    try:
        return tuple(float(value * base**exponent) for value in readings)
    except (OverflowError, ZeroDivisionError):
        return ()


def _scaled(
    pieces: Sequence[Piece], at: int, readings: tuple[float, ...], words: Lexicon
) -> tuple[tuple[float, ...], int]:
    """Scale words after digits: ``2.5 million``, ``2,5 mil millones``. Before one, a lone separator is a decimal one."""
    scaled = False
    for _ in range(2):
        following, ends = words_from(pieces, at, 1)
        found = words.words.get((following[0],)) if following else None
        if found is None or not found.scale or (found.value < 100 and not scaled):
            break
        readings, at, scaled = tuple(value * found.value for value in readings), ends[0], True
    return readings, at


def _rank_mark(pieces: Sequence[Piece], at: int) -> tuple[bool, int]:
    """``3rd``, ``3 rd``, ``3º``, ``3.º``, ``3ème``."""
    marked = _is(pieces, at, "word") and pieces[at].folded in _RANK_MARKS
    if marked and (pieces[at].glued or pieces[at].folded in {"st", "nd", "rd", "th"}):
        return True, at + 1
    dotted = at + (_text(pieces, at) == "." and _is(pieces, at + 1, "word", glued=True))
    if _is(pieces, dotted, "word", glued=True) and pieces[dotted].text in _DEGREE_MARKS:
        return True, dotted + 1
    if _is(pieces, dotted, "sign", glued=True) and pieces[dotted].text in _DEGREE_MARKS:
        following = pieces[dotted + 1] if dotted + 1 < len(pieces) else None
        if following is None or following.text not in {"C", "F"}:
            return True, dotted + 1
    return False, at


def _fraction(pieces: Sequence[Piece], at: int, words: Lexicon) -> Magnitude | None:
    """``half``, ``a half``, ``two thirds``, ``la mitad``, ``dreiviertel``."""
    following, ends = words_from(pieces, at, 4)
    first = following[0]
    if first in words.fractions_alone:
        found, size = 1 / words.fractions_alone[first], 1
    elif (counted := _counted_fraction(following, words)) is not None:
        found, size = counted
    elif (joined := _fraction_in_one_word(first, words)) is not None:
        found, size = joined, 1
    else:
        return None
    return Magnitude(((found,),), ends[size - 1], spelled=True, fraction=True)


def _counted_fraction(following: Sequence[str], words: Lexicon) -> tuple[float, int] | None:
    """``two thirds``, ``a half``: the value and how many words say it."""
    number = words.number_word(following)
    counts, size = number or ((), 1)
    if len(following) <= size or not (number or following[0] in words.articles):
        return None
    part = words.fractions.get(following[size])
    count = counts[0].value if counts and not counts[0].ordinal else 1.0
    return (count / part, size + 1) if part is not None and 0 < count < 100 else None


def _fraction_in_one_word(word: str, words: Lexicon) -> float | None:
    for cut in range(3, min(8, len(word) - 3)) if words.compound else ():
        count, part = words.words.get((word[:cut],)), words.fractions.get(word[cut:])
        if count is not None and part is not None:
            return count.value / part
    return 1 / words.fractions[word] if word in words.fractions and words.words.get((word,)) is None else None


def _spelled(pieces: Sequence[Piece], at: int, words: Lexicon) -> Magnitude | None:
    following, ends = words_from(pieces, at, 16)
    parts, consumed = _number_words(following, words)
    if not parts:
        return None
    value, taken, rank = spelled_value(
        parts, vigesimal=words.vigesimal, compound=words.compound, pairs=words.years_in_pairs
    )
    if taken == 0:
        return None
    used = consumed[taken - 1]
    value, with_half = _and_a_half(following, used, value, words)
    value, with_tenths, places = _tenths(following, with_half, value, words)
    one = with_tenths == 1 and following[0] in words.articles
    if one and not (_is_name(pieces, at, words) or _unit_follows(pieces, following)):
        return None  # "one", "ein", "un": an article or a pronoun more often than a number
    return Magnitude(((value,),), ends[with_tenths - 1], rank=rank, spelled=True, decimals=places)


def _unit_follows(pieces: Sequence[Piece], following: Sequence[str]) -> bool:
    """``une heure``, ``a mile``: one of a unit, in an answer that says little else."""
    return len(pieces) <= SHORT and len(following) > 1 and bool(parse_unit_readings(following[1]))


def _tenths(following: Sequence[str], used: int, value: float, words: Lexicon) -> tuple[float, int, int]:
    """``three point one four``: digits by name after the decimal word; (value, words used, decimals)."""
    if used >= len(following) or following[used] not in words.decimal:
        return value, used, 0
    digits = ""
    at = used + 1
    while at < len(following):
        number = words.words.get((following[at],))
        if number is None or number.scale or number.ordinal or not 0 <= number.value <= 9:
            break
        digits += f"{number.value:.0f}"
        at += 1
    return (float(f"{value:.0f}.{digits}"), at, len(digits)) if digits else (value, used, 0)


def _is_name(pieces: Sequence[Piece], at: int, words: Lexicon) -> bool:
    """Whether a one stands alone or ends a name ("World War One")."""
    if len(pieces) == 1:
        return True
    before = pieces[at - 1].folded if _is(pieces, at - 1, "word") else ""
    named = before not in words.small or words.phrase("range_middle", [before]) is not None
    return at == len(pieces) - 1 and bool(before) and named


_SURELY_ROMAN = re.compile(r"[IVX]{2,}|[IVXLCDM]{4,}|(?!vi$|xi$)[ivx]{2,}")
_ROMAN_RANK = re.compile(r"([IVXLCDM]+)(?:e|er|ème|th|nd|rd|st)?")


def _roman(pieces: Sequence[Piece], at: int) -> Magnitude | None:
    """A Roman numeral that cannot be a word: two letters or more, or I, V, X at the end of a name ("World War I")."""
    written = _ROMAN_RANK.sub(r"\1", pieces[at].text, count=1) if pieces[at].text[0].isupper() else pieces[at].text
    ends_name = written in {"I", "V", "X"} and at == len(pieces) - 1 and _is(pieces, at - 1, "word")
    if not (ends_name or _SURELY_ROMAN.fullmatch(written)) or (pieces[at].glued and at):
        return None
    value = roman_value(written)
    return Magnitude(((float(value),),), at + 1, plain_number=False) if value is not None else None


def _number_words(following: Sequence[str], words: Lexicon) -> tuple[list[tuple[NumberWord, bool]], list[int]]:
    """Number words from the front, each with whether a joiner stood before it, and how many words were used up to it."""
    parts: list[tuple[NumberWord, bool]] = []
    consumed: list[int] = []
    index, joined = 0, False
    if len(following) > 1 and following[0] in words.articles and _is_scale(following[1], words):
        index = 1
    while index < len(following):
        found = words.number_word(following[index:])
        if found is None:
            if following[index] in words.joiners and parts and not joined:
                index, joined = index + 1, True
                continue
            break
        numbers, size = found
        index += size
        for number in numbers:
            parts.append((number, joined))
            consumed.append(index)
        joined = False
    return parts, consumed


def _is_scale(word: str, words: Lexicon) -> bool:
    found = words.words.get((word,))
    return found is not None and (found.scale or found.value == 100)


def _and_a_half(following: Sequence[str], used: int, value: float, words: Lexicon) -> tuple[float, int]:
    rest = following[used : used + 3]
    if len(rest) >= 2 and rest[0] in words.joiners:
        skip = 2 if rest[1] in words.articles and len(rest) > 2 else 1
        if words.fractions.get(rest[skip]) == 2:
            after = used + skip + 1
            scale = words.words.get((following[after],)) if after < len(following) else None
            if scale is not None and scale.scale:
                return (value + 0.5) * scale.value, after + 1
            return value + 0.5, after
    return value, used

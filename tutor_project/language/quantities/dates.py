"""Dates and eras as five languages write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor_project.language.quantities.lexer import Piece, words_from
from tutor_project.language.quantities.lexicon import Lexicon, mark_after_number, spelled_value

Date = tuple[float, float, float]
_LINKS = frozenset("of de del the".split())
_MARKS = frozenset("st nd rd th er".split())
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"0[1-9]|1[0-2]")
_DAY = re.compile(r"\d{1,2}")


def read_date(pieces: Sequence[Piece], at: int, words: Lexicon) -> tuple[tuple[Date, ...], int] | None:
    """Return the dates (year, month, day; 0 where not said) that begin at a piece, the likeliest first, and the index after."""
    return _numeric(pieces, at) or _day_first(pieces, at, words) or _month_first(pieces, at, words)


def read_era(pieces: Sequence[Piece], at: int) -> tuple[str, int] | None:
    """Return ('bc' or 'ad', index after) when an era begins at a piece."""
    following, ends = words_from(pieces, at, 5)
    match = mark_after_number("eras", following)
    if match is None:
        return None
    after = ends[match[1] - 1]
    if match[1] == 2 and len(following[0]) == 1 and pieces[at].glued:
        return None
    return match[0], after


def _integer(pieces: Sequence[Piece], at: int, most: int) -> int | None:
    if 0 <= at < len(pieces) and re.fullmatch(r"\d{1,4}", pieces[at].text) and int(pieces[at].text) <= most:
        return int(pieces[at].text)
    return None


def _numeric(pieces: Sequence[Piece], at: int) -> tuple[tuple[Date, ...], int] | None:
    """1789-07-14, 14/7/1789, 14.7.1789, 07/1789. Day and month of a slashed date may stand in either order."""
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", pieces[at].text)
    if dotted:
        return _valid([(int(dotted[3]), int(dotted[2]), int(dotted[1]))], at + 1)
    mark = pieces[at + 1].text if at + 1 < len(pieces) else ""
    if mark not in {"-", "/"}:
        return None
    numbers = [piece.text if piece.kind == "number" else "" for piece in pieces[at : at + 5 : 2]]
    if len(numbers) == 3 and pieces[at + 3].text == mark and (candidates := _in_some_order(*numbers)):
        return _valid(candidates, at + 5)
    if mark == "/" and len(numbers) > 1 and _MONTH.fullmatch(numbers[0]) and _YEAR.fullmatch(numbers[1]):
        return ((float(numbers[1]), float(numbers[0]), 0.0),), at + 3
    return None


def _in_some_order(first: str, second: str, third: str) -> list[tuple[int, int, int]]:
    """The (year, month, day) three numbers can be; empty when they are no date."""
    if _YEAR.fullmatch(first) and _DAY.fullmatch(second) and third.isdigit():
        return [(int(first), int(second), int(third))]
    if _YEAR.fullmatch(third) and _DAY.fullmatch(first) and _DAY.fullmatch(second):
        return [(int(third), int(second), int(first)), (int(third), int(first), int(second))]
    return []


def _valid(candidates: Sequence[tuple[int, int, int]], after: int) -> tuple[tuple[Date, ...], int] | None:
    dates = [
        (float(year), float(month), float(day))
        for year, month, day in candidates
        if 1 <= month <= 12 and 1 <= day <= 31
    ]
    return (tuple(dict.fromkeys(dates)), after) if dates else None


def _skip(pieces: Sequence[Piece], at: int, words: frozenset[str], signs: str) -> int:
    while at < len(pieces) and (
        (pieces[at].kind == "word" and pieces[at].folded in words)
        or (pieces[at].kind == "sign" and pieces[at].text in signs)
    ):
        at += 1
    return at


def _month(pieces: Sequence[Piece], at: int, words: Lexicon) -> int | None:
    return words.months.get(pieces[at].folded) if at < len(pieces) and pieces[at].kind == "word" else None


def _day(pieces: Sequence[Piece], at: int, words: Lexicon) -> tuple[int, int] | None:
    number = _integer(pieces, at, 31)
    if number:
        after = at + 1
        if after < len(pieces) and (pieces[after].text in "ºª" or pieces[after].folded in _MARKS):
            after += 1
        return number, after
    following, ends = words_from(pieces, at, 2)
    found = words.number_word(following) if following else None
    if found is None:
        return None
    value, taken, rank = spelled_value([(number, False) for number in found[0]], vigesimal=False, compound=True)
    return (int(value), ends[found[1] - 1]) if taken and rank and value <= 31 else None


def _year(pieces: Sequence[Piece], at: int) -> tuple[int, int]:
    after = _skip(pieces, at, _LINKS, ",.")
    year = _integer(pieces, after, 2999)
    if year is None or year < 32 or (after + 1 < len(pieces) and pieces[after + 1].text == "%"):
        return 0, at
    return year, after + 1


def _day_first(pieces: Sequence[Piece], at: int, words: Lexicon) -> tuple[tuple[Date, ...], int] | None:
    day = _day(pieces, at, words)
    if day is None:
        return None
    month_at = _skip(pieces, day[1], _LINKS, ".")
    month = _month(pieces, month_at, words)
    if month is None:
        return None
    after = _skip(pieces, month_at + 1, frozenset(), ".")
    year, end = _year(pieces, after)
    return ((float(year), float(month), float(day[0])),), end if year else month_at + 1


def _month_first(pieces: Sequence[Piece], at: int, words: Lexicon) -> tuple[tuple[Date, ...], int] | None:
    month = _month(pieces, at, words)
    if month is None:
        return None
    after = _skip(pieces, at + 1, frozenset({"the"}), ".")
    day = _day(pieces, after, words)
    if day is not None:
        year, end = _year(pieces, day[1])
        return ((float(year), float(month), float(day[0])),), end if year else day[1]
    year, end = _year(pieces, after)
    return (((float(year), float(month), 0.0),), end) if year else None

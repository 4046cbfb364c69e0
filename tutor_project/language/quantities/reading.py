"""Reading a text: every number, sign, unit, range, date and rank in it, in one language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from tutor_project.language.quantities.characters import fold_characters
from tutor_project.language.quantities.dates import read_date, read_era
from tutor_project.language.quantities.lexer import Piece, pieces_of, words_from
from tutor_project.language.quantities.lexicon import Lexicon, lexicon, plausible_languages
from tutor_project.language.quantities.magnitudes import Magnitude, read_magnitude
from tutor_project.language.quantities.types import PLACE, Quantity, QuantityForm, QuantityReading
from tutor_project.language.quantities.units import MeasureUnit, parse_unit_readings

MAX_READ = 2000
_SILENT = frozenset(".,;:!?\"'()[]{}|&")
# Signs that may stand beside words and numbers without changing what they say; any other one was not read.
_SIGNS = frozenset("+-=/~≈·×*°%‰$€£¥¢§_")
_BOUND_SIGNS = {"<": "<", ">": ">", "≤": "≤", "≥": "≥"}
_CURRENCIES = frozenset("$€£¥")
_MAX_UNIT_PIECES = 14
# Symbols that are words or letters of lists when they stand apart ("3 in 4", "2 a day", "5 T cells").
_NOT_APART = frozenset("in a d b u as at am an is us mi do no mo ha par pas to".split())


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[QuantityReading, ...]:
    """Return one reading of the text for each language it may be in (English when nothing tells), the same order each time."""
    folded = fold_characters(text[:MAX_READ])
    pieces = pieces_of(folded)
    words = [piece.folded for piece in pieces if piece.kind == "word"]
    # Names of units are much the same everywhere and tell little ("350 cents"), unless they are numbers ("cent degrés").
    telling = [word for word in words if not parse_unit_readings(word)]
    languages = dict.fromkeys((*plausible_languages(telling), *plausible_languages(words)))
    cut = ("…",) if len(text) > MAX_READ else ()
    return tuple(_Reader(folded, pieces, lexicon(language)).read(cut) for language in languages)


class _Reader:
    """Reads the pieces of one text from left to right."""

    def __init__(self, text: str, pieces: Sequence[Piece], words: Lexicon) -> None:
        self.text = text
        self.pieces = pieces
        self.lexicon = words

    def read(self, unread_end: tuple[str, ...] = ()) -> QuantityReading:
        quantities: list[Quantity] = []
        words: list[str] = []
        unread: list[str] = []
        at = 0
        while at < len(self.pieces):
            piece = self.pieces[at]
            found = self._quantity(at)
            if found is not None:
                quantity, after = found
                quantities.append(quantity)
                words.append(PLACE)
                at = after
                continue
            if self._in_expression(at):
                unread.append(piece.text)
            if piece.kind == "word":
                words.append(piece.folded)
            elif piece.kind == "number" or not (piece.text in _SILENT or piece.text in _SIGNS):
                unread.append(piece.text)
            at += 1
        return QuantityReading(self.lexicon.language, tuple(quantities), tuple(words), (*unread, *unread_end))

    def _in_expression(self, at: int) -> bool:
        """Whether a letter and a number are parts of one expression that is not worked out: ``π/2``, ``2π``."""
        piece = self.pieces[at]
        before = self.pieces[at - 1] if at else None
        after = self.pieces[at + 1] if at + 1 < len(self.pieces) else None
        if piece.text == "/":
            return before is not None and before.kind == "word" and after is not None and after.kind == "number"
        if piece.text == "!":
            return piece.glued and before is not None and before.kind == "number"
        return piece.folded == "pi" and before is not None and before.kind == "number"

    def _quantity(self, at: int) -> tuple[Quantity, int] | None:
        """A date, else a quantity with what may stand before it (about, a bound, "between") and after it (an era)."""
        dated = read_date(self.pieces, at, self.lexicon)
        if dated is not None:
            (readings, after) = dated
            return Quantity(
                QuantityForm.DATE, readings, start=self.pieces[at].start, end=self.pieces[after - 1].end
            ), after
        start = at
        at, bound, between = self._prefix(at)
        era, at = self._era_before(at)
        found = self._span(at, between=between)
        if found is None:
            return None
        quantity, after = self._with_smaller_units(*found)
        bound, after = self._bound_after(bound, after)
        if not era and quantity.form is QuantityForm.NUMBER and not quantity.units:
            era, after = read_era(self.pieces, after) or ("", after)
        first, last = self.pieces[start].start, self.pieces[after - 1].end
        return _replace(quantity, bound=bound, era=era, start=first, end=last), after

    def _prefix(self, at: int) -> tuple[int, str, bool]:
        """What stands before a number: (index after it, bound, whether a range is announced), three words at the most."""
        bound, between = "", False
        for _ in range(3):
            sign = self.pieces[at].text if at < len(self.pieces) and self.pieces[at].kind == "sign" else ""
            if sign in _BOUND_SIGNS and (at == 0 or self.pieces[at - 1].kind == "sign"):
                at, bound = at + 1, _BOUND_SIGNS[sign]
            elif sign in {"~", "≈"} and not bound:
                at += 1
            elif (phrase := self._phrase_before_number(at)) is not None:
                role, meaning, at = phrase
                bound = meaning if role == "bounds" else bound
                between = between or role == "range_start"
            else:
                break
        return at, bound, between

    def _phrase_before_number(self, at: int) -> tuple[str, str, int] | None:
        """(role, meaning, index of the number) of "about", "at least", "between" before a number."""
        words, ends = words_from(self.pieces, at)
        for role in ("bounds", "about", "range_start"):
            match = self.lexicon.phrase(role, words)
            if match is None or not self._number_follows(after := ends[match[1] - 1]):
                continue
            if self.pieces[after].glued and self.pieces[after].kind == "number":
                continue  # "Ca2" is no "circa 2"
            while after < len(self.pieces) and self.pieces[after].text == ".":
                after += 1
            return role, match[0], after
        return None

    def _number_follows(self, at: int) -> bool:
        while at < len(self.pieces) and self.pieces[at].text in {".", "~", "≈", "-", "+", "$", "€", "£"}:
            at += 1
        if at >= len(self.pieces):
            return False
        words, ends = words_from(self.pieces, at)
        return (
            self.pieces[at].kind == "number"
            or read_magnitude(self.pieces, at, self.lexicon) is not None
            or any(
                (match := self.lexicon.phrase(role, words)) is not None
                and ends[match[1] - 1] < len(self.pieces)
                and self.pieces[ends[match[1] - 1]].kind == "number"
                for role in ("about", "bounds", "minus", "articles")
            )
        )

    def _era_before(self, at: int) -> tuple[str, int]:
        found = read_era(self.pieces, at)
        if found and found[1] < len(self.pieces) and self.pieces[found[1]].kind == "number":
            return found
        return "", at

    def _bound_after(self, bound: str, at: int) -> tuple[str, int]:
        words, ends = words_from(self.pieces, at)
        match = self.lexicon.phrase("bounds_after", words)
        return (match[0], ends[match[1] - 1]) if match is not None and not bound else (bound, at)

    def _span(self, at: int, *, between: bool) -> tuple[Quantity, int] | None:
        """A number, or two that make a range or a ratio."""
        first = self._single(at)
        if first is None:
            return None
        quantity, after = first
        link = self._link(after, between=between)
        if link is None or quantity.form is not QuantityForm.NUMBER:
            return first
        kind, second_at = link
        second = self._single(second_at, signed=False)
        if second is None or second[0].form is not QuantityForm.NUMBER or (second[0].rank and not quantity.rank):
            return first
        return _joined(kind, quantity, second[0]) or quantity, second[1] if _joined(
            kind, quantity, second[0]
        ) else after

    def _with_smaller_units(self, quantity: Quantity, at: int) -> tuple[Quantity, int]:
        """``1 hour 30 minutes``, ``5 feet and 10 inches``: the parts add up in the first unit."""
        while (
            quantity.form is QuantityForm.NUMBER
            and quantity.units
            and (part := self._smaller_part(quantity.units[0], at))
        ):
            quantity, at = _plus(quantity, part[0]), part[1]
        return quantity, at

    def _smaller_part(self, unit: MeasureUnit, at: int) -> tuple[float, int] | None:
        """What follows a quantity and belongs to it, in its unit: "30 minutes", "and a half", the minutes of "2 h 30"."""
        words, ends = words_from(self.pieces, at, 2)
        joined = bool(words) and words[0] in self.lexicon.joiners
        if joined and len(words) == 2 and self.lexicon.fractions.get(words[1]) == 2:
            return 0.5, ends[1]
        begin = ends[0] if joined else at
        minutes = self.pieces[begin].text if begin < len(self.pieces) else ""
        if unit.symbol == "h" and re.fullmatch(r"[0-5]\d", minutes) and begin + 1 == len(self.pieces):
            return int(minutes) / 60, begin + 1
        following = self._single(begin, signed=False)
        more = _in_larger_unit(following[0], unit) if following else None
        return None if following is None or more is None else (more, following[1])

    def _link(self, at: int, *, between: bool) -> tuple[str, int] | None:
        if at >= len(self.pieces):
            return None
        piece = self.pieces[at]
        if piece.kind == "sign" and piece.text in "-:/":
            return piece.text, at + 1
        words, ends = words_from(self.pieces, at, 2)
        middle = self.lexicon.phrase("range_middle", words)
        if middle is not None:
            return "to", ends[middle[1] - 1]
        if between and (joiner := self.lexicon.phrase("range_and", words)) is not None:
            return "to", ends[joiner[1] - 1]
        return None

    def _single(self, at: int, *, signed: bool = True) -> tuple[Quantity, int] | None:
        """A sign, a currency, a magnitude and its unit."""
        start = at
        negative, spread, at = self._sign(at) if signed else (False, False, at)
        currency, at = self._currency(at)
        if currency and signed and not negative:
            negative, spread, at = self._sign(at)
        magnitude = read_magnitude(self.pieces, at, self.lexicon)
        if magnitude is None:
            return None
        if at > start and at < len(self.pieces) and self.pieces[at].kind == "word" and not magnitude.plain_number:
            return None
        after = magnitude.after
        values = magnitude.values
        if negative:
            values = tuple(tuple(-v for v in value) for value in values)
        if currency:
            units, written = currency, currency[0].symbol
        elif read_era(self.pieces, after) is not None:
            units, written = (), ""
        else:
            units, written, after = self._unit(magnitude, after)
        form = magnitude.form
        return (
            Quantity(
                form, values, units, written, decimals=magnitude.decimals, rank=magnitude.rank,
                spelled=magnitude.spelled, spread=spread,
            ),
            after,
        )  # fmt: skip

    def _sign(self, at: int) -> tuple[bool, bool, int]:
        """Return (negative, plus-or-minus, index after the sign)."""
        if at >= len(self.pieces):
            return False, False, at
        piece = self.pieces[at]
        if piece.kind == "sign" and piece.text in "+-±":
            before = self.pieces[at - 1] if at else None
            joins = before is not None and piece.glued and before.kind != "sign"
            if joins or at + 1 >= len(self.pieces):
                return False, False, at
            return piece.text == "-", piece.text == "±", at + 1
        words, ends = words_from(self.pieces, at, 4)
        for role in ("plus_minus", "minus", "plus"):
            match = self.lexicon.phrase(role, words)
            if match is not None:
                return role == "minus", role == "plus_minus", ends[match[1] - 1]
        return False, False, at

    def _currency(self, at: int) -> tuple[tuple[MeasureUnit, ...], int]:
        if at + 1 < len(self.pieces):
            piece = self.pieces[at]
            if piece.text in _CURRENCIES:
                return parse_unit_readings(piece.text), at + 1
            if piece.kind == "word" and self.pieces[at + 1].text == "$":
                return parse_unit_readings("$"), at + 2
        return (), at

    def _unit(self, magnitude: Magnitude, at: int) -> tuple[tuple[MeasureUnit, ...], str, int]:
        """The longest unit that begins here; none after digits that belong to a word (B12)."""
        begin = self._unit_begin(magnitude, at)
        if begin is None:
            return (), "", at
        first = self.pieces[begin]
        for end in range(min(len(self.pieces), begin + _MAX_UNIT_PIECES), begin, -1):
            written = self.text[first.start : self.pieces[end - 1].end]
            units = parse_unit_readings(written)
            if units and self._stands_as_unit(written, end, glued=first.glued, spelled=magnitude.spelled):
                return units, written, end
        return (), "", at

    def _unit_begin(self, magnitude: Magnitude, at: int) -> int | None:
        """Where the unit of a magnitude may begin: behind "of a" after a fraction, behind a hyphen ("5-metre")."""
        if magnitude.in_word or magnitude.form in {QuantityForm.CLOCK, QuantityForm.DECADE}:
            return None
        if magnitude.fraction:
            words, ends = words_from(self.pieces, at, 3)
            link = self.lexicon.phrase("fraction_links", words)
            at = ends[link[1] - 1] if link is not None else at
        if at >= len(self.pieces):
            return None
        hyphen = self.pieces[at].text == "-" and at + 1 < len(self.pieces) and self.pieces[at + 1].kind == "word"
        return at + hyphen

    def _stands_as_unit(self, written: str, end: int, *, glued: bool, spelled: bool) -> bool:
        """Whether what reads as a unit is one where it stands, and no word, abbreviation or letter."""
        last_inch = written == "in" and end == len(self.pieces)
        if not glued and written.casefold() in _NOT_APART and not last_inch:
            return False
        if written.endswith((".", "-")):
            return False
        if end < len(self.pieces) and self.pieces[end].glued and self.pieces[end].kind == "word":
            return False
        return not (len(written) == 1 and written.isalpha() and glued and spelled)


def _in_larger_unit(part: Quantity, unit: MeasureUnit) -> float | None:
    """The value of a part in the larger unit before it ("30 minutes" in hours); None when it is no part of it."""
    if part.form is not QuantityForm.NUMBER or not part.units:
        return None
    smaller = part.units[0]
    of_a_kind = bool(unit.dimension) and unit.dimension == smaller.dimension and not unit.offset
    return part.readings[0][0] * smaller.factor / unit.factor if of_a_kind and smaller.factor < unit.factor else None


def _plus(quantity: Quantity, more: float) -> Quantity:
    """The quantity with more of its unit; a negative one grows away from zero."""
    values = tuple((value + more if value >= 0 else value - more,) for (value,) in quantity.readings)
    return Quantity(QuantityForm.NUMBER, values, quantity.units, quantity.written_unit, spelled=quantity.spelled)


def _joined(kind: str, a: Quantity, b: Quantity) -> Quantity | None:
    """Two numbers as a range ("5-10", "1939/45"), a ratio ("3:1") or nothing."""
    low, high = a.readings[0][0], b.readings[0][0]
    year = 1000 <= low <= 2100 and low == int(low) and not a.units
    if year and 10 <= high < 100 and high == int(high) and not b.units:
        high += low // 100 * 100
    elif kind == "/":
        return None
    units, written = (b.units, b.written_unit) if b.units else (a.units, a.written_unit)
    form = QuantityForm.RATIO if kind == ":" else QuantityForm.RANGE
    return Quantity(
        form, ((low, high),), units, written, decimals=max(a.decimals, b.decimals), start=a.start, end=b.end
    )


def _replace(quantity: Quantity, *, bound: str, era: str, start: int, end: int) -> Quantity:
    return Quantity(
        quantity.form, quantity.readings, quantity.units, quantity.written_unit, bound, era, quantity.decimals,
        quantity.rank, quantity.spelled, quantity.spread, start, end,
    )  # fmt: skip

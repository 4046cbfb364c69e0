"""Where the numbers of a text stand: digits, signs, powers of ten, scales, and English number words, with their units.

Reading an answer is ``reading.read``, which weighs every meaning in five languages; this finds the places of the numbers
in running prose, so that they can be compared, exchanged or marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tutor_project.language.quantities.lexicon import lexicon
from tutor_project.language.quantities.units import MeasureUnit, parse_unit

_WORDS = {
    phrase[0]: number
    for phrase, number in lexicon("en").words.items()
    if len(phrase) == 1 and not number.ordinal and not (number.scale and number.value < 100)
}
_WORD_NUMBER = "|".join(sorted((word for word, number in _WORDS.items() if not number.scale), key=len, reverse=True))
_SCALE = "|".join(
    sorted((word for word, number in _WORDS.items() if number.scale and word[-1] != "s"), key=len, reverse=True)
)
_NUMBER = re.compile(
    rf"""
    (?P<sign>(?<![\w)])[-−–+±](?=\d|\.\d))?
    (?:(?<![\w.,])|(?<=[-−–+±$€£¥~≈<>=(]))
    (?P<digits>\d{{1,3}}(?:[,\u00a0\u202f\u2009 ]\d{{3}})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)
    (?P<ordinal>st|nd|rd|th)?(?![A-Za-z]*\d[A-Za-z])
    (?P<power>\s?[×x*·]\s?10\s?(?:\^|\*\*)?\s?(?P<exponent>[-−+]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)|[eE](?P<e>[-+]?\d+)(?!\w))?
    (?P<scale>[\s-](?:{_SCALE})\b(?:\s(?:{_SCALE})\b)?)?
    |
    \b(?P<words>(?:{_WORD_NUMBER})(?:(?:[\s-]|\sand\s)(?:{_WORD_NUMBER}|{_SCALE}))*)\b
    |
    \b(?P<plain>{_SCALE})\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_ONE_AS_NUMBER = re.compile(r"[\s-]+(?:\w+[\s-]+)?(?:hundred|percent|per cent)", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"[\s\u00a0\u202f-]{0,2}(?P<unit>(?:square |cubic )?(?:°\s?[CF]\b|[%‰°℃℉Ω]|[A-Za-zµμΩÅ]+(?:[²³]|\^-?\d|-?\d(?!\d))?"
    r"(?:\s?/\s?[A-Za-zµμΩ]+[²³]?(?:\^?-?[123]\b)?|\sper\s(?:square\s|cubic\s)?[A-Za-z]+(?:\s(?:squared|cubed))?)?)(?:\s?[·*]\s?[A-Za-z]+(?:⁻¹|\^?-1)?)?)"
)


@dataclass(frozen=True, slots=True)
class FoundQuantity:
    """A number found in a text: value, the unit after (or currency before) it, and where it stands.

    ``written`` keeps the unit as written; ``ordinal`` marks first, 2nd; ``words`` numbers spelled out.
    """

    value: float
    unit: MeasureUnit | None
    written: str
    start: int
    end: int
    ordinal: bool = False
    words: bool = False
    digits: str = ""

    @property
    def looks_like_year(self) -> bool:
        """Four digits without a separator, between 1000 and 2100, without a unit."""
        return self.unit is None and len(self.digits) == 4 and self.digits.isdigit() and 1000 <= self.value <= 2100


def _spelled(text: str) -> float | None:
    """Return the value of a number spelled out (``two hundred and six``), or None."""
    total = current = 0.0
    seen = False
    for word in re.split(r"[\s-]+", text.casefold().strip()):
        number = _WORDS.get(word)
        if number is None:
            if word == "and" and seen:
                continue
            return None
        if not number.scale:
            current += number.value
        elif number.value == 100:
            current = (current or 1) * 100
        else:
            total += (current or 1) * number.value
            current = 0.0
        seen = True
    return total + current if seen else None


def find_quantities(text: str) -> list[FoundQuantity]:
    """Return the numbers of a text in order, each with its unit if one follows (or a currency sign precedes).

    The value of ``5×10³⁰``, ``4 billion`` and ``twenty-one`` is resolved; a hyphen between two numbers is a range, not a sign.
    """
    found: list[FoundQuantity] = []
    for match in _NUMBER.finditer(text):
        if found and match.start() < found[-1].end:
            continue  # the power of a unit
        quantity = _quantity(text, match)
        if quantity is not None:
            found.append(quantity)
    return _share_units(text, found)


def _quantity(text: str, match: re.Match[str]) -> FoundQuantity | None:
    if match["words"] or match["plain"]:
        return _in_words(text, match)
    digits, value = match["digits"], _value(match)
    start, end = match.span()
    if match["ordinal"]:
        return FoundQuantity(value, None, "", start, end, ordinal=True, digits=digits)
    currency = parse_unit(text[start - 1]) if start and text[start - 1] in "$€£¥" else None
    if currency:
        return FoundQuantity(value, currency, currency.symbol, start - 1, end, digits=digits)
    unit, after = _unit_after(text, end)
    return FoundQuantity(value, unit, text[end:after].strip(" -\u00a0\u202f"), start, after, digits=digits)


def _in_words(text: str, match: re.Match[str]) -> FoundQuantity | None:
    start, end = match.span()
    if match[0].casefold() == "one" and not _ONE_AS_NUMBER.match(text, end):
        return None  # "one" is a pronoun more often than a number
    value = _spelled(match[0])
    if value is None:
        return None
    unit, after = _unit_after(text, end)
    return FoundQuantity(value, unit, text[end:after].strip(" -"), start, after, words=True)


def _value(match: re.Match[str]) -> float:
    """The value of digits with their power of ten, scale words and sign."""
    value = float(re.sub(r"[,\s\u00a0\u202f\u2009]", "", match["digits"]))
    exponent = match["exponent"] or match["e"]
    if exponent:
        value *= 10.0 ** _clamped(exponent.translate(_SUPERSCRIPTS))
    for scale in (match["scale"] or "").casefold().replace("-", " ").split():
        value *= _WORDS[scale].value
    return -value if match["sign"] in {"-", "−", "–"} else value


def _clamped(exponent: str) -> int:
    return max(-300, min(300, int(exponent)))


def _unit_after(text: str, position: int) -> tuple[MeasureUnit | None, int]:
    match = _UNIT_AFTER.match(text, position)
    if not match:
        return None, position
    written = match["unit"]
    glued = match.start("unit") == position
    while written:
        unit = parse_unit(written)
        if unit and written not in _NEVER_UNITS | (_NOT_GLUED if glued else _NOT_APART):
            return unit, match.start("unit") + len(written)
        shorter = re.match(r"(.+?)(?:\s?/\s?|\sper\s|\s?[·*]\s?|(?<=[A-Za-z])(?=[\d^²³-]))[^/]*$", written)
        written = shorter[1] if shorter else ""
    return None, position


# Symbols that are English words or letters of lists: always, when they stand apart ("2 B cells"), when they are glued ("20s").
_NEVER_UNITS = frozenset({"in", "a", "mo", "bar", "percentage"})
_NOT_APART = frozenset("d b u B F H S M t".split())
_NOT_GLUED = frozenset({"s", "S", "A", "T"})


def _share_units(text: str, found: list[FoundQuantity]) -> list[FoundQuantity]:
    """In "2–10 nm", "5 to 10 kg" and "3 or 4 %" the first number has the unit of the second."""
    shared: list[FoundQuantity] = []
    for index, quantity in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        if (
            quantity.unit is None
            and following is not None
            and following.unit is not None
            and re.fullmatch(r"\s?(?:[-–—]|to|and|or|through)\s?", text[quantity.end : following.start])
        ):
            quantity = FoundQuantity(
                quantity.value, following.unit, following.written, quantity.start, quantity.end,
                quantity.ordinal, quantity.words, quantity.digits,
            )  # fmt: skip
        shared.append(quantity)
    return shared

"""Questions for a value with its role: how much, how long, how many, of a key term."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents_app.domain.matter.standing import names_a_year
from documents_app.domain.matter.types import KeyTerm, Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, distinct, template
from sessions_app.engine.questions.gaps import GAP
from sessions_app.engine.questions.places import places_of

_VALUE = re.compile(
    r"(?<![\w.,/()-])(?P<number>\d{1,3}(?:[ ,.]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)(?P<unit> ?(?:%|°[CF]|[^\W\d_][\w/]*))(?![\w)])"
)
_FACTORS = (0.5, 2.0, 1.5, 0.75, 3.0, 0.25, 4.0, 0.6)
_SHARES, _WHOLE = frozenset({"%", "percent", "Prozent"}), 100
"""Units of shares, which are seldom more than the whole."""
_WORTH, _BY_WEIGHT = 0.1, 0.3
"""Figures are seldom worth knowing by heart: they are asked where nothing better is, or where numbers are asked for."""
_LEAST_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    number: float
    unit: str
    start: int
    end: int


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield the questions of statements that stand alone and give one value of a key term."""
    pool: dict[str, list[tuple[_Value, Statement]]] = {}
    found: list[tuple[Statement, _Value]] = []
    for statement in matter.askable:
        values = list(_values(statement.text))
        for value in values:
            pool.setdefault(value.unit, []).append((value, statement))
        if len(values) == 1 and not names_a_year(statement.text):
            found.append((statement, values[0]))
    for statement, value in found:
        term = _term_in(statement, matter)
        if term is None or not _is_measured(statement, value, matter):
            continue
        # A value that is given of the same term elsewhere could be right here too.
        strange = [other for other, where in pool[value.unit] if not set(term.stems) <= set(where.stems)]
        wrong = _others(value, strange)
        if len(wrong) < WRONG_OPTIONS or len(re.findall(r"\d+(?:[.,]\d+)*", statement.text)) > 1:
            continue
        gapped = statement.text[: value.start] + GAP + statement.text[value.end :]
        ordered = sorted([value, *wrong[:WRONG_OPTIONS]], key=lambda one: one.number)
        yield Draft(
            pattern="value",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "value_choice", statement=gapped),
            key=value.text,
            wrong=tuple(one.text for one in ordered),
            evidence=statement.evidence,
            section=statement.section,
            worth=_WORTH + _BY_WEIGHT * term.weight,
            concept=term.name,
            in_order=True,
        )


def _is_measured(statement: Statement, value: _Value, matter: Matter) -> bool:
    """Tell whether the number counts or measures: after a noun ("sample 2") it is a name."""
    before = statement.text[: value.start].split()
    return bool(before) and matter.language.is_stop_word(before[-1].strip(",("))


def _values(text: str) -> Iterator[_Value]:
    for found in _VALUE.finditer(text):
        number = _number(found["number"])
        unit = found["unit"].strip()
        if number is not None and number > 0 and len(unit) < 16:
            yield _Value(found["number"], number, unit, found.start("number"), found.end("number"))


def _number(text: str) -> float | None:
    """Read a number; a group of three digits after a mark is thousands, any other a fraction."""
    grouped = re.fullmatch(r"\d{1,3}(?:[ ,.]\d{3})+", text)
    plain = re.sub(r"[ ,.]", "", text) if grouped else text.replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None


def _others(value: _Value, pool: list[_Value]) -> list[_Value]:
    """Return values of the same unit: those of the text that are near in size, then multiples written the same way."""
    near = [
        other for other in pool if value.number / 6 <= other.number <= value.number * 6 and other.number != value.number
    ]
    near += [_scaled(value, factor) for factor in _FACTORS]
    if value.unit in _SHARES and value.number <= _WHOLE:
        near = [other for other in near if other.number <= _WHOLE]
    texts = distinct([other.text for other in near if other.number != value.number and other.text != value.text])
    return [next(other for other in near if other.text == text) for text in texts]


def _scaled(value: _Value, factor: float) -> _Value:
    number = value.number * factor
    decimals = len(value.text) - 1 - max(value.text.rfind("."), value.text.rfind(",")) if _has_fraction(value) else 0
    text = f"{number:.{decimals}f}"
    if _has_fraction(value) and "," in value.text:
        text = text.replace(".", ",")
    return _Value(text, float(f"{number:.{decimals}f}"), value.unit, 0, 0)


def _has_fraction(value: _Value) -> bool:
    return value.number != int(value.number)


def _term_in(statement: Statement, matter: Matter) -> KeyTerm | None:
    """Return the key term that the statement begins with and is about."""
    place = next(iter(places_of(statement, matter)), None)
    if (
        place is None
        or place.term.weight < _LEAST_WEIGHT
        or matter.language.content_stems(statement.text[: place.start])
    ):
        return None
    return place.term

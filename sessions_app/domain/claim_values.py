"""Numbers, numerals, ordinals, units and opposites of a statement that its passage has beside other words."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sessions_app.domain.claim_text import ROMAN, Token, TokenText, clauses_of, longest_common
from sessions_app.domain.grading.opposites import are_opposites, listed_opposites
from sessions_app.domain.questions.negation import related
from tutor_project.language.quantities.units import MeasureUnit, parse_unit

_CLEARLY = 1.25
"""How much nearer another value has to stand to the words around one before they are said to have changed places."""
_SAME_LIST = 4
ENOUGH_TO_ALIGN = 3
_TELLS = 0.25
_LEAST_WEIGHT = 0.4
_REACH = 3.0
_CLAUSE_BORDER = 0.35
_PERCENT = parse_unit("%")
_OF_TIME = frozenset(unit.dimension for name in ("hours", "months") if (unit := parse_unit(name)))


@lru_cache(maxsize=4096)
def _unit_of_time(word: str) -> MeasureUnit | None:
    unit = parse_unit(word) if len(word) >= 4 else None
    return unit if unit and unit.dimension in _OF_TIME else None


def misplaced(said: TokenText, shown: TokenText, around: TokenText, *, opposites: bool) -> list[str]:
    """Return values (numbers, numerals, opposites) that stand beside words beside which the passage has another value."""
    units = _counted_by_several(around)
    if longest_common([t.root for t in said.tokens], [t.root for t in shown.tokens[:400]]) == len(said.tokens):
        return []
    one_denies = bool(said.denials) != bool(shown.denials)  # "not the same" is "different"
    faults = []
    for at, token in enumerate(said.tokens):
        if not _is_value(token) and (one_denies or not opposites):
            continue
        other = _other_value(said, at, shown, units)
        if other is not None:
            faults.append(f"{token.form} where the passage has {other.form}")
    return faults


def _other_value(said: TokenText, at: int, shown: TokenText, units: frozenset[str]) -> Token | None:
    """Return the value that the passage has beside the words which the statement has beside its own."""
    token = said.tokens[at]
    rivals = [own for own in dict.fromkeys(shown.tokens) if _are_rivals(token, own)]
    present = any(_same(token, own) for own in shown.tokens)
    if not rivals or ((token.number is not None or token.form.isdigit()) and not present):
        return None  # a number that is not there comes from the text around, or has been found to come from nowhere
    best, own_score, rival_score = max(
        ((rival, *_bound(said, at, shown, rival, units)) for rival in rivals), key=lambda found: found[2] - found[1]
    )
    return best if rival_score > (max(_CLEARLY * own_score, 0.2) if present else 0.6) else None


def _are_rivals(mine: Token, other: Token) -> bool:
    if mine.number is not None or other.number is not None:
        both = mine.number is not None and other.number is not None and mine.number != other.number
        return both and _is_year(mine) == _is_year(other) and _may_share_unit(mine, other)
    if ROMAN.fullmatch(mine.form) and ROMAN.fullmatch(other.form):
        return mine.form != other.form
    if mine.place and other.place:
        return mine.place != other.place
    if mine.form.isdigit() and other.form.isdigit():  # the 1 and 2 of names
        return mine.form != other.form
    return mine.root != other.root and are_opposites(mine.form, other.form)


def _may_share_unit(mine: Token, other: Token) -> bool:
    """Tell whether two numbers may count the same: no percentage and a count, no hours and milligrams."""
    if mine.unit is None or other.unit is None:
        return _PERCENT not in (mine.unit, other.unit)
    return mine.unit.dimension == other.unit.dimension


def _are_alike(a: Token, b: Token) -> bool:
    """Return whether two tokens are values of one sort: numbers, numerals, or a word and its opposite."""
    both = a.number is not None and b.number is not None
    return (both and _may_share_unit(a, b)) or _are_rivals(a, b)


def _is_value(token: Token) -> bool:
    """Tell whether a token is a number, one of a name, a numeral or an ordinal, not a word."""
    return token.number is not None or bool(token.place) or token.form.isdigit() or bool(ROMAN.fullmatch(token.form))


def _is_year(token: Token) -> bool:
    return token.number is not None and 1000 <= token.number < 2100 and token.form.isdigit()


def _same(a: Token, b: Token) -> bool:
    return a.number == b.number if a.number is not None else a.root == b.root or related(a.root, b.root)


def at_one_end(a: Token, b: Token) -> bool:
    """Return whether two tokens are the same value, or words for the same end of a scale: "quick" and "rapid"."""
    return _same(a, b) or (a.number is None and bool(listed_opposites(a.form) & listed_opposites(b.form)))


def _counted_by_several(around: TokenText) -> frozenset[str]:
    """Return the words that several numbers count ("180 copies", "135 copies"): they bind to none of them."""
    counts: dict[str, set[float]] = {}
    for value, word in itertools.pairwise(around.tokens):
        if value.number is None or value.place:
            continue
        if word.number is None and value.clause == word.clause:
            counts.setdefault(word.root, set()).add(value.number)
    return frozenset(word for word, values in counts.items() if len(values) > 1)


def _bound(said: TokenText, at: int, shown: TokenText, rival: Token, units: frozenset[str]) -> tuple[float, float]:
    """Return how much of what stands beside the statement's token stands beside it in the passage, and beside ``rival``.

    Words that stand before both of a list ("use 18 of these and 12 of those") are of both, and words about as near to
    one as to the other tell nothing.
    """
    mine = [i for i, own in enumerate(shown.tokens) if _same(said.tokens[at], own)]
    other = [i for i, own in enumerate(shown.tokens) if _same(rival, own)]
    paired = bool(mine) and min(abs(i - j) for i in mine for j in other) <= _SAME_LIST
    first = min([*mine, *other]) if paired else -1
    own_score = rival_score = 0.0
    for i in _beside(said, at, shown, units):
        token = said.tokens[i]
        spots = [j for j, own in enumerate(shown.tokens) if own.root == token.root and j > first]
        a, b = _nearest(shown.tokens, spots, mine), _nearest(shown.tokens, spots, other)
        if abs(a - b) >= _TELLS * max(a, b):
            weight = max(_near(said.tokens, i, at), _LEAST_WEIGHT)
            own_score, rival_score = own_score + weight * a, rival_score + weight * b
    return own_score, rival_score


def _beside(said: TokenText, at: int, shown: TokenText, units: frozenset[str]) -> Iterator[int]:
    """Yield the words of a statement that may tell to which value of the passage its token belongs.

    Not those that belong to another value of the statement, as they do in the passage.
    """
    value = said.tokens[at]
    others = [i for i, own in enumerate(said.tokens) if i != at and _are_alike(value, own)]
    for i, token in enumerate(said.tokens):
        if i == at or token.root in units or _are_alike(value, token):
            continue
        nearer = (k for k in others if _near(said.tokens, i, k) > _near(said.tokens, i, at))
        if not any(_binds(shown, token, said.tokens[k]) for k in nearer):
            yield i


def _binds(shown: TokenText, word: Token, value: Token) -> bool:
    """Return whether no value of its sort stands nearer to the word in the passage than ``value``."""
    spots = [j for j, own in enumerate(shown.tokens) if own.root == word.root]
    places = [j for j, own in enumerate(shown.tokens) if at_one_end(value, own) or _are_alike(value, own)]
    if not spots or not places:
        return False
    best = max(places, key=lambda place: max(_near(shown.tokens, j, place) for j in spots))
    return at_one_end(value, shown.tokens[best])


def _nearest(tokens: Sequence[Token], spots: Sequence[int], places: Sequence[int]) -> float:
    return max((_near(tokens, spot, place) for spot in spots for place in places), default=0.0)


def _near(tokens: Sequence[Token], i: int, j: int) -> float:
    borders = abs(tokens[i].clause - tokens[j].clause)
    return math.exp(-(abs(i - j) - 1) / _REACH) * _CLAUSE_BORDER ** min(borders, 4)


def of_another(said: TokenText, around: TokenText) -> list[str]:
    """Return a number, numeral or place in a clause that a sentence near by has word for word, but with another one there."""
    faults = []
    known = [{token.root for token in sentence} for sentence in around.sentences]
    for clause in clauses_of(said):
        if len(clause) <= ENOUGH_TO_ALIGN or any(all(token.root in roots for token in clause) for roots in known):
            continue
        for sentence, roots in zip(around.sentences, known, strict=True):
            missing = [i for i, token in enumerate(clause) if token.root not in roots]
            rival = _in_its_place(clause, missing[0], sentence) if len(missing) == 1 else None
            if rival is not None:
                faults.append(f"{clause[missing[0]].form} where the passage has {rival.form}")
    return faults


def _in_its_place(clause: Sequence[Token], at: int, sentence: Sequence[Token]) -> Token | None:
    """Return the other value of the sort of a token that stands beside the same word in a sentence."""
    value = clause[at]
    if not _is_value(value):
        return None
    for one, other in itertools.pairwise(sentence):
        if at and one.root == clause[at - 1].root and _are_rivals(value, other):
            return other
        if at + 1 < len(clause) and other.root == clause[at + 1].root and _are_rivals(value, one):
            return one
    return None


def other_measure(said: TokenText, shown: TokenText) -> list[str]:
    """Return a unit without a number where the passage has others of its sort: "within days", not weeks or months."""
    known = {unit for token in shown.tokens if (unit := _unit_of_time(token.form))}
    theirs = {unit.dimension: token.form for token, unit in _bare_units(shown)}
    return [
        f"{token.form} where the passage has {theirs[unit.dimension]}"
        for token, unit in _bare_units(said)
        if unit.dimension in theirs and unit not in known
    ]


def _bare_units(passage: TokenText) -> Iterator[tuple[Token, MeasureUnit]]:
    """Yield the units of time of a passage that no number counts."""
    counted = False
    for token in passage.tokens:
        unit = _unit_of_time(token.form)
        if unit and not token.place and not counted:
            yield token, unit
        counted = token.number is not None

"""Grading of a short text against accepted answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from difflib import SequenceMatcher

from sessions_app.domain.grading.normalise import SMALL_WORDS, joined, plain, same_tokens, same_word, tokens
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.grading.spelling import distance, is_slip
from sessions_app.domain.grading.types import Grade, right, unsure, wrong

Similar = Callable[[str, str], float]

NEGATIONS = frozenset("not no non never neither nor cannot without none isnt arent dont doesnt wasnt un".split())
_GIVEN_UP = frozenset(
    [
        "",
        "idk",
        "i dont know",
        "dont know",
        "no idea",
        "unknown",
        "not sure",
        "na",
        "none",
        "nothing",
        "dunno",
        "no clue",
        "skip",
        "pass",
    ]
)
_ORDER_MATTERS = frozenset(
    "to from than before after into over under by versus vs per minus out via causes cause".split()
)
MEANING_IN_DOUBT = 0.55


def grade_text(
    answer: str, accepted: Sequence[str], terms: Collection[str] = (), similar: Similar | None = None
) -> Grade:
    """Grade a short answer. ``terms``: other terms of the material; ``similar``: cosine of two texts' meanings, if known.

    Right: the same words but for case, accents, articles, hyphens, plural, region of spelling, number words, order in a
    plain list; or one slip of spelling that no other term is nearer to. Wrong: a term of the material that is not
    accepted, an opposite, another number, a denial, or nothing in common. Anything else waits for a person.
    """
    if answer.strip() and answer.strip() in {text.strip() for text in accepted}:
        return right("the same text")
    given = tokens(answer)
    gave_up = " ".join(given) in _GIVEN_UP or joined(given) in {text.replace(" ", "") for text in _GIVEN_UP if text}
    if gave_up and not any(same_tokens(given, tokens(text)) for text in accepted):
        return wrong("no answer")
    grades = [_against(answer, given, text, terms) for text in accepted]
    for grade in grades:
        if grade.correct:
            return grade
    certain = next((grade for grade in grades if grade.reason != _APART), None)
    if all(grade.verdict == "incorrect" for grade in grades):
        if (
            certain is None
            and similar is not None
            and max(similar(answer, text) for text in accepted) >= MEANING_IN_DOUBT
        ):
            return unsure("may mean the same in other words")
        return certain or wrong(_APART)
    return next(grade for grade in grades if grade.verdict == "needs_review")


_APART = "nothing in common with the right answer"


def _against(answer: str, given: tuple[str, ...], accepted: str, terms: Collection[str]) -> Grade:
    wanted = tokens(accepted)
    if not wanted:
        return right("exact") if plain(answer) == plain(accepted) else unsure("the right answer has no words")
    if _same_symbols(answer, accepted, given, wanted):
        return right("same words")
    if same_tokens(given, wanted) or _without_small(given) == _without_small(wanted):
        return unsure("letters of a symbol differ in case or sign")
    denied = [
        word
        for word in given
        if word in NEGATIONS or (word.endswith("nt") and word[:-2] in {"is", "are", "do", "does", "was"})
    ]
    if denied and not any(word in NEGATIONS for word in wanted):
        return wrong("denies")
    if any(word in NEGATIONS for word in wanted) and not denied:
        return wrong("leaves out the denial") if _overlap(given, wanted) else wrong(_APART)
    if _numbers(given) != _numbers(wanted):
        return (
            wrong("another number")
            if (_numbers(given) and _numbers(wanted)) or _overlap(given, wanted) < 1.0
            else unsure("a number more or less")
        )
    if _is_other_term(given, accepted, terms):
        return wrong("another term of the material")
    if _same_list(answer, accepted):
        return right("same parts in another order")
    return _by_words(given, wanted, terms)


def _same_symbols(answer: str, accepted: str, given: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Equal words, and for symbols (CO/Co, Na+/Na) equal signs and no capitals in other places."""
    if not (same_tokens(given, wanted) or (len(wanted) > 2 and _without_small(given) == _without_small(wanted))):
        return False
    short = accepted.strip(), answer.strip()
    # CO is not Co, mV not MV: in a symbol that was written with capitals their place counts.
    symbol = len(short[0]) <= 4 and short[0].casefold() == short[1].casefold() and not short[1].islower()
    if symbol and short[0] != short[1] and any(c.isupper() for c in short[0]):
        return False
    signs = [re.findall(r"[+⁺]|(?<=[A-Za-z0-9])[-−⁻](?=\s|$)", text) for text in short]
    return len(signs[0]) == len(signs[1]) and _signed(signs[0]) == _signed(signs[1])


def _signed(signs: list[str]) -> list[str]:
    return ["+" if sign in "+⁺" else "-" for sign in signs]


def _without_small(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in parts if part not in SMALL_WORDS)


def _numbers(parts: tuple[str, ...]) -> list[str]:
    return [number for part in parts for number in re.findall(r"[+-]?\d[\d.,]*", part)]


def _overlap(given: tuple[str, ...], wanted: tuple[str, ...]) -> float:
    mine = _without_small(given)
    theirs = _without_small(wanted)
    shared = sum(any(same_word(word, other) for other in mine) for word in theirs)
    return shared / len(theirs) if theirs else 0.0


def _is_other_term(given: tuple[str, ...], accepted: str, terms: Collection[str]) -> bool:
    wanted = tokens(accepted)
    return any(same_tokens(given, own) and not same_tokens(own, wanted) for own in map(tokens, terms))


def _same_list(answer: str, accepted: str) -> bool:
    """The same members of "A, B and C" in any order."""

    def members(text: str) -> list[tuple[str, ...]]:
        return [
            found
            for part in re.split(r"\s*[,;/]\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+", plain(text))
            if (found := tokens(part))
        ]

    mine, theirs = members(answer), members(accepted)
    if len(theirs) < 2 or len(mine) != len(theirs) or any(word in _ORDER_MATTERS for part in theirs for word in part):
        return False
    left = list(theirs)
    for part in mine:
        match = next((other for other in left if same_tokens(part, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _by_words(given: tuple[str, ...], wanted: tuple[str, ...], terms: Collection[str]) -> Grade:
    """Compare word by word where the wording differs."""
    mine, theirs = _without_small(given), _without_small(wanted)
    if len(mine) == len(theirs):
        pairs = [(x, y) for x, y in zip(mine, theirs, strict=True) if not same_word(x, y)]
        if any(are_opposites(x, y) for x, y in pairs):
            return wrong("an opposite or a different prefix")
        if len(pairs) == 1:
            return _one_word(pairs[0], mine, theirs, terms)
    elif len(joined(mine)) > 5 and are_opposites(joined(mine), joined(theirs)):
        return wrong("a different prefix")
    if mine and sorted(mine) == sorted(theirs):
        return unsure("the same words in another order")
    shared = _overlap(mine, theirs)
    if shared == 1.0 or (_overlap(theirs, mine) == 1.0 and mine):
        extra = [word for word in mine if not any(same_word(word, other) for other in theirs)]
        return unsure("more words than asked for" if extra else "fewer words than asked for")
    if shared > 0 or SequenceMatcher(None, joined(mine), joined(theirs), autojunk=False).ratio() >= 0.7:
        return unsure("close to the right answer")
    return wrong(_APART)


def _one_word(pair: tuple[str, str], mine: tuple[str, ...], theirs: tuple[str, ...], terms: Collection[str]) -> Grade:
    given, wanted = pair
    if is_slip(given, wanted):
        gap = distance(joined(mine), joined(theirs))
        for term in terms:
            own = tokens(term)
            if (
                not same_tokens(own, theirs)
                and min(distance(joined(own), joined(mine)), *(distance(word, given) for word in own)) <= gap
                and not any(same_word(word, wanted) for word in own)
            ):
                return unsure("spelled between two terms of the material")
        return right("one slip of spelling")
    if distance(given, wanted, 3) <= max(1, len(wanted) // 4):
        return unsure("spelled nearly like the right answer")
    if len(theirs) > 1:
        return unsure("one word differs")
    if SequenceMatcher(None, given, wanted, autojunk=False).ratio() >= 0.7:
        return unsure("close to the right answer")
    return wrong(_APART)

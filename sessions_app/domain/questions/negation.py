"""Negations of a text and what they reach; words of one family."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sessions_app.domain.questions.text import ENGLISH, STOP_WORDS, content_roots, fold, root
from tutor_project.language import Language

_SUFFIXES = ENGLISH.phrase_set("derivation_endings") | {""}
_TOKEN = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*|[,;:()]|\.(?=\s|$)")
_MARKS = frozenset(",;:().")
_MOST_REACHED = 5


def related(a: str, b: str) -> bool:
    """Return whether two roots are one word family (regulat/regulation), opposites by prefix excepted."""
    if a == b:
        return True
    size = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        size += 1
    return size >= max(4, min(len(a), len(b)) - 3) and a[size:] in _SUFFIXES and b[size:] in _SUFFIXES


@dataclass(frozen=True, slots=True)
class Denial:
    """A negation: the word that denies, and the content roots it reaches, nearest first."""

    word: str
    scope: tuple[str, ...]


@lru_cache(maxsize=16)
def _words_of(name: str, tongue: Language) -> frozenset[str]:
    return frozenset(map(fold, tongue.phrases(name)))


def denials(text: str, tongue: Language = ENGLISH) -> list[Denial]:
    """Return the negations of a text with their scope: up to five content words in the same clause."""
    tokens = _TOKEN.findall(fold(text))
    return [
        Denial(word, _scope(word, tokens[at + 1 :], tongue))
        for at, word in enumerate(tokens)
        if _denies(word, tongue) and not _is_not_only(tokens[at : at + 2], tongue)
    ]


def _denies(word: str, tongue: Language) -> bool:
    known = word in _words_of("negations", tongue) or word in _words_of("weak_negations", tongue)
    return known or bool(re.fullmatch(r"non-[a-z-]+", word))


def _is_not_only(pair: Sequence[str], tongue: Language) -> bool:
    """Tell whether a denial is that of "not only", which says that something is so."""
    second = _words_of("not_only_second", tongue)
    return len(pair) > 1 and pair[0] in _words_of("not_only_first", tongue) and pair[1] in second


def _scope(word: str, behind: Sequence[str], tongue: Language) -> tuple[str, ...]:
    """Return the content roots that a denial reaches: the next five before its clause ends."""
    if word.startswith("non-"):
        return tuple(root(part) for part in word.split("-")[1:] if part)
    scope: list[str] = []
    for other in behind:
        if (other in _MARKS or other in _words_of("denial_borders", tongue)) and (scope or other != ","):
            break
        scope += [root(part) for part in other.split("-") if _carries_content(part)]
        if len(scope) >= _MOST_REACHED:
            break
    return tuple(scope)


def _carries_content(part: str) -> bool:
    return bool(part) and part not in STOP_WORDS and part[0].isalnum()


def negation_faults(statement: str, passage: str, tongue: Language = ENGLISH) -> list[str]:
    """Denials on one side only, where both sides speak of the same words."""
    mine, theirs = denials(statement, tongue), denials(passage, tongue)
    faults = []
    matched: set[int] = set()
    for denial in mine:
        partner = next((j for j, other in enumerate(theirs) if j not in matched and _overlap(denial, other)), None)
        if partner is None:
            faults.append(f"{denial.word!r} is not in the passage")
        else:
            matched.add(partner)
    if len(mine) < len(theirs):
        own_words = set(content_roots(statement))
        left = (other for j, other in enumerate(theirs) if j not in matched)
        faults += [fault for other in left if (fault := _dropped(other, own_words))]
    return faults


def _dropped(denial: Denial, said: Collection[str]) -> str:
    """Return how a passage denies what a statement without its denial says; empty where that is not what it speaks of."""
    reached = [part for part in denial.scope if any(part == own or related(part, own) for own in said)]
    nearest = bool(reached) and denial.scope[0] == reached[0]
    if nearest and len(reached) >= min(2, len(denial.scope)):
        return f"the passage says {denial.word!r} of {', '.join(reached)}"
    return ""


def _overlap(a: Denial, b: Denial) -> bool:
    """Tell whether two denials reach a word of one family, or both stand alone: a cell that says "no"."""
    return a.scope == b.scope == () or any(x == y or related(x, y) for x in a.scope for y in b.scope)

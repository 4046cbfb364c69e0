"""Words that look or feel alike and mean different, often opposite, things.

Two sources, each a list by language: pairs of everyday and scientific language with the ends of scales, and prefixes that
turn one word into another (hypo-/hyper-, un-, intra-/inter-). Grading uses them so that a near miss in spelling is never
taken for the right word; the verifier uses them to see that a statement was turned round.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import chain, product

from tutor_project.language import FULL_LANGUAGES, fold
from tutor_project.language.wordlists import entries, word_set

_PAIR_LISTS = ("opposites", "contraries")

_ENDINGS = ("s", "es", "d", "ed", "ing", "ly")


@cache
def _table() -> dict[str, frozenset[str]]:
    """Every listed word, folded, with the words it stands against in its language."""
    table: dict[str, set[str]] = {}
    for tag in FULL_LANGUAGES:
        for line in chain.from_iterable(entries(tag, name) for name in _PAIR_LISTS):
            one_end, other_end = (fold(end).split() for end in line.split("="))
            for one, other in product(one_end, other_end):
                table.setdefault(one, set()).add(other)
                table.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in table.items()}


@cache
def _prefix_pairs() -> tuple[tuple[str, str], ...]:
    """Prefixes of which one turns a word into another, in both directions."""
    lines = chain.from_iterable(entries(tag, "contrary_prefixes") for tag in FULL_LANGUAGES)
    pairs = [tuple(line.split(" = ")) for line in lines]
    return tuple(pair for one, other in pairs for pair in ((one, other), (other, one)))


@cache
def _meaning_prefixes() -> frozenset[str]:
    return frozenset().union(*(word_set(tag, "meaning_prefixes") for tag in FULL_LANGUAGES))


def _bases(word: str) -> set[str]:
    """The word and what is left without a regular ending (with a final e restored)."""
    found = {word}
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            found |= {stem, stem + "e"}
            if len(stem) > 3 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return found


@lru_cache(maxsize=65536)
def listed_opposites(word: str) -> frozenset[str]:
    """Return the listed opposites of a lower-case word (of its base forms too)."""
    return frozenset(other for base in _bases(word) for other in _table().get(base, ()))


@lru_cache(maxsize=65536)
def are_opposites(a: str, b: str) -> bool:
    """Return whether two different lower-case words are a listed pair or differ by a prefix that changes the meaning."""
    if a == b:
        return False
    if _bases(b) & listed_opposites(a) or _bases(a) & listed_opposites(b):
        return True
    return differ_by_prefix(a, b)


@lru_cache(maxsize=65536)
def differ_by_prefix(a: str, b: str) -> bool:
    """Return whether the words are the same but for a prefix (valid/invalid, hypo-/hypertension, anion/cation)."""
    if a[-2:] != b[-2:]:
        return False
    shorter, longer = sorted((a.replace("-", ""), b.replace("-", "")), key=len)
    if longer.endswith(shorter) and len(shorter) >= 3 and longer[: len(longer) - len(shorter)] in _meaning_prefixes():
        return True
    return any(
        shorter.startswith(one)
        and longer.startswith(other)
        and len(shorter) - len(one) >= 2
        and shorter[len(one) :] == longer[len(other) :]
        for one, other in _prefix_pairs()
    )

"""One thing in a compound and in several words: "Zellmembran", "Membran der Zelle"; "cell membrane", "membrane of the cell"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations

from tutor_project.language.folding import fold
from tutor_project.language.languages import language
from tutor_project.language.wordlists import word_set

SHORTEST_PART = 3
SHORTEST_HEAD = 4
MOST_PARTS = 3


def said_apart(one: Sequence[str], other: Sequence[str], tag: str) -> bool | None:
    """Tell whether ``other`` says in several words what the compound ``one`` says: its head, a genitive, and what it is of.

    Both are words in lower case without accents. False where the parts differ. None where nobody can tell: the same parts
    stand in another order or with other small words, or one of the two is only the head of the other.
    """
    links = _folded("genitive_links", tag)
    (of_one, small_of_one), (parts, small) = (_sorted_out(words, links, tag) for words in (one, other))
    if of_one == parts:
        same = len(parts) > 1 and _joints(one, links) == _joints(other, links)
        return same if small_of_one == small else None
    if small_of_one or any(_joints(one, links)):
        return False
    whole = "".join(of_one)
    if len(parts) == 1:
        return None if _is_head(parts[0], whole, tag) else False
    orders = _orders(whole, parts, tag)
    if not orders:
        return False
    is_genitive = not small and other[0] == parts[0] and other[1] in links
    return True if is_genitive and (*parts[1:], parts[0]) in orders else None


def _orders(whole: str, parts: Sequence[str], tag: str) -> list[tuple[str, ...]]:
    """Return the orders but their own in which the parts make up the whole."""
    few = 2 <= len(parts) <= MOST_PARTS and min(map(len, parts)) >= SHORTEST_PART
    if not few or whole == "".join(parts):
        return []
    return [order for order in permutations(parts) if _makes(whole, order, tag)]


def _sorted_out(words: Sequence[str], links: frozenset[str], tag: str) -> tuple[list[str], list[str]]:
    """Return the words that count, and the small ones that are no genitive."""
    told = [word for word in words if word not in links]
    small = [word for word in told if language(tag).is_stop_word(word)]
    return [word for word in told if word not in small], small


def _joints(words: Sequence[str], links: frozenset[str]) -> list[bool]:
    """Tell for each word that counts whether words that join stand before it."""
    return [at > 0 and words[at - 1] in links for at, word in enumerate(words) if word not in links]


def _is_head(word: str, whole: str, tag: str) -> bool:
    """Tell whether a word is the head of a compound, in a language that writes compounds as one word."""
    long_enough = len(word) >= SHORTEST_HEAD and len(whole) >= len(word) + SHORTEST_PART
    return long_enough and whole.endswith(word) and bool(_folded("compound_links", tag))


def _makes(whole: str, parts: Sequence[str], tag: str) -> bool:
    """Tell whether the parts make up the whole in this order, each but the last in a form that compounds have."""
    first, rest = parts[0], parts[1:]
    if not rest:
        return whole == first
    return any(whole.startswith(form) and _makes(whole[len(form) :], rest, tag) for form in _inner_forms(first, tag))


def _inner_forms(word: str, tag: str) -> Iterator[str]:
    """Yield how a word may stand before another in a compound: "zell" and "zellen" of "Zelle", "arbeits" of "Arbeit"."""
    stems = [word, *(word.removesuffix(end) for end in _folded("compound_endings", tag) if word.endswith(end))]
    for stem in stems:
        if len(stem) >= SHORTEST_PART:
            yield stem
            yield from (stem + link for link in _folded("compound_links", tag))


@cache
def _folded(name: str, tag: str) -> frozenset[str]:
    return frozenset(map(fold, word_set(tag, name)))

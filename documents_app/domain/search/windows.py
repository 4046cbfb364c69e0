"""From units to what is shown: a window of at most 80 words around the best one, or one table, list or piece of code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp
from typing import Generic, TypeVar

from documents_app.domain.blocks import BlockKind
from documents_app.domain.reading.units import Unit

MAX_WORDS = 80
MAX_WHOLE = 300
"""Words of a table, list or piece of code that is shown whole; of a longer one, the window around the best unit."""
_CONSIDERED = 40
"""Candidates that windows are laid around."""
_FORWARDS = 0.1
"""The share of its best candidate's chance that a window full of what follows it has beside its own; .02 to .2 do as well."""
_WHOLE_BLOCKS = frozenset({BlockKind.TABLE, BlockKind.CODE})

DocumentKey = TypeVar("DocumentKey")


@dataclass(frozen=True, slots=True)
class UnitCandidate(Generic[DocumentKey]):
    """A unit among those of the chunks that a search found.

    ``ordinal`` is its chunk's, ``headings`` its heading path, ``words`` the number of words between white space.
    """

    document: DocumentKey
    ordinal: int
    unit: Unit
    text: str
    headings: tuple[str, ...]
    words: int


@dataclass(frozen=True, slots=True)
class Window:
    """Candidates ``first..last`` (inclusive) around the one at ``best``."""

    first: int
    last: int
    best: int

    @property
    def places(self) -> range:
        """The places of its candidates."""
        return range(self.first, self.last + 1)


Candidates = Sequence[UnitCandidate[DocumentKey]]


def window_at(candidates: Candidates[DocumentKey], best: int) -> Window:
    """Return the window around a candidate that reaches furthest forwards, since reasons and examples follow.

    ``candidates`` are in the order of their documents' texts.
    """
    return max(windows_at(candidates, best), key=lambda window: (window.last, -window.first))


def windows_at(candidates: Candidates[DocumentKey], best: int) -> list[Window]:
    """Return all windows that hold a candidate and as much beside it as the words allow.

    What leads to a formula is in each of them that has room for it: it says what the formula is of.
    """
    whole = _whole(candidates, best)
    if whole is not None:
        return [whole]
    found = [_filled(candidates, first, best) for first in _beginnings(candidates, best)]
    if candidates[best].unit.kind is BlockKind.FORMULA:
        return [window for window in found if window.first < best] or found
    return found


def _beginnings(candidates: Candidates[DocumentKey], best: int) -> list[int]:
    """Return the candidates that a window which holds the one at ``best`` may begin with.

    A heading is none of them: it is named beside the passage, and read with the sentence behind it is no sentence.
    """
    first, words = best, candidates[best].words
    while first > 0 and _neighbours(candidates, first - 1) and _together(candidates, first - 1, best):
        words += candidates[first - 1].words
        if words > MAX_WORDS:
            break
        first -= 1
    return [at for at in range(first, best + 1) if at == best or candidates[at].unit.kind is not BlockKind.HEADING]


def _filled(candidates: Candidates[DocumentKey], first: int, best: int) -> Window:
    """Return the window from ``first`` to as far behind ``best`` as the words allow."""
    last = best
    words = sum(candidates[at].words for at in range(first, best + 1))
    while last + 1 < len(candidates) and _neighbours(candidates, last) and _together(candidates, last + 1, best):
        words += candidates[last + 1].words
        if words > MAX_WORDS:
            break
        last += 1
    while last > best and candidates[last].unit.kind is BlockKind.HEADING:
        last -= 1
    return Window(first, last, best)


def _whole(candidates: Candidates[DocumentKey], best: int) -> Window | None:
    """Return the block or the list of the candidate as one window, None where it has neither or it is too long."""
    kind = candidates[best].unit.kind
    if kind in _WHOLE_BLOCKS:
        first, last = _run(candidates, best, lambda at: _same_block(candidates, at, best))
    elif kind is BlockKind.LIST_ITEM:
        first, last = _run(candidates, best, lambda at: candidates[at].unit.kind is kind)
    else:
        return None
    words = sum(candidates[at].words for at in range(first, last + 1))
    if words > MAX_WHOLE:
        return None
    window = Window(first, last, best)
    return window if kind is BlockKind.TABLE else _with_lead(candidates, window, words)


def _with_lead(candidates: Candidates[DocumentKey], window: Window, words: int) -> Window:
    """Add the sentence that announces a list or code ("There are three rules:") where both fit."""
    before = window.first - 1
    if before < 0 or not _neighbours(candidates, before) or candidates[before].unit.kind is not BlockKind.PARAGRAPH:
        return window
    return Window(before, window.last, window.best) if words + candidates[before].words <= MAX_WORDS else window


def _run(candidates: Candidates[DocumentKey], best: int, alike: Callable[[int], bool]) -> tuple[int, int]:
    first = last = best
    while first > 0 and _neighbours(candidates, first - 1) and alike(first - 1):
        first -= 1
    while last + 1 < len(candidates) and _neighbours(candidates, last) and alike(last + 1):
        last += 1
    return first, last


def _neighbours(candidates: Candidates[DocumentKey], at: int) -> bool:
    """Whether the candidate after ``at`` follows it in the text, with nothing left out between them."""
    one, other = candidates[at], candidates[at + 1]
    return (
        one.document == other.document
        and one.unit.section == other.unit.section
        and 0 <= other.ordinal - one.ordinal <= 1
    )


def _same_block(candidates: Candidates[DocumentKey], one: int, other: int) -> bool:
    return candidates[one].unit.block_start == candidates[other].unit.block_start


def _together(candidates: Candidates[DocumentKey], at: int, best: int) -> bool:
    """Whether two units may stand in one window: tables and code stand alone."""
    kinds = (candidates[at].unit.kind, candidates[best].unit.kind)
    return _same_block(candidates, at, best) or not any(kind in _WHOLE_BLOCKS for kind in kinds)


def chosen(candidates: Candidates[DocumentKey], scores: Sequence[float], limit: int) -> list[Window]:
    """Return ``limit`` windows, best first, none overlapping another; ``best`` is the best candidate in each.

    One after the other, the window is taken that most probably holds the answer: the sum of its candidates' chances, which
    are the softmax of the scores. How far it reaches behind its best candidate decides between windows that are alike.
    """
    highest = max(scores, default=0.0)
    chances = [exp(score - highest) for score in scores]
    order = sorted(range(len(candidates)), key=lambda at: -scores[at])[: max(_CONSIDERED, 4 * limit)]
    around = [window for best in order for window in windows_at(candidates, best)]
    found: list[Window] = []
    used: set[int] = set()
    while len(found) < limit:
        free = [_without(window, used) for window in around if window.best not in used]
        if not free:
            break
        window = max(free, key=lambda one: _promise(candidates, chances, one))
        found.append(Window(window.first, window.last, max(window.places, key=scores.__getitem__)))
        used.update(window.places)
    return found


def _promise(candidates: Candidates[DocumentKey], chances: Sequence[float], window: Window) -> float:
    forwards = sum(candidates[at].words for at in range(window.best + 1, window.last + 1)) / MAX_WORDS
    return sum(chances[at] for at in window.places) + _FORWARDS * chances[window.best] * forwards


_WORD = re.compile(r"\S+")


def within_words(text: str, kind: BlockKind) -> str:
    """Return the text of a window as far as its words allow: a single sentence may be longer than a passage may be.

    Tables, lists and code are left whole.
    """
    if kind in _WHOLE_BLOCKS or kind is BlockKind.LIST_ITEM:
        return text
    last = next(islice(_WORD.finditer(text), MAX_WORDS - 1, None), None)
    return text if last is None else text[: last.end()]


def _without(window: Window, used: set[int]) -> Window:
    first, last = window.first, window.last
    taken = [at for at in window.places if at in used]
    first = max([first, *(at + 1 for at in taken if at < window.best)])
    last = min([last, *(at - 1 for at in taken if at > window.best)])
    return Window(first, last, window.best)

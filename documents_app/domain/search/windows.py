"""From units to what is shown: a window of at most 80 words around the best one, or one table, list or piece of code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from documents_app.domain.blocks import BlockKind
from documents_app.domain.reading.units import Unit

MAX_WORDS = 80
MAX_WHOLE = 300
"""Words of a table, list or piece of code that is shown whole; of a longer one, the window around the best unit."""
_WHOLE_BLOCKS = frozenset({BlockKind.TABLE, BlockKind.CODE})

DocumentKey = TypeVar("DocumentKey")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[DocumentKey]):
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


Candidates = Sequence[Candidate[DocumentKey]]


def window_at(candidates: Candidates[DocumentKey], best: int) -> Window:
    """Return the window around a candidate; ``candidates`` are in the order of their documents' texts."""
    whole = _whole(candidates, best)
    if whole is not None:
        return whole
    return _grown(candidates, best, lambda at: _together(candidates, at, best))


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


def _grown(candidates: Candidates[DocumentKey], best: int, fits: Callable[[int], bool]) -> Window:
    """Grow forwards as far as the words allow, since reasons and examples follow, then backwards.

    What leads to a formula comes first: it says what the formula is of.
    """
    first = last = best
    words = candidates[best].words
    leads = candidates[best].unit.kind is BlockKind.FORMULA and first > 0 and _neighbours(candidates, first - 1)
    if leads and fits(first - 1) and words + candidates[first - 1].words <= MAX_WORDS:
        first -= 1
        words += candidates[first].words
    while last + 1 < len(candidates) and _neighbours(candidates, last) and fits(last + 1):
        if words + candidates[last + 1].words > MAX_WORDS:
            break
        last += 1
        words += candidates[last].words
    while first > 0 and _neighbours(candidates, first - 1) and fits(first - 1):
        if words + candidates[first - 1].words > MAX_WORDS:
            break
        first -= 1
        words += candidates[first].words
    return Window(first, last, best)


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
    """Return the windows of the best candidates, best first, none overlapping another."""
    windows: list[Window] = []
    used: set[int] = set()
    for best in sorted(range(len(candidates)), key=lambda at: -scores[at]):
        if best in used:
            continue
        window = _without(window_at(candidates, best), used)
        windows.append(window)
        used.update(window.places)
        if len(windows) == limit:
            break
    return windows


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

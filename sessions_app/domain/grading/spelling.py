"""Slips of spelling that can be told from another word with certainty, and how far apart two words are.

Chemistry and medicine are full of words one letter apart (nitrate/nitrite, ileum/ilium, alkane/alkene), so a slip is
forgiven only in the middle of a long word, where no two terms are known to differ.
"""

from __future__ import annotations

import re

_VOWELS = frozenset("aeiouy")
LONG = 8
VERY_LONG = 10
_EDGE = 4


def distance(a: str, b: str, limit: int = 3) -> int:
    """Return the optimal string alignment distance (insert, delete, replace, swap neighbours); ``limit + 1`` when above ``limit``."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return min(last[-1], limit + 1)


def is_slip(answer: str, right: str) -> bool:
    """Return whether ``answer`` is ``right`` with one slip that cannot be another word.

    Forgiven: a letter doubled or undoubled, or the h of ch/th/rh/ph lost, in words of eight letters or more; neighbours
    swapped, a vowel replaced, a letter lost or added in words of ten or more. Never in the first or last four letters.
    """
    if answer == right or not (answer.isalpha() and right.isalpha()) or distance(answer, right, 1) != 1:
        return False
    size = min(len(answer), len(right))
    start = _common_prefix(answer, right)
    end = _common_prefix(answer[::-1], right[::-1])
    edge = min(start, end)
    if size >= LONG and edge >= 2 and (_undoubled(answer) == _undoubled(right) or _lost_h(answer, right)):
        return True
    if size < VERY_LONG or edge < _EDGE:
        return False
    return len(answer) != len(right) or _swapped(answer, right, start) or {answer[start], right[start]} <= _VOWELS


def _swapped(answer: str, right: str, at: int) -> bool:
    """Tell whether two neighbours, the first at ``at``, stand in the other order."""
    return answer[at] == right[at + 1 : at + 2] and answer[at + 1 : at + 2] == right[at]


def _common_prefix(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def _lost_h(a: str, b: str) -> bool:
    return re.sub(r"(?<=[cptr])h", "", a) == re.sub(r"(?<=[cptr])h", "", b)

"""Which character of a drawn page stands behind each character of its stored text.

Both hold the same letters in different order: a page draws them in any order, with hyphens, ligatures and raised digits
of its own; the stored text has them in reading order. White space, hyphens and marks of raised text are not compared.
Work is linear in the length of both.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

_GRAM = 6
_REACH = 48
"""So many letters of agreement tell one place of a repeated word from another."""
_CANDIDATES = 32
_GAP = 4
_NOT_COMPARED = frozenset("-\u00ad\u2010\u2011\ufffe\u0002^_(){}\u200b\u2060\ufeff")


def align(stored: str, drawn: Sequence[str]) -> list[int]:
    """Return for each character of ``stored`` the index of its character in ``drawn``, -1 where there is none.

    No character of ``drawn`` is given away twice, but a ligature to each of its letters. White space has none.
    """
    aligner = _Aligner(stored, drawn)
    places = aligner.run()
    _fill_between(places, stored, drawn)
    return places


class _Letters:
    """The compared letters of a text, and the index each comes from."""

    def __init__(self, text: Sequence[str]) -> None:
        letters: list[str] = []
        self.origin: list[int] = []
        for index, char in enumerate(text):
            if char in _NOT_COMPARED or char.isspace() or not char.isprintable():
                continue
            for letter in char if char.isascii() else unicodedata.normalize("NFKC", char):
                if not letter.isspace() and letter not in _NOT_COMPARED:
                    letters.append(letter)
                    self.origin.append(index)
        self.text = "".join(letters)


class _Aligner:
    def __init__(self, stored: str, drawn: Sequence[str]) -> None:
        self._stored = stored
        self._a = _Letters(stored)
        self._b = _Letters(drawn)
        self._used = bytearray(len(self._b.text) + 1)
        self._grams: dict[str, list[int]] = {}
        self._found = [-1] * len(stored)

    def run(self) -> list[int]:
        if self._a.text == self._b.text:
            self._take(0, 0, len(self._a.text))
            return self._found
        self._grams = self._index()
        position = 0
        for begin, end, line_end in self._words():
            while begin < end:
                place, length = self._best(begin, end, line_end, position)
                if length == 0:
                    begin += 1
                    continue
                length = min(length, end - begin)
                self._take(begin, place, length)
                begin += length
                position = place + length
        return self._found

    def _index(self) -> dict[str, list[int]]:
        """Return where each run of ``_GRAM`` letters begins, and where each shorter word of the page stands."""
        text, origin = self._b.text, self._b.origin
        places: dict[str, list[int]] = defaultdict(list)
        for index in range(len(text) - _GRAM + 1):
            places[text[index : index + _GRAM]].append(index)
        start = 0
        for index in range(1, len(text) + 1):
            if index == len(text) or origin[index] > origin[index - 1] + 1:
                if index - start < _GRAM:
                    places[text[start:index]].append(start)
                start = index
        return places

    def _words(self) -> Iterator[tuple[int, int, int]]:
        """Yield begin and end of each stored word, and the end of its line or cell, in compared letters."""
        origin = self._a.origin
        pieces: list[tuple[int, int]] = []
        begin = 0
        for index in range(1, len(origin) + 1):
            between = self._stored[origin[index - 1] + 1 : origin[index]] if index < len(origin) else "\n"
            if not any(map(str.isspace, between)):
                continue
            pieces.append((begin, index))
            begin = index
            if any(char in "\n\t\f" for char in between):
                yield from ((start, end, index) for start, end in pieces)
                pieces = []

    def _best(self, begin: int, end: int, line_end: int, position: int) -> tuple[int, int]:
        """Return the place on the page that agrees longest with the letters from ``begin`` on, and for how long.

        Reading on at ``position`` is preferred, then the nearest place behind it.
        """
        a, b = self._a.text, self._b.text
        reach = min(_REACH, line_end - begin)
        best, length = position, self._agreement(begin, position, reach)
        if length == reach:
            return best, length
        for key in dict.fromkeys((a[begin : begin + _GRAM], a[begin:line_end][:_GRAM], a[begin:end][:_GRAM])):
            for place in self._near(key, position):
                agreed = self._agreement(begin, place, reach)
                if agreed > length and agreed >= min(len(key), end - begin):
                    best, length = place, agreed
        if length >= min(end - begin, _GRAM) or b[best : best + 1] == "":
            return best, length
        # A part of a word proves nothing unless the page goes on there.
        proven = best == position and (length > 1 or self._continues(begin))
        return best, length if proven else 0

    def _continues(self, begin: int) -> bool:
        """Whether the letter before ``begin`` belongs to the same word."""
        origin = self._a.origin
        return begin > 0 and not any(map(str.isspace, self._stored[origin[begin - 1] : origin[begin]]))

    def _near(self, key: str, position: int) -> Iterator[int]:
        places = self._grams.get(key, ())
        start = bisect_left(places, position)
        given = 0
        for place in (*places[start : start + 4 * _CANDIDATES], *places[max(0, start - _CANDIDATES) : start]):
            if not self._used[place]:
                yield place
                given += 1
                if given == _CANDIDATES:
                    return

    def _agreement(self, begin: int, place: int, reach: int) -> int:
        a, b, used = self._a.text, self._b.text, self._used
        reach = min(reach, len(b) - place)
        if a[begin : begin + reach] == b[place : place + reach] and not any(used[place : place + reach]):
            return reach
        length = 0
        while length < reach and a[begin + length] == b[place + length] and not used[place + length]:
            length += 1
        return length

    def _take(self, begin: int, place: int, length: int) -> None:
        for step in range(length):
            self._used[place + step] = 1
            index = self._a.origin[begin + step]
            if self._found[index] < 0:
                self._found[index] = self._b.origin[place + step]


def _fill_between(places: list[int], stored: str, drawn: Sequence[str]) -> None:
    """Place the characters that were not compared where the page goes on with the same character."""
    taken = set(places)
    last = -1
    for index, place in enumerate(places):
        if place >= 0:
            last = place
        elif not stored[index].isspace():
            follower = last + 1
            while follower < min(last + _GAP, len(drawn)) and drawn[follower].isspace():
                follower += 1
            if follower < len(drawn) and follower not in taken and _same(stored[index], drawn[follower]):
                places[index] = last = follower


def _same(stored: str, drawn: str) -> bool:
    return stored == drawn or (stored == "-" and drawn in _NOT_COMPARED)

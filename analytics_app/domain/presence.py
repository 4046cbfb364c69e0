"""Exact sets of members, small enough to store per hour and merge over months.

Members are small numbers given out in the order they are first seen, so the members of one window lie close together:
a set is a bitmap of that stretch, behind four bytes (big endian) that say at which byte it starts. The union of sets is
the bitwise or, so distinct counts are exact for any range and merge in any order.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

_BASE = struct.Struct(">I")


def pack_members(members: Sequence[int]) -> bytes:
    """The stored form of a set of non-negative numbers; empty for the empty set."""
    if not members:
        return b""
    numbers = np.asarray(members, dtype=np.int64)
    base = int(numbers.min()) // 8
    bits = np.zeros((int(numbers.max()) // 8 - base + 1) * 8, dtype=np.bool_)
    bits[numbers - base * 8] = True
    return _BASE.pack(base) + np.packbits(bits).tobytes()


def merge_members(parts: Iterable[bytes]) -> bytes:
    """The stored form of the union."""
    merged, base = _union([part for part in parts if part])
    return _BASE.pack(base) + merged.tobytes() if merged.size else b""


def count_distinct(parts: Iterable[bytes]) -> int:
    """Number of distinct members over all ``parts``."""
    merged, _ = _union([part for part in parts if part])
    return int(np.bitwise_count(merged).sum())


def cohort_counts(weeks: Mapping[date, bytes]) -> list[tuple[date, date, int]]:
    """``(first week, week, members)``: how many of those first seen in one week were there in it and in each later one.

    ``weeks`` are the stored sets by week; weeks in which nobody of a cohort was there are left out.
    """
    present = [(week, *_unpack(weeks[week])) for week in sorted(weeks) if weeks[week]]
    size = max((base + bitmap.size for _, base, bitmap in present), default=0)
    seen = np.zeros(size, dtype=np.uint8)
    cohorts: list[tuple[date, NDArray[np.uint8]]] = []
    counts: list[tuple[date, date, int]] = []
    for week, base, bitmap in present:
        members = np.zeros(size, dtype=np.uint8)
        members[base : base + bitmap.size] = bitmap
        cohorts.append((week, np.bitwise_and(members, np.invert(seen))))
        seen |= members
        found = ((first, int(np.bitwise_count(cohort & members).sum())) for first, cohort in cohorts)
        counts += [(first, week, number) for first, number in found if number]
    return counts


def _union(parts: list[bytes]) -> tuple[NDArray[np.uint8], int]:
    if not parts:
        return np.empty(0, dtype=np.uint8), 0
    stretches = [_unpack(part) for part in parts]
    first = min(base for base, _ in stretches)
    end = max(base + bitmap.size for base, bitmap in stretches)
    merged = np.zeros(end - first, dtype=np.uint8)
    for base, bitmap in stretches:
        merged[base - first : base - first + bitmap.size] |= bitmap
    return merged, first


def _unpack(part: bytes) -> tuple[int, NDArray[np.uint8]]:
    """``(byte it starts at, bitmap)`` of a stored set that is not empty."""
    return _BASE.unpack_from(part)[0], np.frombuffer(part, dtype=np.uint8, offset=_BASE.size)

"""Mergeable log-spaced latency histograms.

A value v falls into bucket ``ceil(log_gamma(v))`` with ``gamma = (1 + e) / (1 - e)``; the bucket's estimate
``2 * gamma**i / (gamma + 1)`` is then within a relative error of ``e`` of every value in the bucket (DDSketch: Masson,
Rim, Lee, VLDB 2019). Merging adds counts, so it is associative, commutative and exact: percentiles of a month are
those of its hours merged, never averages of averages.

Values are whole microseconds, so zero is the only value below one and has a bucket of its own.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

RELATIVE_ERROR = 0.025
"""Guaranteed bound on the relative error of every quantile (the product promises 3 %)."""

GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
LOG_GAMMA = math.log(GAMMA)
ZERO_INDEX = -1

# Binary form of an array of at most one dimension without nulls: dimensions, flags and type; unless it is empty, length
# and lower bound; then length and value of each element.
_HEADER = struct.Struct(">iiI")
_DIMENSION = struct.Struct(">ii")
_INDEX_CELL = np.dtype([("length", ">i4"), ("value", ">i2")])
_COUNT_CELL = np.dtype([("length", ">i4"), ("value", ">i4")])

_NOTHING = np.empty(0, dtype=np.int64)


def bucket_index(value: int) -> int:
    """Bucket of ``value`` (microseconds, >= 0); ``ZERO_INDEX`` for zero."""
    if value < 0:
        raise ValueError("a duration cannot be negative")
    return ZERO_INDEX if value == 0 else math.ceil(math.log(value) / LOG_GAMMA)


def bucket_estimate(index: int) -> float:
    """The value (microseconds) that stands for every value in the bucket."""
    return 0.0 if index == ZERO_INDEX else 2.0 * math.exp(index * LOG_GAMMA) / (GAMMA + 1.0)


class Histogram:
    """Counts per bucket, from the bucket of zero up to the highest one in use (a week is bucket 543). Immutable."""

    __slots__ = ("_counts",)

    def __init__(self, counts: NDArray[np.int64] = _NOTHING) -> None:
        self._counts = counts

    @classmethod
    def of(cls, values: Iterable[int]) -> Histogram:
        """Histogram of ``values`` (microseconds)."""
        indexes = [bucket_index(value) for value in values]
        return cls.from_arrays(indexes, [1] * len(indexes))

    @classmethod
    def from_arrays(cls, indexes: Sequence[int], counts: Sequence[int]) -> Histogram:
        """Histogram from parallel bucket indexes (any order, repeats add up) and counts."""
        return cls(_summed(np.asarray(indexes, dtype=np.int64), np.asarray(counts, dtype=np.int64)))

    @classmethod
    def from_wire(cls, indexes: bytes, counts: bytes) -> Histogram:
        """Merged histogram of stored rows: PostgreSQL's binary forms of their ``int2[]`` and ``int4[]``, one after the
        other.

        Decoding and merging whole arrays costs a hundredth of doing it value by value.
        """
        return cls(_summed(_from_wire(indexes, _INDEX_CELL), _from_wire(counts, _COUNT_CELL)))

    def to_arrays(self) -> tuple[list[int], list[int]]:
        """``(indexes ascending, counts)`` of the buckets in use."""
        found = np.flatnonzero(self._counts)
        return (found + ZERO_INDEX).tolist(), self._counts[found].tolist()

    def merge(self, other: Histogram) -> Histogram:
        """A histogram holding the counts of both."""
        longer, shorter = self._counts, other._counts
        if longer.size < shorter.size:
            longer, shorter = shorter, longer
        if not shorter.size:
            return self if longer is self._counts else other
        merged = longer.copy()
        merged[: shorter.size] += shorter
        return Histogram(merged)

    @property
    def count(self) -> int:
        return int(self._counts.sum())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and np.array_equal(self._counts, other._counts)

    def __hash__(self) -> int:
        return hash(self._counts.tobytes())

    def __repr__(self) -> str:
        return f"Histogram({dict(zip(*self.to_arrays(), strict=True))!r})"

    def quantiles(
        self, fractions: Sequence[float], *, low: int | None = None, high: int | None = None
    ) -> list[float] | None:
        """Quantiles in microseconds, interpolated between neighbouring ranks as PostgreSQL's ``percentile_cont`` does.

        ``low`` and ``high`` are the exact extremes when known: estimates are clamped to them, which can only bring
        them closer. ``None`` when nothing was counted.
        """
        if not self._counts.size:
            return None
        if not all(0.0 <= fraction <= 1.0 for fraction in fractions):
            raise ValueError("a quantile lies between 0 and 1")
        below = self._counts.cumsum()
        positions = [fraction * (int(below[-1]) - 1) for fraction in fractions]
        ranks = [rank for position in positions for rank in (math.floor(position), math.ceil(position))]
        least, most = (0.0 if low is None else low), (math.inf if high is None else high)
        estimates = [
            min(max(bucket_estimate(place + ZERO_INDEX), least), most)
            for place in np.searchsorted(below, ranks, side="right").tolist()
        ]
        return [
            lower + (upper - lower) * (position - math.floor(position))
            for position, lower, upper in zip(positions, estimates[::2], estimates[1::2], strict=True)
        ]


def _from_wire(wire: bytes, cell: np.dtype[np.void]) -> NDArray[np.int64]:
    """The values of all arrays in ``wire``, as one."""
    parts = []
    position = 0
    while position < len(wire):
        dimensions, _, _ = _HEADER.unpack_from(wire, position)
        position += _HEADER.size
        if dimensions:
            length, _ = _DIMENSION.unpack_from(wire, position)
            position += _DIMENSION.size
            parts.append(np.frombuffer(wire, cell, count=length, offset=position)["value"])
            position += length * cell.itemsize
    return np.concatenate(parts).astype(np.int64) if parts else _NOTHING


def _summed(indexes: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts by place, ``ZERO_INDEX`` first, without empty places at the end."""
    if not indexes.size:
        return _NOTHING
    totals = np.zeros(int(indexes.max()) + 1 - ZERO_INDEX, dtype=np.int64)
    np.add.at(totals, indexes - ZERO_INDEX, counts)
    return np.trim_zeros(totals, "b")

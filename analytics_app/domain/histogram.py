"""Mergeable log-spaced latency histograms.

A value v falls into bucket ``ceil(log_gamma(v))`` with ``gamma = (1 + e) / (1 - e)``; the bucket's estimate
``2 * gamma**i / (gamma + 1)`` is then within a relative error of ``e`` of every value in the bucket (DDSketch: Masson,
Rim, Lee, VLDB 2019). Merging adds counts, so it is associative, commutative and exact: percentiles of a month are
those of its hours merged, never averages of averages.

Values are whole microseconds, so zero is the only value below one and has a bucket of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

RELATIVE_ERROR = 0.025
"""Guaranteed bound on the relative error of every quantile (the product promises 3 %)."""

GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
LOG_GAMMA = math.log(GAMMA)
ZERO_INDEX = -1

# Binary form of a one-dimensional array without nulls: five words of header, then length and value of each element.
_ARRAY_HEADER = 20
_INDEX_CELL = np.dtype([("length", ">i4"), ("value", ">i2")])
_COUNT_CELL = np.dtype([("length", ">i4"), ("value", ">i4")])


def bucket_index(value: int) -> int:
    """Bucket of ``value`` (microseconds, >= 0); ``ZERO_INDEX`` for zero."""
    if value < 0:
        raise ValueError("a duration cannot be negative")
    return ZERO_INDEX if value == 0 else math.ceil(math.log(value) / LOG_GAMMA)


def bucket_estimate(index: int) -> float:
    """The value (microseconds) that stands for every value in the bucket."""
    return 0.0 if index == ZERO_INDEX else 2.0 * math.exp(index * LOG_GAMMA) / (GAMMA + 1.0)


class Histogram:
    """Counts per bucket index; sparse, so an hour of one tool costs a few dozen entries."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self._counts: dict[int, int] = {index: n for index, n in (counts or {}).items() if n}

    @classmethod
    def of(cls, values: Iterable[int]) -> Histogram:
        """Histogram of ``values`` (microseconds)."""
        histogram = cls()
        for value in values:
            histogram.add(value)
        return histogram

    @classmethod
    def from_arrays(cls, indexes: Sequence[int] | None, counts: Sequence[int] | None) -> Histogram:
        """Histogram from the two parallel arrays a rollup row stores."""
        histogram = cls()
        for index, n in zip(indexes or (), counts or (), strict=True):
            if n:
                histogram._counts[index] = histogram._counts.get(index, 0) + n
        return histogram

    @classmethod
    def from_wire(cls, rows: Iterable[tuple[bytes, bytes]]) -> Histogram:
        """Merged histogram of stored rows, each as PostgreSQL's binary form of its ``int2[]`` and ``int4[]``.

        Decoding and merging whole arrays costs a hundredth of doing it value by value.
        """
        parts = [row for row in rows if len(row[0]) > _ARRAY_HEADER]
        if not parts:
            return cls()
        indexes = np.concatenate([np.frombuffer(part, _INDEX_CELL, offset=_ARRAY_HEADER)["value"] for part, _ in parts])
        counts = np.concatenate([np.frombuffer(part, _COUNT_CELL, offset=_ARRAY_HEADER)["value"] for _, part in parts])
        totals = np.zeros(int(indexes.max()) + 1 - ZERO_INDEX, dtype=np.int64)
        np.add.at(totals, indexes.astype(np.int64) - ZERO_INDEX, counts.astype(np.int64))
        found = np.flatnonzero(totals)
        return cls(dict(zip((found + ZERO_INDEX).tolist(), totals[found].tolist(), strict=True)))

    def to_arrays(self) -> tuple[list[int], list[int]]:
        """``(indexes ascending, counts)``."""
        indexes = sorted(self._counts)
        return indexes, [self._counts[index] for index in indexes]

    def add(self, value: int, n: int = 1) -> None:
        """Count ``value`` (microseconds) ``n`` times."""
        index = bucket_index(value)
        self._counts[index] = self._counts.get(index, 0) + n

    def merge(self, other: Histogram) -> Histogram:
        """A histogram holding the counts of both."""
        if not other._counts:
            return self
        if not self._counts:
            return other
        merged = dict(self._counts)
        for index, n in other._counts.items():
            merged[index] = merged.get(index, 0) + n
        return Histogram(merged)

    @property
    def count(self) -> int:
        return sum(self._counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self._counts == other._counts

    def __hash__(self) -> int:
        return hash(frozenset(self._counts.items()))

    def __repr__(self) -> str:
        return f"Histogram({dict(sorted(self._counts.items()))!r})"

    def quantiles(
        self, fractions: Sequence[float], *, low: int | None = None, high: int | None = None
    ) -> list[float] | None:
        """Quantiles in microseconds, interpolated between neighbouring ranks as PostgreSQL's ``percentile_cont`` does.

        ``low`` and ``high`` are the exact extremes when known: estimates are clamped to them, which can only bring
        them closer. ``None`` when nothing was counted.
        """
        total = self.count
        if not total:
            return None
        indexes, counts = self.to_arrays()
        return [self._quantile(fraction, total, indexes, counts, low, high) for fraction in fractions]

    @staticmethod
    def _quantile(
        fraction: float, total: int, indexes: list[int], counts: list[int], low: int | None, high: int | None
    ) -> float:
        if not 0.0 <= fraction <= 1.0:
            raise ValueError("a quantile lies between 0 and 1")
        position = fraction * (total - 1)
        lower_rank, upper_rank = math.floor(position), math.ceil(position)
        estimates: list[float] = []
        seen, cursor = 0, 0
        for rank in (lower_rank, upper_rank):
            while seen + counts[cursor] <= rank:
                seen += counts[cursor]
                cursor += 1
            estimate = bucket_estimate(indexes[cursor])
            if low is not None:
                estimate = max(estimate, float(low))
            if high is not None:
                estimate = min(estimate, float(high))
            estimates.append(estimate)
        weight = position - lower_rank
        return estimates[0] + (estimates[1] - estimates[0]) * weight

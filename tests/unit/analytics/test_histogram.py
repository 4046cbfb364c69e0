"""Latency histograms: merging is exact, quantiles are within the stated error."""

from __future__ import annotations

import math
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics_app.domain.histogram import (
    GAMMA,
    RELATIVE_ERROR,
    ZERO_INDEX,
    Histogram,
    bucket_estimate,
    bucket_index,
)

DURATIONS = st.integers(min_value=0, max_value=7 * 24 * 3600 * 1_000_000)
SAMPLES = st.lists(DURATIONS, max_size=60)


def test_the_stated_error_is_below_three_per_cent() -> None:
    assert RELATIVE_ERROR <= 0.03


@given(DURATIONS)
def test_a_bucket_estimate_is_within_the_relative_error_of_every_value_in_it(value: int) -> None:
    estimate = bucket_estimate(bucket_index(value))
    assert abs(estimate - value) <= value * (RELATIVE_ERROR + 1e-9)


@given(st.integers(min_value=1, max_value=10**12))
def test_the_index_is_the_least_power_of_gamma_not_below_the_value(value: int) -> None:
    index = bucket_index(value)
    assert GAMMA ** (index - 1) * (1 - 1e-9) < value <= GAMMA**index * (1 + 1e-9)


def test_only_zero_falls_into_the_zero_bucket() -> None:
    assert bucket_index(0) == ZERO_INDEX
    assert bucket_index(1) == 0
    assert bucket_estimate(ZERO_INDEX) == 0


@given(SAMPLES, SAMPLES, SAMPLES)
def test_merging_is_associative_commutative_and_equals_counting_together(
    a: list[int], b: list[int], c: list[int]
) -> None:
    first, second, third = Histogram.of(a), Histogram.of(b), Histogram.of(c)
    assert first.merge(second).merge(third) == first.merge(second.merge(third))
    assert first.merge(second) == second.merge(first)
    assert first.merge(second) == Histogram.of(a + b)
    assert first.merge(Histogram()) == first


@given(SAMPLES)
def test_arrays_hold_all_of_a_histogram(values: list[int]) -> None:
    histogram = Histogram.of(values)
    indexes, counts = histogram.to_arrays()
    assert indexes == sorted(indexes)
    assert Histogram.from_arrays(indexes, counts) == histogram
    assert histogram.count == len(values)


@given(st.lists(DURATIONS, min_size=1, max_size=80), st.floats(min_value=0, max_value=1))
def test_every_quantile_is_within_the_relative_error_of_the_interpolated_exact_one(
    values: list[int], fraction: float
) -> None:
    exact = float(np.quantile(np.array(values, dtype=float), fraction))
    found = Histogram.of(values).quantiles([fraction], low=min(values), high=max(values))
    assert found is not None
    assert math.isclose(found[0], exact, rel_tol=RELATIVE_ERROR + 1e-6, abs_tol=1e-6)


def test_skewed_durations_keep_their_percentiles_when_merged_by_the_hour() -> None:
    generator = np.random.default_rng(7)
    values = np.exp(generator.normal(11, 1.4, 50_000)).astype(np.int64)
    merged = Histogram()
    for part in np.array_split(values, 24):
        merged = merged.merge(Histogram.of(int(value) for value in part))
    found = merged.quantiles([0.5, 0.95, 0.99])
    assert found is not None
    np.testing.assert_allclose(found, np.quantile(values, [0.5, 0.95, 0.99]), rtol=RELATIVE_ERROR)


def wire(values: list[int], form: str, size: int, oid: int) -> bytes:
    if not values:
        return struct.pack(">iii", 0, 0, oid)
    header = struct.pack(">iiiii", 1, 0, oid, len(values), 1)
    return header + b"".join(struct.pack(f">i{form}", size, value) for value in values)


@given(st.lists(SAMPLES, max_size=5))
def test_stored_rows_merge_to_the_histogram_of_all_their_values(samples: list[list[int]]) -> None:
    arrays = [Histogram.of(values).to_arrays() for values in samples]
    all_indexes = b"".join(wire(indexes, "h", 2, 21) for indexes, _ in arrays)
    all_counts = b"".join(wire(counts, "i", 4, 23) for _, counts in arrays)
    assert Histogram.from_wire(all_indexes, all_counts) == Histogram.of(
        [value for values in samples for value in values]
    )


def test_an_empty_histogram_has_no_quantiles() -> None:
    assert Histogram().quantiles([0.5]) is None

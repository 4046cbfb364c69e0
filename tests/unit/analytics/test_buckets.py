"""The plan that covers a range: every moment exactly once, from a source that is right for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics_app.domain.buckets import (
    DAY,
    HOUR,
    RollupCoverage,
    Source,
    aligned_range,
    floor_day,
    floor_hour,
    latest_range,
    plan_cover,
    previous_range,
)

BASE = datetime(2026, 3, 1, tzinfo=UTC)
MINUTES = st.integers(min_value=0, max_value=10 * 24 * 60)
HOURS = st.frozensets(
    st.integers(min_value=0, max_value=10 * 24).map(lambda n: BASE + n * HOUR), min_size=0, max_size=12
)
DAYS = st.frozensets(st.integers(min_value=0, max_value=10).map(lambda n: BASE + n * DAY), max_size=3)


@st.composite
def coverages(draw: st.DrawFn) -> RollupCoverage:
    closed = draw(st.none() | st.integers(min_value=0, max_value=240).map(lambda n: BASE + n * HOUR))
    raw_from = draw(st.none() | st.integers(min_value=0, max_value=5).map(lambda n: BASE + n * DAY))
    return RollupCoverage(closed, draw(HOURS), draw(DAYS), raw_from)


@given(MINUTES, MINUTES, coverages(), st.sets(st.sampled_from(Source)))
def test_segments_partition_the_aligned_range(
    start: int, length: int, coverage: RollupCoverage, allowed: set[Source]
) -> None:
    begin = BASE + timedelta(minutes=start)
    segments = plan_cover(begin, begin + timedelta(minutes=length), coverage, allowed)
    expected = aligned_range(begin, begin + timedelta(minutes=length), coverage.raw_from)
    if not segments:
        assert expected[1] <= expected[0]
        return
    assert (segments[0].start, segments[-1].end) == expected
    assert all(earlier.end == later.start for earlier, later in pairwise(segments))
    assert all(segment.start < segment.end for segment in segments)


@given(MINUTES, MINUTES, coverages())
def test_rollups_are_read_only_where_they_are_right(start: int, length: int, coverage: RollupCoverage) -> None:
    begin = BASE + timedelta(minutes=start)
    for segment in plan_cover(begin, begin + timedelta(minutes=length), coverage):
        if segment.source is Source.RAW:
            continue
        assert segment.end <= max(filter(None, (coverage.closed_until, coverage.raw_from)))
        step = DAY if segment.source is Source.DAY else HOUR
        floor = floor_day if segment.source is Source.DAY else floor_hour
        moment = segment.start
        while moment < segment.end:
            assert floor(moment) == moment
            if segment.source is Source.DAY:
                assert moment not in coverage.stale_days
                assert not any(floor_day(hour) == moment for hour in coverage.stale_hours)
            elif coverage.raw_from is None or moment >= coverage.raw_from:
                assert moment not in coverage.stale_hours
            moment += step


def test_a_closed_month_costs_a_handful_of_segments() -> None:
    coverage = RollupCoverage(BASE + 30 * DAY)
    segments = plan_cover(BASE + timedelta(minutes=90), BASE + 29 * DAY + timedelta(minutes=30), coverage)
    assert [segment.source for segment in segments] == [Source.RAW, Source.HOUR, Source.DAY, Source.RAW]


def test_without_rollups_everything_is_read_from_facts() -> None:
    segments = plan_cover(BASE, BASE + DAY, RollupCoverage())
    assert [(segment.source, segment.start, segment.end) for segment in segments] == [(Source.RAW, BASE, BASE + DAY)]


def test_a_range_before_retention_is_widened_to_the_hours_that_are_left() -> None:
    coverage = RollupCoverage(BASE + 5 * DAY, raw_from=BASE + 2 * DAY)
    segments = plan_cover(BASE + timedelta(minutes=10), BASE + timedelta(minutes=70), coverage)
    assert [(segment.source, segment.start, segment.end) for segment in segments] == [
        (Source.HOUR, BASE, BASE + 2 * HOUR)
    ]


def test_the_previous_range_ends_where_this_one_starts() -> None:
    assert previous_range(BASE + DAY, BASE + 3 * DAY) == (BASE - DAY, BASE + DAY)


def test_long_ranges_and_the_ranges_before_them_begin_at_a_full_hour() -> None:
    now = BASE + 10 * DAY + timedelta(minutes=37)
    assert latest_range(DAY, now) == (BASE + 9 * DAY, now)
    assert latest_range(HOUR, now) == (now - HOUR, now)
    assert previous_range(BASE + 9 * DAY, now) == (BASE + 8 * DAY - HOUR, BASE + 9 * DAY)
    assert previous_range(now - HOUR, now) == (now - 2 * HOUR, now - HOUR)


def test_a_stale_hour_is_read_from_facts_and_its_day_by_hours() -> None:
    stale = BASE + DAY + 5 * HOUR
    segments = plan_cover(BASE, BASE + 3 * DAY, RollupCoverage(BASE + 3 * DAY, stale_hours=frozenset({stale})))
    assert [(segment.source, segment.start) for segment in segments] == [
        (Source.DAY, BASE),
        (Source.HOUR, BASE + DAY),
        (Source.RAW, stale),
        (Source.HOUR, stale + HOUR),
        (Source.DAY, BASE + 2 * DAY),
    ]


def test_a_stale_day_is_read_by_hours() -> None:
    coverage = RollupCoverage(BASE + 3 * DAY, stale_days=frozenset({BASE + DAY}))
    sources = [segment.source for segment in plan_cover(BASE, BASE + 3 * DAY, coverage)]
    assert sources == [Source.DAY, Source.HOUR, Source.DAY]
    only_hours = plan_cover(BASE, BASE + 3 * DAY, coverage, (Source.HOUR,))
    assert [segment.source for segment in only_hours] == [Source.HOUR]

"""Merging of measures, distinct counts, retention by cohort, session counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from analytics_app.domain.cohorts import WEEK, retention_rows, week_of
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.presence import cohort_counts, count_distinct, merge_members, pack_members
from analytics_app.domain.rollups import Measures, change, merge_all, milliseconds
from analytics_app.domain.sessions import session_counts, session_duration_seconds

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
COUNTS = st.integers(min_value=0, max_value=10**9)
MEASURES = st.builds(
    Measures,
    count=COUNTS, timed=COUNTS, judged=COUNTS, ok=COUNTS, total_us=COUNTS,
    low_us=st.none() | COUNTS, high_us=st.none() | COUNTS, prompt_tokens=COUNTS, completion_tokens=COUNTS,
    cost_usd=st.decimals(0, 1000, places=12), unpriced=COUNTS, estimated=COUNTS,
    first_at=st.none() | st.datetimes(timezones=st.just(UTC)), last_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    histogram=st.lists(COUNTS, max_size=5).map(Histogram.of),
)  # fmt: skip


@given(MEASURES, MEASURES, MEASURES)
def test_measures_merge_in_any_order_to_the_same(a: Measures, b: Measures, c: Measures) -> None:
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(b) == b.merge(a)
    assert merge_all([a]) == a


def test_rates_and_means_without_a_base_are_unknown() -> None:
    nothing = Measures()
    assert (nothing.success_rate, nothing.error_rate, nothing.mean_us) == (None, None, None)
    assert nothing.quantiles_us(0.5, 0.95) == [None, None]
    some = Measures(count=4, judged=4, ok=3, timed=2, total_us=3000)
    assert (some.success_rate, some.error_rate, milliseconds(some.mean_us)) == (0.75, 0.25, 1.5)


def test_change_needs_a_base() -> None:
    assert change(3, 2) == 0.5
    assert change(Decimal(1), Decimal(4)) == -0.75
    assert change(3, 0) is None
    assert change(None, 3) is None


@given(st.lists(st.sets(st.integers(0, 5000), max_size=30), max_size=6))
def test_distinct_members_are_counted_exactly_over_any_windows(windows: list[set[int]]) -> None:
    parts = [pack_members(list(window)) for window in windows]
    assert [count_distinct([part]) for part in parts] == [len(window) for window in windows]
    assert count_distinct(parts) == len(set().union(*windows))
    assert count_distinct([*parts, *parts]) == count_distinct(parts)
    assert merge_members(parts) == pack_members(list(set().union(*windows)))
    assert merge_members([merge_members(parts[:2]), *parts[2:]]) == merge_members(reversed(parts))


def test_the_set_of_a_window_is_as_small_as_its_stretch_of_numbers() -> None:
    assert pack_members([]) == b""
    assert len(pack_members(range(1_000_000, 1_008_000))) <= 4 + 1001


@given(st.dictionaries(st.integers(0, 20), st.sets(st.integers(0, 8), min_size=1), max_size=12))
def test_retention_equals_counting_learner_by_learner(activity: dict[int, set[int]]) -> None:
    monday = date(2026, 3, 2)
    weekly = {
        monday + WEEK * week: pack_members([learner * 7 for learner, weeks in activity.items() if week in weeks])
        for week in range(9)
    }
    rows = retention_rows(cohort_counts(weekly), last_week=monday + WEEK * 8)
    assert sum(row.size for row in rows) == len(activity)
    for row in rows:
        first = (row.week - monday).days // 7
        cohort = [weeks for weeks in activity.values() if min(weeks) == first]
        assert row.size == len(cohort)
        assert row.active == tuple(sum(first + k in weeks for weeks in cohort) for k in range(8 - first + 1))
        assert row.shares[0] == 1.0
    assert sum(row.size for row in rows) == len(activity)


def test_a_week_begins_on_monday() -> None:
    assert week_of(datetime(2026, 3, 8, 23, 59, tzinfo=UTC)) == date(2026, 3, 2)
    assert week_of(datetime(2026, 3, 9, tzinfo=UTC)) == date(2026, 3, 9)


def test_a_session_is_counted_from_its_interactions() -> None:
    counts = session_counts(
        {
            "question": Measures(count=4, last_at=MOMENT),
            "mini_quiz": Measures(count=3, judged=3, ok=2, last_at=MOMENT + timedelta(hours=1)),
            "quiz_attempt": Measures(count=1, judged=10, ok=7),
            "summary": Measures(count=2),
        }
    )
    assert (counts.interactions, counts.quiz_attempts, counts.correct_answers, counts.summaries) == (10, 4, 9, 2)
    assert counts.last_at == MOMENT + timedelta(hours=1)


def test_a_session_lasts_until_it_ends_or_is_last_used() -> None:
    assert session_duration_seconds(MOMENT, MOMENT + timedelta(minutes=5), None) == 300
    assert session_duration_seconds(MOMENT, None, MOMENT + timedelta(minutes=2)) == 120
    assert session_duration_seconds(MOMENT, None, MOMENT - timedelta(minutes=2)) == 0
    assert session_duration_seconds(MOMENT, None, None) == 0

"""Figures read from rollups and the live tail equal a scan of the facts to the last unit."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics_app.domain.buckets import DAY, HOUR, floor_day
from analytics_app.domain.cohorts import week_of
from analytics_app.domain.facts import KINDS, Fact
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.presence import cohort_counts
from analytics_app.domain.rollups import Measures
from analytics_app.selectors import keeping, spenders
from analytics_app.selectors.dashboard import dashboard
from analytics_app.selectors.figures import coverage_read, figures, total
from analytics_app.selectors.presence import active, active_by_week
from analytics_app.selectors.statements import FigureQuery
from analytics_app.services.prices import price_set, price_table
from analytics_app.services.rollup import rollup_hour, rollup_run
from analytics_app.services.writer import facts_write
from tests.integration.analytics.support import FactMaker, day, five_minutes, hour, scan
from tutor_project.common.models import new_id

pytestmark = pytest.mark.django_db

NOW = floor_day(datetime.now(UTC)) - DAY + timedelta(hours=10, minutes=37, seconds=12)
START = floor_day(NOW) - 3 * DAY
Query = partial(FigureQuery, times=True)
FACTS = int(os.environ.get("ANALYTICS_TEST_FACTS", "3000"))


@pytest.fixture
def prices(db: None) -> Callable[[dict[str, Any]], Decimal | None]:
    """Prices of two of the three models, and the cost of a fact by them."""
    price_set(model="openai:small", valid_from=START.date(), prompt_usd=Decimal("0.15"), completion_usd=Decimal("0.6"))
    price_set(model="openai:large", valid_from=START.date(), prompt_usd=Decimal("2.5"), completion_usd=Decimal("10"))
    price_set(
        model="openai:large", valid_from=(START + DAY).date(), prompt_usd=Decimal("2"), completion_usd=Decimal("8")
    )
    table = price_table()
    return lambda row: table.cost(row["model"], row["prompt_tokens"], row["completion_tokens"], row["occurred_at"])


@pytest.fixture
def maker() -> FactMaker:
    return FactMaker(11, START, NOW)


def write(facts: list[Fact]) -> None:
    for index in range(0, len(facts), 5000):
        facts_write(facts=facts[index : index + 5000])


def without_histogram(found: dict[Any, Measures]) -> dict[Any, Measures]:
    return {key: replace(measures, histogram=Histogram()) for key, measures in found.items()}


KEYS: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    "interaction": lambda row: (row["interaction_type"], ""),
    "tool_invocation": lambda row: (row["tool_name"], ""),
    "token_usage": lambda row: (row["model"], row["phase"]),
    "performance": lambda row: (row["operation"], row["category"]),
    "event": lambda row: (row["event_type"], ""),
}
RANGES = [
    (START, NOW),
    (START + timedelta(hours=5, minutes=12), NOW - timedelta(minutes=20)),
    (START + DAY, START + 2 * DAY),
    (NOW - timedelta(minutes=61), NOW),
    (START + timedelta(minutes=3), START + timedelta(minutes=9)),
]


def assert_equal_to_a_scan(facts: list[Fact], cost: Callable[[dict[str, Any]], Decimal | None]) -> None:
    for start, end in RANGES:
        for kind, key in KEYS.items():
            query = Query(kind, start, end, by=("key1", "key2"), histogram=True)
            assert figures(query) == scan(facts, kind, start, end, key, cost=cost), (kind, start, end)
            for step, bucket in (("five_minutes", five_minutes), ("hour", hour), ("day", day)):
                found = figures(replace(query, by=(step,), histogram=False))
                expected = scan(facts, kind, start, end, lambda row, bucket=bucket: (bucket(row),), cost=cost)
                assert found == without_histogram(expected), (kind, step, start, end)


def test_figures_equal_a_scan_before_while_and_after_rolling_up(maker: FactMaker, prices: Any) -> None:
    facts = maker.batch(FACTS)
    write(facts)
    assert_equal_to_a_scan(facts, prices)
    rollup_run(now=START + timedelta(days=1, hours=7, minutes=30))
    assert_equal_to_a_scan(facts, prices)
    rollup_run(now=NOW)
    assert_equal_to_a_scan(facts, prices)


def test_late_facts_are_seen_at_once_and_rolled_up_by_the_next_run(maker: FactMaker, prices: Any) -> None:
    facts = maker.batch(1500)
    write(facts)
    rollup_run(now=NOW)
    assert_equal_to_a_scan(facts, prices)  # what is kept of these rollups must not outlive them
    late = maker.batch(200)
    write(late)
    assert_equal_to_a_scan(facts + late, prices)
    report = rollup_run(now=NOW)
    assert report.hours > 0
    assert_equal_to_a_scan(facts + late, prices)
    assert all(not known.stale_hours for known in coverage_read().values())


@pytest.mark.parametrize("candidates", [3, 100])
def test_the_largest_spenders_equal_a_scan(
    maker: FactMaker, prices: Any, monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    monkeypatch.setattr(spenders, "CANDIDATES", candidates)
    facts = maker.batch(600, ["token_usage"])
    write(facts)

    def compare() -> None:
        for start, end in RANGES:
            spent: dict[UUID, Decimal] = defaultdict(Decimal)
            calls: Counter[UUID] = Counter()
            for fact in facts:
                row = dict(zip(KINDS["token_usage"].columns, fact.values, strict=True))
                if row["user_id"] is not None and start <= row["occurred_at"] < end:
                    spent[row["user_id"]] += prices(row) or 0
                    calls[row["user_id"]] += 1
            expected = sorted(spent.items(), key=lambda item: -item[1])[:3]
            found = spenders.top_spenders(start, end, coverage_read()["token_usage"], 3)
            assert [(user, measures.cost_usd) for user, measures in found] == expected
            assert [measures.count for _, measures in found] == [calls[user] for user, _ in expected]

    compare()
    rollup_run(now=NOW - timedelta(hours=2))
    compare()
    newcomers = FactMaker(13, NOW - timedelta(minutes=100), NOW, users=3)
    late = [newcomers.make("token_usage", model="openai:large") for _ in range(40)]  # lifts some over the largest
    late += [maker.make("token_usage", occurred_at=NOW - timedelta(minutes=5)) for _ in range(200)]
    write(late)
    facts += late
    compare()
    rollup_run(now=NOW)
    compare()


def test_weeks_of_activity_equal_a_scan_whoever_is_new(maker: FactMaker) -> None:
    facts = maker.batch(40, ["interaction"])
    write(facts)
    newcomers = FactMaker(12, START - 9 * DAY, NOW)

    def weeks_active() -> dict[UUID, set[date]]:
        found: dict[UUID, set[date]] = defaultdict(set)
        for fact in facts:
            row = dict(zip(KINDS["interaction"].columns, fact.values, strict=True))
            if row["user_id"] is not None:
                found[row["user_id"]].add(week_of(row["occurred_at"]))
        return found

    def compare() -> None:
        expected = Counter((min(weeks), week) for weeks in weeks_active().values() for week in weeks)
        found = cohort_counts(active_by_week(START - 20 * DAY, NOW, coverage_read(), ("interaction",)))
        assert {(first, week): number for first, week, number in found} == expected

    compare()
    rollup_run(now=NOW)
    compare()
    late = newcomers.batch(60, ["interaction"])
    write(late)
    facts += late
    compare()
    rollup_run(now=NOW)
    compare()


def test_a_figure_asked_again_reads_no_rollup_until_one_changes(maker: FactMaker) -> None:
    write(maker.batch(1500))
    rollup_run(now=NOW)

    def tables_read() -> set[str]:
        with CaptureQueriesContext(connection) as queries:
            dashboard(START, NOW)
            active(START, NOW, coverage_read())
        return {
            name for name in ("analytics_rollup", "analytics_presence") for q in queries if f"FROM {name}" in q["sql"]
        }

    assert tables_read() == {"analytics_rollup", "analytics_presence"}
    assert tables_read() == set()
    write(maker.batch(50))
    rollup_run(now=NOW)
    assert tables_read() == {"analytics_rollup", "analytics_presence"}


def test_the_newest_facts_are_read_once_a_second_and_each_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping.time, "monotonic", lambda: 4711.0)  # one long second
    end = datetime.now(UTC)
    maker = FactMaker(14, end - timedelta(hours=5), end)
    facts = maker.batch(300)
    write(facts)
    rollup_run(now=end)
    start = floor_day(end) - DAY

    def counted() -> tuple[int, bool]:
        with CaptureQueriesContext(connection) as queries:
            found = dashboard(start, datetime.now(UTC))
        assert found["users"] == len(users())
        return found["tool_invocations"], any("occurred_at" in query["sql"] for query in queries)

    def users() -> set[UUID]:
        found = (dict(zip(KINDS[fact.kind].columns, fact.values, strict=True))["user_id"] for fact in facts)
        return {user for user in found if user is not None}

    def tools() -> int:
        return sum(fact.kind == "tool_invocation" for fact in facts)

    assert counted() == (tools(), True)
    assert counted() == (tools(), False)
    for newcomer in (False, True):
        who = {"user_id": new_id()} if newcomer else {}
        late = [maker.make("tool_invocation", occurred_at=datetime.now(UTC), **who)]
        write(late)
        facts += late
        assert counted() == (tools(), True)
        assert counted() == (tools(), False)
    monkeypatch.setattr(keeping.time, "monotonic", lambda: 4712.0)
    assert counted() == (tools(), True)


def test_what_is_kept_is_not_changed_by_those_who_add_to_it(maker: FactMaker) -> None:
    write(maker.batch(1500))
    rollup_run(now=START + timedelta(days=2))  # the rest is added from the facts
    query = Query("performance", START, NOW, by=("key1",), histogram=True)
    first = dict(figures(query))
    assert figures(query) == first


def test_a_second_run_changes_nothing(maker: FactMaker, prices: Any) -> None:
    write(maker.batch(1000))
    rollup_run(now=NOW)
    before = stored_rollups()
    again = rollup_run(now=NOW)
    assert (again.hours, again.days) == (0, 0)
    for moment in range(24):
        rollup_hour(fact="tool_invocation", hour=START + moment * HOUR)
    rollup_run(now=NOW)
    assert stored_rollups() == before


def stored_rollups() -> list[list[tuple[Any, ...]]]:
    tables = ("analytics_rollup", "analytics_rollup_user", "analytics_rollup_session", "analytics_presence")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            found.append(sorted(cursor.fetchall(), key=repr))
        return found


def test_figures_of_one_user_and_one_session_equal_a_scan(maker: FactMaker, prices: Any) -> None:
    facts = maker.batch(3000)
    write(facts)
    rollup_run(now=NOW)
    late = maker.batch(100)
    write(late)
    user, session = maker.users[0], maker.sessions[3]
    for start, end in RANGES:
        for kind, key in KEYS.items():
            mine = scan(facts + late, kind, start, end, key, where=lambda row: row["user_id"] == user, cost=prices)
            query = Query(kind, start, end, by=("key1", "key2"), user_id=user, histogram=True)
            assert figures(query) == mine
            assert figures(replace(query, histogram=False)) == without_histogram(mine)
            everyone = scan(
                facts + late,
                kind,
                start,
                end,
                lambda row: (row["user_id"],),
                where=lambda row: row["user_id"] is not None,
                cost=prices,
            )
            assert figures(Query(kind, start, end, by=("user_id",))) == without_histogram(everyone)
            of_session = scan(
                facts + late, kind, start, end, where=lambda row: row["session_id"] == session, cost=prices
            )
            found = figures(Query(kind, start, end, session_ids=(session,)))
            assert found == without_histogram(of_session)


def test_totals_per_category_equal_a_scan(maker: FactMaker) -> None:
    facts = maker.batch(2000, ["performance"])
    write(facts)
    rollup_run(now=NOW)
    for start, end in RANGES:
        expected = scan(facts, "performance", start, end, where=lambda row: row["category"] == "request")
        query = Query("performance", start, end, key1=("request",), by_category=True, histogram=True)
        assert total(query) == expected.get((), Measures())


def test_writing_twice_equals_writing_once(maker: FactMaker, prices: Any) -> None:
    facts = maker.batch(800)
    write(facts)
    rollup_run(now=NOW)
    report = facts_write(facts=facts + maker.batch(5))
    assert (report.total, report.repeated) == (5, 800)


def test_percentiles_are_within_three_per_cent_of_exact(maker: FactMaker) -> None:
    facts = maker.batch(4000, ["tool_invocation"])
    write(facts)
    rollup_run(now=NOW)
    measures = total(Query("tool_invocation", START, NOW, histogram=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY duration_us)"
            " FROM analytics_fact_tool_invocation"
        )
        exact = cursor.fetchone()[0]
    for found, wanted in zip(measures.quantiles_us(0.5, 0.95, 0.99), exact, strict=True):
        assert found == pytest.approx(wanted, rel=0.03)


def test_a_price_added_later_prices_the_kept_calls_anew(maker: FactMaker, prices: Any) -> None:
    facts = maker.batch(400, ["token_usage"])
    write(facts)
    rollup_run(now=NOW)
    query = Query("token_usage", START, NOW, key1=("acme:unknown",))
    assert total(query).known_cost_usd is None
    price_set(model="acme:unknown", valid_from=START.date(), prompt_usd=Decimal(1), completion_usd=Decimal(1))
    priced = total(query)
    assert priced.unpriced == 0
    assert priced.cost_usd == Decimal(priced.tokens) / 1_000_000
    rollup_run(now=NOW)
    assert total(query) == priced

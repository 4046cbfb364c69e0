"""Facts go when their time is over, figures stay; one person's facts can be exported and erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from analytics_app.domain.buckets import DAY, floor_day
from analytics_app.domain.facts import KINDS
from analytics_app.selectors.figures import coverage_read, total
from analytics_app.selectors.statements import FigureQuery
from analytics_app.services.partitions import (
    DAYS_AHEAD,
    facts_expire,
    partition_days,
    partitions_ensure,
    partitions_upkeep,
    retention_floor,
)
from analytics_app.services.prices import price_set
from analytics_app.services.privacy import person_erase, person_export
from analytics_app.services.rollup import rollup_run
from analytics_app.services.writer import facts_write
from tests.integration.analytics.support import FactMaker

pytestmark = pytest.mark.django_db

NOW = floor_day(datetime.now(UTC)) + timedelta(hours=9)
OLD = floor_day(NOW) - 40 * DAY


@pytest.fixture
def old() -> FactMaker:
    return FactMaker(3, OLD, OLD + DAY)


def drop(now: datetime = NOW) -> dict[str, int]:
    return facts_expire(now=now)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_upkeep_makes_the_coming_days_and_is_idempotent() -> None:
    days = partitions_upkeep(now=NOW)
    assert partitions_upkeep(now=NOW) == days
    assert set(days.values()) == {DAYS_AHEAD + 1}
    assert partition_days("event")[0] == NOW.date()


def test_a_fact_of_a_day_without_partition_gets_one(old: FactMaker) -> None:
    facts_write(facts=old.batch(20, ["event"]))
    assert partition_days("event") == [OLD.date()]


def test_dropping_says_how_many_facts_went_and_keeps_every_figure(old: FactMaker) -> None:
    facts = old.batch(900)
    facts_write(facts=facts)
    before = {kind: total(FigureQuery(kind, OLD, OLD + DAY, histogram=True)) for kind in KINDS}
    removed = drop()
    assert sum(removed.values()) == 900
    assert removed == {kind: sum(fact.kind == kind for fact in facts) for kind in KINDS}
    assert all(count(kind.table) == 0 for kind in KINDS.values())
    rollup_run(now=NOW)
    after = {kind: total(FigureQuery(kind, OLD, OLD + DAY, histogram=True)) for kind in KINDS}
    assert after == before
    assert set(drop().values()) == {0}


def test_facts_within_retention_are_not_touched(old: FactMaker) -> None:
    floor = retention_floor(NOW)
    kept = FactMaker(5, floor, floor + timedelta(hours=1))
    facts_write(facts=kept.batch(30, ["event"]))
    drop()
    assert count("analytics_fact_event") == 30


def test_a_dropped_day_is_never_made_again(old: FactMaker) -> None:
    facts_write(facts=old.batch(50, ["event"]))
    drop()
    before = total(FigureQuery("event", OLD, OLD + DAY))
    assert partitions_ensure(fact="event", days=[OLD.date(), date.max - timedelta(days=2)]) == {
        date.max - timedelta(days=2)
    }
    report = facts_write(facts=old.batch(3, ["event"]))
    assert (report.total, report.expired) == (0, 3)
    rollup_run(now=NOW)
    assert total(FigureQuery("event", OLD, OLD + DAY)) == before


def test_a_range_that_begins_in_a_dropped_hour_is_answered_from_whole_hours(old: FactMaker) -> None:
    facts_write(facts=old.batch(400, ["event"]))
    whole = total(FigureQuery("event", OLD + timedelta(hours=5), OLD + timedelta(hours=8)))
    drop()
    rollup_run(now=NOW)
    asked = FigureQuery("event", OLD + timedelta(hours=5, minutes=20), OLD + timedelta(hours=7, minutes=10))
    assert total(asked) == whole
    assert coverage_read()["event"].raw_from == retention_floor(NOW)


@pytest.fixture
def person() -> Iterator[tuple[FactMaker, Any]]:
    start = floor_day(NOW) - DAY
    maker = FactMaker(8, start, start + timedelta(hours=20))
    price_set(model="openai:small", valid_from=start.date(), prompt_usd=Decimal(1), completion_usd=Decimal(1))
    facts_write(facts=maker.batch(1500))
    rollup_run(now=NOW)
    yield maker, maker.users[0]


def test_a_person_can_have_everything_that_is_kept_about_them(person: tuple[FactMaker, Any]) -> None:
    _, user = person
    exported = list(person_export(user_id=user))
    with connection.cursor() as cursor:
        for kind in KINDS.values():
            cursor.execute(f"SELECT count(*) FROM {kind.table} WHERE user_id = %s", [user])
            assert sum(row["kind"] == kind.name for row in exported) == cursor.fetchone()[0]
    assert all(row["user_id"] == user for row in exported)


def test_after_an_erasure_nothing_names_the_person_and_the_money_still_adds_up(person: tuple[FactMaker, Any]) -> None:
    maker, user = person
    sessions = [session for index, session in enumerate(maker.sessions) if index % len(maker.users) == 0]
    start, end = maker.start, maker.end
    money = total(FigureQuery("token_usage", start, end))
    others = total(FigureQuery("event", start, end)).count - total(FigureQuery("event", start, end, user_id=user)).count
    removed = person_erase(user_id=user, session_ids=sessions)
    assert all(removed[kind] > 0 for kind in KINDS)
    assert not list(person_export(user_id=user))
    rollup_run(now=NOW)
    assert nothing_names([user, *sessions])
    assert total(FigureQuery("token_usage", start, end)) == money
    assert total(FigureQuery("event", start, end)).count == others
    assert person_erase(user_id=user, session_ids=sessions) == dict.fromkeys(removed, 0)


def nothing_names(ids: list[Any]) -> bool:
    """Look for the ids as text in every column of every analytics table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'analytics_%%' AND schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) FROM {table} AS row WHERE row::text LIKE ANY(%s)", [[f"%{value}%" for value in ids]]
            )
            if cursor.fetchone()[0]:
                return False
    return True

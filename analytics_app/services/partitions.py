"""Day partitions of the fact tables: made ahead and on demand, dropped by retention."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from analytics_app.domain.facts import KINDS
from analytics_app.services.rollup import rollup_settle_days
from tutor_project.common import runtime
from tutor_project.common.locks import lock_text

log = structlog.get_logger(__name__)

DAYS_AHEAD = 7


def retention_floor(now: datetime | None = None) -> datetime:
    """Start of the oldest UTC day whose facts are kept."""
    today = (now or datetime.now(UTC)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=runtime.get_int("LOG_RETENTION_DAYS"))


def partition_name(table: str, day: date) -> str:
    """Name of the partition of ``table`` for ``day``."""
    return f"{table}_p{day:%Y%m%d}"


def partition_days(fact: str) -> list[date]:
    """Days for which ``fact`` has a partition, oldest first."""
    table = KINDS[fact].table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(inhrelid::regclass::text, 8) FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1",
            [table],
        )
        return [datetime.strptime(suffix, "%Y%m%d").replace(tzinfo=UTC).date() for (suffix,) in cursor.fetchall()]


def partitions_ensure(*, fact: str, days: Iterable[date]) -> set[date]:
    """Create the missing partitions of ``fact``; returns the days that have one afterwards.

    A day that retention has dropped is never made again: its rollups would then be recomputed from nothing. The new
    table is attached instead of created in place, so readers and writers of other days are not held up.
    """
    table = KINDS[fact].table
    present: set[date] = set()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT dropped_before FROM analytics_fact_state WHERE fact = %s", [fact])
        row = cursor.fetchone()
        dropped_before = row[0] if row else None
        for day in sorted(set(days)):
            if dropped_before is not None and day < dropped_before:
                continue
            if not _exists(cursor, table, day):
                lock_text("analytics_partition", partition_name(table, day))
                if not _exists(cursor, table, day):
                    _create(cursor, table, day)
            present.add(day)
    return present


def _exists(cursor: Any, table: str, day: date) -> bool:
    """Tell whether a partition is there by the catalog as it is now.

    ``to_regclass`` may remember that it was not, beyond the wait for a lock.
    """
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = %s AND relnamespace = current_schema()::regnamespace)",
        [partition_name(table, day)],
    )
    return bool(cursor.fetchone()[0])


def _create(cursor: Any, table: str, day: date) -> None:
    name = partition_name(table, day)
    start, end = f"{day}T00:00:00Z", f"{day + timedelta(days=1)}T00:00:00Z"
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")


def partitions_upkeep(*, now: datetime | None = None) -> dict[str, int]:
    """Make today's and the next days' partitions; returns how many days each fact kind has."""
    today = (now or datetime.now(UTC)).date()
    ahead = [today + timedelta(days=offset) for offset in range(DAYS_AHEAD + 1)]
    for fact in KINDS:
        partitions_ensure(fact=fact, days=ahead)
    return {fact: len(partition_days(fact)) for fact in KINDS}


def facts_expire(*, now: datetime | None = None, checkpoint: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Drop the partitions before the retention floor; returns the facts removed per kind.

    What is stale in a day is rolled up before the day goes, so aggregates keep what the facts said.
    """
    floor = retention_floor(now)
    removed: dict[str, int] = {}
    for fact in KINDS:
        removed[fact] = 0
        for day in partition_days(fact):
            if day < floor.date():
                checkpoint()
                removed[fact] += _drop(fact, day)
        _remember_floor(fact, floor.date())
    log.info("facts_expired", removed=removed)
    return removed


def _drop(fact: str, day: date) -> int:
    table = KINDS[fact].table
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rollup_settle_days(fact=fact, start=start, end=start + timedelta(days=1))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        # From here no writer can add to the day, so a mark found now is the last one.
        cursor.execute(f"LOCK TABLE {partition_name(table, day)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM analytics_stale_window WHERE fact = %s AND bucket >= %s AND bucket < %s)",
            [fact, start, start + timedelta(days=1)],
        )
        if cursor.fetchone()[0]:
            log.warning("facts_not_expired", fact=fact, day=str(day), reason="facts arrived while the day was closed")
            return 0
        cursor.execute(f"SELECT count(*) FROM {partition_name(table, day)}")
        removed = int(cursor.fetchone()[0])
        cursor.execute(f"DROP TABLE {partition_name(table, day)}")
        _remember_floor(fact, day + timedelta(days=1))
    return removed


def _remember_floor(fact: str, day: date) -> None:
    """Record that days before ``day`` are gone, unless a partition before it still stands."""
    kept = [existing for existing in partition_days(fact) if existing < day]
    if kept:
        day = min(kept)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_fact_state (fact, dropped_before) VALUES (%s, %s) ON CONFLICT (fact) DO UPDATE"
            " SET dropped_before = greatest(analytics_fact_state.dropped_before, excluded.dropped_before)",
            [fact, day],
        )

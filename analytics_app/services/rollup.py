"""Rolling facts up by hour and day.

A window is recomputed as a whole: its rows are deleted and inserted again in one transaction together with the
deletion of its stale marks. Killing a run or running it twice therefore changes nothing. Writers mark the windows they
touch in the transaction that writes the facts, so facts that arrive late, or commit late, are never missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from analytics_app import sql
from analytics_app.domain.buckets import DAY, HOUR, days_between, floor_hour, hours_between
from analytics_app.services.presence import day_presence_store, hour_presence_store
from tutor_project.common.locks import try_advisory_lock

log = structlog.get_logger(__name__)

CLOSING_GRACE = timedelta(minutes=2)
"""An hour is rolled up this long after its end; most buffered facts have arrived by then, later ones mark it stale."""

_STORED = ", ".join(sql.MEASURES)
_MEMORY = "SET LOCAL work_mem = '96MB'; SET LOCAL jit = off; SET LOCAL synchronous_commit = off"
"""A commit lost in a crash takes the deletion of the marks with it: the window is simply rolled up again."""


@dataclass(slots=True)
class RollupReport:
    """What one pass did: windows recomputed and facts read."""

    hours: int = 0
    days: int = 0
    facts: int = 0
    skipped: int = 0
    closed_until: dict[str, str] = field(default_factory=dict)


def rollup_run(*, now: datetime | None = None, checkpoint: Callable[[], None] = lambda: None) -> RollupReport:
    """Roll up every closed hour and day that has new facts, oldest first, and move the watermarks.

    Safe to run at any time, by several workers, and again after being killed. ``checkpoint`` is called between windows.
    """
    closed_until = floor_hour((now or datetime.now(UTC)) - CLOSING_GRACE)
    report = RollupReport()
    for fact in sql.SUMMED:
        for hour in _stale(fact, "hour", closed_until):
            checkpoint()
            _count(report, "hours", rollup_hour(fact=fact, hour=hour))
        _close(fact, closed_until)
        for day in _stale(fact, "day", closed_until - DAY + timedelta(microseconds=1)):
            checkpoint()
            _count(report, "days", rollup_day(fact=fact, day=day))
        report.closed_until[fact] = closed_until.isoformat()
    note = log.info if report.facts else log.debug
    note("rollup_finished", hours=report.hours, days=report.days, facts=report.facts, skipped=report.skipped)
    return report


def _count(report: RollupReport, grain: str, facts: int | None) -> None:
    if facts is None:
        report.skipped += 1
        return
    setattr(report, grain, getattr(report, grain) + 1)
    report.facts += facts


def rollup_hour(*, fact: str, hour: datetime) -> int | None:
    """Recompute one hour of one fact kind; returns the facts read, ``None`` when another worker is at it."""
    source = sql.SUMMED[fact]
    window: dict[str, Any] = {"fact": fact, "own": sql.own(fact), "bucket": hour, "end": hour + HOUR}
    with transaction.atomic(), try_advisory_lock("rollup") as held, connection.cursor() as cursor:
        if not held:
            return None
        _take_marks(cursor, fact, "hour", hour)
        if _raw_is_dropped(cursor, fact, hour):
            return 0
        cursor.execute(_MEMORY)
        for table in ("analytics_rollup", "analytics_rollup_user", "analytics_rollup_session"):
            cursor.execute(
                f"DELETE FROM {table} WHERE fact IN (%(fact)s, %(own)s) AND grain = 'hour' AND bucket = %(bucket)s",
                window,
            )
        cursor.execute(_hour_statement(source), window)
        facts = int(cursor.fetchone()[0] or 0)
        hour_presence_store(cursor, window)
        _draw_revision(cursor, fact)
        day = hour.astimezone(UTC).replace(hour=0)
        cursor.execute("INSERT INTO analytics_stale_window (fact, grain, bucket) VALUES (%s, 'day', %s)", [fact, day])
    return facts


def rollup_day(*, fact: str, day: datetime) -> int | None:
    """Recompute one day of one fact kind from its hours; returns the facts it stands for."""
    source = sql.SUMMED[fact]
    window: dict[str, Any] = {"fact": fact, "own": sql.own(fact), "bucket": day, "end": day + DAY}
    with transaction.atomic(), try_advisory_lock("rollup") as held, connection.cursor() as cursor:
        if not held:
            return None
        _take_marks(cursor, fact, "day", day)
        cursor.execute(_MEMORY)
        cursor.execute("SET LOCAL statement_timeout = 0")  # a day of a large installation may take minutes
        tables = ["analytics_rollup"]
        raw_exists = not _raw_is_dropped(cursor, fact, day)
        if raw_exists:
            tables.append("analytics_rollup_user")
        for table in tables:
            cursor.execute(
                f"DELETE FROM {table} WHERE fact IN (%(fact)s, %(own)s) AND grain = 'day' AND bucket = %(bucket)s",
                window,
            )
        cursor.execute(_DAY_STATEMENT, window)
        facts = int(cursor.fetchone()[0] or 0)
        if raw_exists:
            cursor.execute(_user_day_statement(source), window)
        day_presence_store(cursor, window)
        _draw_revision(cursor, fact)
    return facts


def rollup_mark_stale(*, fact: str, start: datetime, end: datetime) -> int:
    """Mark every hour of ``[start, end)`` for recomputation; returns how many. For facts loaded past the writer."""
    hours = list(hours_between(start, end))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_stale_window (fact, grain, bucket) SELECT %s, 'hour', unnest(%s::timestamptz[])",
            [fact, hours],
        )
    return len(hours)


def rollup_settle_days(*, fact: str, start: datetime, end: datetime) -> None:
    """Recompute what is stale in the days of ``[start, end)``, whatever their state; used before facts are dropped."""
    for day in days_between(start, end):
        for hour in _stale(fact, "hour", day + DAY, since=day):
            rollup_hour(fact=fact, hour=hour)
        if _stale(fact, "day", day + DAY, since=day):
            rollup_day(fact=fact, day=day)


def _stale(fact: str, grain: str, before: datetime, since: datetime | None = None) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT bucket FROM analytics_stale_window"
            " WHERE fact = %s AND grain = %s AND bucket < %s AND bucket >= coalesce(%s, '-infinity'::timestamptz)"
            " ORDER BY bucket",
            [fact, grain, before, since],
        )
        return [bucket for (bucket,) in cursor.fetchall()]


def _take_marks(cursor: Any, fact: str, grain: str, bucket: datetime) -> None:
    """Delete the marks first: facts whose marks are not seen here commit later and bring their own."""
    cursor.execute(
        "DELETE FROM analytics_stale_window WHERE fact = %s AND grain = %s AND bucket = %s", [fact, grain, bucket]
    )


def _draw_revision(cursor: Any, fact: str) -> None:
    """Tell the processes that keep sums of rollups (``analytics_app.selectors.keeping``) that theirs are out of date."""
    cursor.execute(
        "INSERT INTO analytics_fact_state (fact) VALUES (%s) ON CONFLICT (fact) DO UPDATE SET revision = DEFAULT",
        [fact],
    )


def _raw_is_dropped(cursor: Any, fact: str, moment: datetime) -> bool:
    cursor.execute("SELECT dropped_before FROM analytics_fact_state WHERE fact = %s", [fact])
    row = cursor.fetchone()
    return bool(row and row[0] and moment.astimezone(UTC).date() < row[0])


def _close(fact: str, closed_until: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_fact_state (fact, closed_until) VALUES (%s, %s) ON CONFLICT (fact) DO UPDATE"
            " SET closed_until = greatest(analytics_fact_state.closed_until, excluded.closed_until)",
            [fact, closed_until],
        )


_OF_EVERYBODY = "NOT by_user AND NOT by_session AND NOT reported"
_WHOSE = "CASE WHEN reported THEN %(own)s ELSE %(fact)s END"


def _hour_statement(source: sql.SummedFact) -> str:
    """One pass over the hour's facts feeding all three tables."""
    session_set = f"session_id, {source.session_key}" if source.session_key else "session_id"
    session_key = f"coalesce({source.session_key}, '')" if source.session_key else "''"
    keys, user_keys = ", ".join(source.keys), ", ".join(source.user_keys)
    second_key = "key2" if "key2" in source.keys else "''"
    category_set, category_insert = "", ""
    if source.keeps_category:
        category_insert = f"""
        , by_category AS (
            INSERT INTO analytics_rollup (fact, dimension, grain, bucket, key1, key2, {_STORED},
                                          histogram_indexes, histogram_counts)
            SELECT %(fact)s, '{sql.CATEGORY}', 'hour', %(bucket)s, key2, '', {sql.MERGED_MEASURES},
                   array_agg(index ORDER BY index) FILTER (WHERE index IS NOT NULL),
                   array_agg(timed ORDER BY index) FILTER (WHERE index IS NOT NULL)
            FROM by_category_index GROUP BY key2
        )"""
        category_set = f"""
        , by_category_index AS (
            SELECT key2, index, {sql.MERGED_MEASURES} FROM cells WHERE {_OF_EVERYBODY}
            GROUP BY key2, index
        )"""
    return f"""
        WITH cells AS MATERIALIZED (
            SELECT GROUPING(user_id) = 0 AS by_user, GROUPING(session_id) = 0 AS by_session, user_id, session_id,
                   reported, {keys}, index, {source.measures()}
            FROM (
                SELECT {source.columns}, {source.reported} AS reported, {source.key1} AS key1, {source.key2} AS key2,
                       {source.histogram_index} AS index
                FROM {source.table} WHERE occurred_at >= %(bucket)s AND occurred_at < %(end)s
            ) AS facts
            GROUP BY GROUPING SETS ((reported, {keys}, index), (reported, user_id, {user_keys}), (reported, {session_set}))
        ), everybody AS (
            INSERT INTO analytics_rollup (fact, dimension, grain, bucket, key1, key2, {_STORED},
                                          histogram_indexes, histogram_counts)
            SELECT %(fact)s, '{sql.KEYS}', 'hour', %(bucket)s, key1, {second_key}, {sql.MERGED_MEASURES},
                   array_agg(index ORDER BY index) FILTER (WHERE index IS NOT NULL),
                   array_agg(timed ORDER BY index) FILTER (WHERE index IS NOT NULL)
            FROM cells WHERE {_OF_EVERYBODY} GROUP BY {keys}
        ), users AS (
            INSERT INTO analytics_rollup_user (fact, grain, bucket, user_id, key1, key2, {_STORED})
            SELECT {_WHOSE}, 'hour', %(bucket)s, user_id, {source.user_key_columns()}, {_STORED}
            FROM cells WHERE by_user AND user_id IS NOT NULL
        ), sessions AS (
            INSERT INTO analytics_rollup_session (fact, grain, bucket, session_id, key1, key2, {_STORED})
            SELECT {_WHOSE}, 'hour', %(bucket)s, session_id, {session_key}, '', {_STORED}
            FROM cells WHERE by_session AND session_id IS NOT NULL
        ){category_set}{category_insert}
        SELECT sum(count) FROM cells WHERE NOT by_user AND NOT by_session
    """


def _user_day_statement(source: sql.SummedFact) -> str:
    user_keys = ", ".join(source.user_keys)
    return f"""
        WITH cells AS (
            SELECT reported, user_id, {user_keys}, index, {source.measures()}
            FROM (
                SELECT {source.columns}, {source.reported} AS reported, {source.key1} AS key1, {source.key2} AS key2,
                       {source.histogram_index} AS index
                FROM {source.table}
                WHERE occurred_at >= %(bucket)s AND occurred_at < %(end)s AND user_id IS NOT NULL
            ) AS facts
            GROUP BY reported, user_id, {user_keys}, index
        )
        INSERT INTO analytics_rollup_user (fact, grain, bucket, user_id, key1, key2, {_STORED},
                                           histogram_indexes, histogram_counts)
        SELECT {_WHOSE}, 'day', %(bucket)s, user_id, {source.user_key_columns()}, {sql.MERGED_MEASURES},
               array_agg(index ORDER BY index) FILTER (WHERE index IS NOT NULL),
               array_agg(timed ORDER BY index) FILTER (WHERE index IS NOT NULL)
        FROM cells GROUP BY reported, user_id, {user_keys}
    """


_DAY_STATEMENT = f"""
    WITH hours AS MATERIALIZED (
        SELECT * FROM analytics_rollup
        WHERE fact = %(fact)s AND grain = 'hour' AND bucket >= %(bucket)s AND bucket < %(end)s
    ), cells AS (
        SELECT dimension, key1, key2, index, sum(n)::bigint AS n
        FROM hours, unnest(histogram_indexes, histogram_counts) AS cell(index, n)
        GROUP BY dimension, key1, key2, index
    ), histograms AS (
        SELECT dimension, key1, key2, array_agg(index ORDER BY index) AS indexes, array_agg(n ORDER BY index) AS counts
        FROM cells GROUP BY dimension, key1, key2
    ), days AS (
        SELECT dimension, key1, key2, {sql.MERGED_MEASURES} FROM hours GROUP BY dimension, key1, key2
    ), inserted AS (
        INSERT INTO analytics_rollup (fact, dimension, grain, bucket, key1, key2, {_STORED},
                                      histogram_indexes, histogram_counts)
        SELECT %(fact)s, dimension, 'day', %(bucket)s, key1, key2, {_STORED}, indexes, counts
        FROM days LEFT JOIN histograms USING (dimension, key1, key2)
        RETURNING dimension, count
    )
    SELECT sum(count) FROM inserted WHERE dimension = '{sql.KEYS}'
"""

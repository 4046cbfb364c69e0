"""Figures over any range: rollups for closed hours and days, raw facts for the rest.

Every figure equals a scan of the facts. Percentiles come from merged histograms and are within 2.5 % of exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from analytics_app import sql
from analytics_app.domain.buckets import Coverage, Segment, Source, plan_cover
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.rollups import Measures

Key = tuple[Any, ...]

GROUPS = ("key1", "key2", "user_id", "session_id", "hour", "day")


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """What to sum: facts of one kind in ``[start, end)``, whose, and by what.

    ``by`` names any of ``GROUPS``; ``key1`` keeps only these keys; ``histogram`` asks for percentiles, ``times`` for the
    first and last fact; ``user_id``/``session_ids`` narrow to these. ``by_category`` reads the totals per category.
    """

    fact: str
    start: datetime
    end: datetime
    by: tuple[str, ...] = ()
    user_id: UUID | None = None
    session_ids: tuple[UUID, ...] | None = None
    key1: tuple[str, ...] | None = None
    key2: tuple[str, ...] | None = None
    histogram: bool = False
    times: bool = False
    by_category: bool = False


def coverage_read() -> dict[str, Coverage]:
    """What the rollups of each fact kind hold right now."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE)
        rows = cursor.fetchall()
    found: dict[str, Coverage] = {}
    for fact, closed_until, raw_from, hours, days in rows:
        found[fact] = Coverage(closed_until, frozenset(hours), frozenset(days), raw_from)
    return {fact: found.get(fact, Coverage()) for fact in sql.SOURCES}


_COVERAGE = """
    SELECT fact, closed_until, dropped_before::timestamp AT TIME ZONE 'UTC',
        ARRAY(SELECT DISTINCT bucket FROM analytics_stale_window AS mark
              WHERE mark.fact = state.fact AND grain = 'hour' AND bucket < state.closed_until),
        ARRAY(SELECT DISTINCT bucket FROM analytics_stale_window AS mark
              WHERE mark.fact = state.fact AND grain = 'day' AND bucket < state.closed_until)
    FROM analytics_fact_state AS state
"""


def figures(query: FigureQuery, coverage: Mapping[str, Coverage] | None = None) -> dict[Key, Measures]:
    """Measures per group, in the order of ``query.by``; ``{(): Measures}`` without groups, empty when nothing happened."""
    known = coverage if coverage is not None else coverage_read()
    parts, params = figure_parts(query, known[query.fact])
    groups = "".join(f"{name}, " for name in query.by)
    grouping = f"GROUP BY {', '.join(query.by)}" if query.by else "HAVING count(*) > 0"
    merged = sql.MERGED_MEASURES if query.times else sql.MERGED_WITHOUT_TIMES
    statement = f"SELECT {groups}{merged} FROM ({parts}) AS parts {grouping}"
    width = len(query.by)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = {tuple(row[:width]): _measures(row[width:]) for row in cursor.fetchall() if row[width]}
    if query.histogram and found:
        for key, histogram in histograms(query, known).items():
            if key in found:
                found[key] = replace(found[key], histogram=histogram)
    return found


def total(query: FigureQuery, coverage: Mapping[str, Coverage] | None = None) -> Measures:
    """Measures of everything the query matches."""
    return figures(replace(query, by=()), coverage).get((), Measures())


def _measures(row: Sequence[Any]) -> Measures:
    return Measures(**dict(zip(sql.MEASURES, row, strict=True)))


def histograms(query: FigureQuery, coverage: Mapping[str, Coverage]) -> dict[Key, Histogram]:
    """Merged latency histograms per group, in the order of ``query.by``."""
    statement, params = figure_parts(query, coverage[query.fact], for_histogram=True)
    width = len(query.by)
    stored: dict[Key, list[tuple[bytes, bytes]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for row in cursor.fetchall():
            if row[width] is not None:
                stored[tuple(row[:width])].append((bytes(row[width]), bytes(row[width + 1])))
    return {key: Histogram.from_wire(rows) for key, rows in stored.items()}


def figure_parts(query: FigureQuery, coverage: Coverage, *, for_histogram: bool = False) -> tuple[str, list[Any]]:
    """One SELECT per source, joined by UNION ALL, and their parameters; a group may appear in several of them."""
    by_user = query.user_id is not None or "user_id" in query.by
    segments = plan_cover(query.start, query.end, coverage, _allowed(query, by_user))
    statements: list[str] = []
    params: list[Any] = []
    for kind in Source:
        chosen = [segment for segment in segments if segment.source is kind]
        if chosen:
            builder = _raw_part if kind is Source.RAW else _rollup_part
            statement, values = builder(query, kind, chosen, by_user, for_histogram)
            statements.append(statement)
            params += values
    if not statements:
        return _raw_part(query, Source.RAW, [Segment(Source.RAW, query.end, query.end)], by_user, for_histogram)
    return " UNION ALL ".join(statements), params


def _allowed(query: FigureQuery, by_user: bool) -> Collection[Source]:
    """The rollups that keep what the query asks apart."""
    source = sql.SOURCES[query.fact]
    asked = {name for name in ("key1", "key2") if name in query.by or getattr(query, name) is not None}
    if source.keeps_category:  # a user's and a session's rollups keep only the category, as their first key
        asked = {"key2"} if query.by_category and asked == {"key1"} else asked and {"key1", "key2"}
    if query.session_ids is not None:
        stored = not query.histogram and query.user_id is None and asked <= {source.session_key}
        return (Source.HOUR,) if stored else ()
    if by_user:
        if not asked <= set(source.user_keys):
            return ()
        if query.histogram:
            return () if "hour" in query.by else (Source.DAY,)
    return (Source.HOUR,) if "hour" in query.by else (Source.HOUR, Source.DAY)


def _rollup_part(
    query: FigureQuery, kind: Source, segments: list[Segment], by_user: bool, for_histogram: bool
) -> tuple[str, list[Any]]:
    table = "analytics_rollup"
    conditions = ["fact = %s", "grain = %s"]
    params: list[Any] = [query.fact, kind.value]
    if query.session_ids is not None:
        table = "analytics_rollup_session"
        conditions.append("session_id = ANY(%s)")
        params.append(list(query.session_ids))
    elif by_user:
        table = "analytics_rollup_user"
        if query.user_id is not None:
            conditions.append("user_id = %s")
            params.append(query.user_id)
    else:
        conditions.append("dimension = %s")
        params.append(sql.CATEGORY if query.by_category else sql.KEYS)
    conditions.append(within("bucket", segments, params))
    _narrow(query, "key1", "key2", conditions, params)
    groups = "".join(f"{_group(name, 'bucket')} AS {name}, " for name in query.by)
    where = " AND ".join(conditions)
    if for_histogram:
        arrays = "array_send(histogram_indexes), array_send(histogram_counts)"
        return f"SELECT {groups} {arrays} FROM {table} WHERE {where} AND histogram_indexes IS NOT NULL", params
    return f"SELECT {groups} {', '.join(sql.MEASURES)} FROM {table} WHERE {where}", params


def _raw_part(
    query: FigureQuery, _kind: Source, segments: list[Segment], by_user: bool, for_histogram: bool
) -> tuple[str, list[Any]]:
    source = sql.SOURCES[query.fact]
    key1, key2 = (source.key2, "''") if query.by_category else (source.key1, source.key2)
    params: list[Any] = []
    conditions = [within("occurred_at", segments, params)]
    if query.user_id is not None:
        conditions.append("user_id = %s")
        params.append(query.user_id)
    if query.session_ids is not None:
        conditions.append("session_id = ANY(%s)")
        params.append(list(query.session_ids))
    if by_user and query.user_id is None:
        conditions.append("user_id IS NOT NULL")
    _narrow(query, key1, key2, conditions, params)
    names = {"key1": key1, "key2": key2}
    groups = "".join(f"{names.get(name) or _group(name, 'occurred_at')} AS {name}, " for name in query.by)
    grouping = [names.get(name) or _group(name, "occurred_at") for name in query.by]
    where = " AND ".join(conditions)
    if for_histogram:
        inner = f"SELECT {groups} {source.histogram_index} AS index FROM {source.table} WHERE {where}"
        names_only = "".join(f"{name}, " for name in query.by)
        cells = (
            f"SELECT {names_only} index::smallint AS index, count(*)::int AS n FROM ({inner}) AS raw"
            f" WHERE index IS NOT NULL GROUP BY {names_only} index"
        )
        grouping_names = f"GROUP BY {', '.join(query.by)}" if query.by else ""
        arrays = "array_send(array_agg(index)), array_send(array_agg(n))"
        return f"SELECT {names_only} {arrays} FROM ({cells}) AS cells {grouping_names}", params
    statement = f"SELECT {groups} {source.measures()} FROM {source.table} WHERE {where}"
    constant = [expression for expression in grouping if expression != "''"]
    return statement + (f" GROUP BY {', '.join(constant)}" if constant else ""), params


def within(column: str, segments: Sequence[Segment], params: list[Any]) -> str:
    """``column`` inside any of the segments; the outer bounds come first so that partitions are pruned."""
    params += [segments[0].start, segments[-1].end]
    condition = f"{column} >= %s AND {column} < %s"
    if len(segments) == 1:
        return condition
    inside = []
    for segment in segments:
        inside.append(f"({column} >= %s AND {column} < %s)")
        params += [segment.start, segment.end]
    return f"{condition} AND ({' OR '.join(inside)})"


def _narrow(query: FigureQuery, key1: str, key2: str, conditions: list[str], params: list[Any]) -> None:
    for expression, values in ((key1, query.key1), (key2, query.key2)):
        if values is not None:
            conditions.append(f"{expression} = ANY(%s)")
            params.append(list(values))


def _group(name: str, time_column: str) -> str:
    return f"date_trunc('{name}', {time_column}, 'UTC')" if name in ("hour", "day") else name

"""How many distinct users and sessions were active in a range: exact, from stored sets and the live tail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from analytics_app import sql
from analytics_app.domain.buckets import RollupCoverage, Segment, Source, common_coverage, plan_cover, split_closed
from analytics_app.domain.cohorts import week_of
from analytics_app.domain.presence import count_distinct, merge_members, pack_members
from analytics_app.selectors.keeping import Newest, kept, newest
from analytics_app.selectors.statements import within
from analytics_app.services.presence import ANY

EVERY_KIND = tuple(sql.SUMMED)


@dataclass(frozen=True, slots=True)
class Active:
    """Distinct users and sessions with at least one fact."""

    users: int
    sessions: int


def active(
    start: datetime, end: datetime, coverage: Mapping[str, RollupCoverage], facts: Sequence[str] = EVERY_KIND
) -> Active:
    """Distinct users and sessions with a fact of any of these kinds in ``[start, end)``."""
    closed, live = split_closed(plan_cover(start, end, common_coverage([coverage[fact] for fact in facts])))
    revisions = tuple(coverage[fact].revision for fact in facts)
    users, sessions = _stored(closed, tuple(facts), revisions)
    tail = newest(live, [coverage[fact] for fact in facts])
    found = _tail(live, facts) if tail is None else _newest_tail(tail, tuple(facts))
    tail_users, tail_sessions, new_users, new_sessions = found
    return Active(
        count_distinct([users, tail_users]) + new_users, count_distinct([sessions, tail_sessions]) + new_sessions
    )


@kept
def _stored(
    segments: tuple[Segment, ...], facts: tuple[str, ...], revisions: tuple[UUID | None, ...]
) -> tuple[bytes, bytes]:
    """The sets of users and of sessions of rolled up segments, kept while the rollups bear these revisions."""
    rows = _read_stored(segments, facts)
    return merge_members(bytes(row[1]) for row in rows), merge_members(bytes(row[2]) for row in rows)


def _read_stored(segments: Sequence[Segment], facts: Sequence[str]) -> list[tuple[datetime, bytes, bytes]]:
    """Bucket, users and sessions of each stored window."""
    conditions: list[str] = []
    params: list[Any] = []
    for grain in (Source.HOUR, Source.DAY):
        chosen = [segment for segment in segments if segment.source is grain]
        if chosen:
            together = grain is Source.DAY and set(facts) == set(EVERY_KIND)
            params += [grain.value, [ANY] if together else list(facts)]
            conditions.append(f"(grain = %s AND fact = ANY(%s) AND {within('bucket', chosen, params)})")
    if not conditions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT bucket, users, sessions FROM analytics_presence WHERE {' OR '.join(conditions)}", params
        )
        return list(cursor.fetchall())


def active_by_week(
    start: datetime, end: datetime, coverage: Mapping[str, RollupCoverage], facts: Sequence[str]
) -> dict[date, bytes]:
    """The users with a fact of any of these kinds as sets (``analytics_app.domain.presence``) by ISO week."""
    closed, live = split_closed(plan_cover(start, end, common_coverage([coverage[fact] for fact in facts])))
    weeks = dict(_stored_weeks(closed, tuple(facts), tuple(coverage[fact].revision for fact in facts)))
    for week, members in _tail_weeks(live, facts).items():
        weeks[week] = merge_members([weeks.get(week, b""), pack_members(members)])
    return weeks


@kept
def _stored_weeks(
    segments: tuple[Segment, ...], facts: tuple[str, ...], revisions: tuple[UUID | None, ...]
) -> dict[date, bytes]:
    parts: dict[date, list[bytes]] = defaultdict(list)
    for bucket, users, _ in _read_stored(segments, facts):
        parts[week_of(bucket)].append(bytes(users))
    return {week: merge_members(found) for week, found in parts.items()}


def _tail_weeks(tail: Sequence[Segment], facts: Sequence[str]) -> dict[date, list[int]]:
    """Numbers by week; those who have none yet are numbered from the end, for this once."""
    if not tail:
        return {}
    params: list[Any] = []
    selects = [
        "SELECT user_id, date_trunc('week', occurred_at, 'UTC')::date AS week"
        f" FROM {sql.SUMMED[fact].table} WHERE {within('occurred_at', tail, params)} AND user_id IS NOT NULL"
        f" AND NOT {sql.SUMMED[fact].reported}"
        for fact in facts
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERED.format(selects=" UNION ".join(selects)), params)
        rows = cursor.fetchall()
    weeks: dict[date, list[int]] = defaultdict(list)
    for week, number in rows:
        weeks[week].append(number)
    return weeks


_NUMBERED = """
    WITH tail AS MATERIALIZED ({selects}),
        people AS MATERIALIZED (
            SELECT user_id, number FROM (SELECT DISTINCT user_id FROM tail) AS users
            LEFT JOIN analytics_user_number ON entity_id = user_id
        ),
        numbered AS (
            SELECT user_id, coalesce(number, (SELECT coalesce(max(number), 0) FROM analytics_user_number)
                                             + row_number() OVER (PARTITION BY number IS NULL)) AS number
            FROM people
        )
    SELECT week, number FROM tail JOIN numbered USING (user_id)
"""


@kept
def _newest_tail(tail: Newest, facts: tuple[str, ...]) -> tuple[bytes, bytes, int, int]:
    return _tail(tail.segments, facts)


def _tail(tail: Sequence[Segment], facts: Sequence[str]) -> tuple[bytes, bytes, int, int]:
    """The sets of those of the tail who have a number, and how many users and sessions have none: they are all new."""
    if not tail:
        return b"", b"", 0, 0
    params: list[Any] = []
    selects = [
        f"SELECT DISTINCT user_id, session_id FROM {sql.SUMMED[fact].table} WHERE {within('occurred_at', tail, params)}"
        f" AND NOT {sql.SUMMED[fact].reported}"
        for fact in facts
    ]
    with connection.cursor() as cursor:
        cursor.execute(_TAIL.format(selects=" UNION ".join(selects)), params)
        user_numbers, user_count, session_numbers, session_count = cursor.fetchone()
    return (
        pack_members(user_numbers), pack_members(session_numbers),
        user_count - len(user_numbers), session_count - len(session_numbers),
    )  # fmt: skip


# The arrays make the planner look each entity up by its index instead of reading all numbers there are.
_TAIL = """
    WITH tail AS MATERIALIZED ({selects}),
        entities AS MATERIALIZED (
            SELECT array_agg(DISTINCT user_id) FILTER (WHERE user_id IS NOT NULL) AS users,
                   array_agg(DISTINCT session_id) FILTER (WHERE session_id IS NOT NULL) AS sessions
            FROM tail
        )
    SELECT ARRAY(SELECT number FROM analytics_user_number WHERE entity_id = ANY((SELECT users FROM entities)::uuid[])),
           coalesce(cardinality(users), 0),
           ARRAY(SELECT number FROM analytics_session_number
                 WHERE entity_id = ANY((SELECT sessions FROM entities)::uuid[])),
           coalesce(cardinality(sessions), 0)
    FROM entities
"""

"""How many distinct users and sessions were active in a range: exact, from stored sets and the live tail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from analytics_app import sql
from analytics_app.domain.buckets import Coverage, Segment, Source, common_coverage, plan_cover
from analytics_app.domain.presence import count_distinct, pack_members
from analytics_app.selectors.figures import within
from analytics_app.services.presence import ANY

EVERY_KIND = tuple(sql.SOURCES)


@dataclass(frozen=True, slots=True)
class Active:
    """Distinct users and sessions with at least one fact."""

    users: int
    sessions: int


def active(
    start: datetime, end: datetime, coverage: Mapping[str, Coverage], facts: Sequence[str] = EVERY_KIND
) -> Active:
    """Distinct users and sessions with a fact of any of these kinds in ``[start, end)``."""
    segments = plan_cover(start, end, common_coverage([coverage[fact] for fact in facts]))
    users, sessions = _stored(segments, facts)
    new_users, new_sessions = _add_tail(segments, facts, users, sessions)
    return Active(count_distinct(users) + new_users, count_distinct(sessions) + new_sessions)


def _stored(segments: Sequence[Segment], facts: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    conditions: list[str] = []
    params: list[Any] = []
    for grain in (Source.HOUR, Source.DAY):
        chosen = [segment for segment in segments if segment.source is grain]
        if chosen:
            together = grain is Source.DAY and set(facts) == set(EVERY_KIND)
            params += [grain.value, [ANY] if together else list(facts)]
            conditions.append(f"(grain = %s AND fact = ANY(%s) AND {within('bucket', chosen, params)})")
    if not conditions:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT users, sessions FROM analytics_presence WHERE {' OR '.join(conditions)}", params)
        rows = cursor.fetchall()
    return [bytes(users) for users, _ in rows], [bytes(sessions) for _, sessions in rows]


def _add_tail(
    segments: Sequence[Segment], facts: Sequence[str], users: list[bytes], sessions: list[bytes]
) -> tuple[int, int]:
    """Add those of the tail who have a number to the sets; return how many have none: they are all new."""
    tail = [segment for segment in segments if segment.source is Source.RAW]
    if not tail:
        return 0, 0
    params: list[Any] = []
    selects = [
        f"SELECT DISTINCT user_id, session_id FROM {sql.SOURCES[fact].table} WHERE {within('occurred_at', tail, params)}"
        for fact in facts
    ]
    with connection.cursor() as cursor:
        cursor.execute(_TAIL.format(selects=" UNION ".join(selects)), params)
        user_numbers, user_count, session_numbers, session_count = cursor.fetchone()
    users.append(pack_members(user_numbers))
    sessions.append(pack_members(session_numbers))
    return user_count - len(user_numbers), session_count - len(session_numbers)


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

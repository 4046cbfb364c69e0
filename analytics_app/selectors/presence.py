"""How many distinct users and sessions were active in a range: exact, from stored sets and the live tail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from analytics_app import sql
from analytics_app.domain.buckets import Coverage, Segment, Source, plan_cover
from analytics_app.domain.presence import Members, count_distinct, members_from_wire
from analytics_app.selectors.figures import within


@dataclass(frozen=True, slots=True)
class Active:
    """Distinct users and sessions with at least one fact."""

    users: int
    sessions: int


def active(
    start: datetime, end: datetime, coverage: Mapping[str, Coverage], facts: Collection[str] = tuple(sql.SOURCES)
) -> Active:
    """Distinct users and sessions with a fact of any of these kinds in ``[start, end)``."""
    stored: list[str] = []
    raw: list[str] = []
    stored_params: list[Any] = []
    raw_params: list[Any] = []
    for fact in facts:
        segments = plan_cover(start, end, coverage[fact])
        for grain in (Source.HOUR, Source.DAY):
            chosen = [segment for segment in segments if segment.source is grain]
            if chosen:
                stored_params += [fact, grain.value]
                stored.append(f"(fact = %s AND grain = %s AND {within('bucket', chosen, stored_params)})")
        tail = [segment for segment in segments if segment.source is Source.RAW]
        if tail:
            raw.append(_raw_select(sql.SOURCES[fact].table, tail, raw_params))
    users, sessions = _stored_members(stored, stored_params)
    raw_users, raw_sessions = _raw_entities(raw, raw_params)
    return Active(_count(users, raw_users), _count(sessions, raw_sessions))


def _raw_select(table: str, tail: list[Segment], params: list[Any]) -> str:
    return f"SELECT DISTINCT user_id, session_id FROM {table} WHERE {within('occurred_at', tail, params)}"


def _stored_members(conditions: list[str], params: list[Any]) -> tuple[list[Members], list[Members]]:
    if not conditions:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_send(users), array_send(sessions) FROM analytics_presence WHERE {' OR '.join(conditions)}",
            params,
        )
        rows = cursor.fetchall()
    return [members_from_wire(bytes(row[0])) for row in rows], [members_from_wire(bytes(row[1])) for row in rows]


def _raw_entities(selects: list[str], params: list[Any]) -> tuple[set[Any], set[Any]]:
    if not selects:
        return set(), set()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(selects), params)
        rows = cursor.fetchall()
    return {user for user, _ in rows if user is not None}, {session for _, session in rows if session is not None}


def _count(stored: list[Members], raw: set[Any]) -> int:
    """Raw entities are counted by their numbers; those without one have never been rolled up and are all new."""
    if not raw:
        return count_distinct(stored)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM analytics_subject WHERE entity_id = ANY(%s)", [list(raw)])
        numbers = np.array([number for (number,) in cursor.fetchall()], dtype=np.int64)
    return count_distinct([*stored, numbers]) + len(raw) - numbers.size

"""Export and erasure of one person's facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from analytics_app.domain.facts import KINDS, TOKEN_USAGE
from analytics_app.models import (
    ErasedEntity,
    SessionAnalytics,
    SessionNumber,
    SessionRollup,
    SpendReservation,
    UserNumber,
    UserRollup,
)
from sessions_app.selectors.sessions import session_ids_of
from tutor_project.common.privacy import ExportedFile

log = structlog.get_logger(__name__)

NOTED = timedelta(days=3)
"""Longer than any outage in which a process keeps facts in its memory."""


def person_export(*, user_id: UUID) -> Iterator[dict[str, Any]]:
    """Everything analytics holds about one person: kept facts, session analytics and model calls, as plain values."""
    for name, kind in KINDS.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {kind.table} WHERE user_id = %s ORDER BY occurred_at, id", [user_id])
            columns = [column.name for column in cursor.description]
            while rows := cursor.fetchmany(1000):
                for row in rows:
                    yield {"kind": name, **dict(zip(columns, row, strict=True))}
    for analytics in SessionAnalytics.objects.filter(user_id=user_id).values():
        yield {"kind": "session_analytics", **analytics}
    for call in SpendReservation.objects.filter(user_id=user_id).values():
        yield {"kind": "model_call", **call}


def person_erase(*, user_id: UUID, session_ids: Sequence[UUID] = ()) -> dict[str, int]:
    """Remove one person's facts and figures; returns what was removed, by name.

    Facts are deleted, except what was spent: token usage stays without the person, so that money still adds up (what
    their client reported of it goes: it may say anything, and no money was spent by it). The
    hours concerned are rolled up anew; totals of hours whose facts are gone stay, and name nobody.
    ``session_ids`` are the person's sessions.
    """
    sessions = list(session_ids)
    removed: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, kind in KINDS.items():
            if name == TOKEN_USAGE.name:
                cursor.execute(_DELETE_REPORTED, {"user": user_id, "sessions": sessions})
                removed["reported_usage"] = int(cursor.fetchone()[0])
            cursor.execute(
                _FORGET if name == TOKEN_USAGE.name else _DELETE.format(table=kind.table, fact=name),
                {"user": user_id, "sessions": sessions},
            )
            removed[name] = int(cursor.fetchone()[0])
        removed["user_rollups"] = UserRollup.objects.filter(user_id=user_id).delete()[0]
        removed["session_rollups"] = SessionRollup.objects.filter(session_id__in=sessions).delete()[0]
        removed["session_analytics"] = SessionAnalytics.objects.filter(user_id=user_id).delete()[0]
        removed["user_numbers"] = UserNumber.objects.filter(entity_id=user_id).delete()[0]
        removed["session_numbers"] = SessionNumber.objects.filter(entity_id__in=sessions).delete()[0]
        removed["model_calls"] = SpendReservation.objects.filter(user_id=user_id).update(
            user_id=None, session_id=None, folder_id=None
        )
        cursor.execute("DELETE FROM analytics_spend_counter WHERE scope = 'user' AND scope_id = %s", [str(user_id)])
        removed["spend_counters"] = cursor.rowcount
        cursor.execute("DELETE FROM analytics_stale_session WHERE session_id = ANY(%s)", [sessions])
    log.info("person_erased", removed=removed)
    return removed


_MARK = """
    , marked AS (
        INSERT INTO analytics_stale_window (fact, grain, bucket)
        SELECT DISTINCT '{fact}', 'hour', date_trunc('hour', occurred_at, 'UTC') FROM touched
    )
    SELECT count(*) FROM touched
"""
_THEIRS = "user_id = %(user)s OR session_id = ANY(%(sessions)s)"
_DELETE = f"WITH touched AS (DELETE FROM {{table}} WHERE {_THEIRS} RETURNING occurred_at) {_MARK}"
_DELETE_REPORTED = f"""
    WITH touched AS (DELETE FROM {TOKEN_USAGE.table} WHERE reported AND ({_THEIRS}) RETURNING occurred_at)
    {_MARK.format(fact=TOKEN_USAGE.name)}
"""
_FORGET = f"""
    WITH touched AS (
        UPDATE {TOKEN_USAGE.table}
        SET user_id = NULL, session_id = NULL, folder_id = NULL, call_id = NULL, metadata = NULL
        WHERE {_THEIRS} RETURNING occurred_at
    ) {_MARK.format(fact=TOKEN_USAGE.name)}
"""


def export(user_id: UUID) -> Iterator[ExportedFile]:
    """Yield what ``person_export`` gives as one file."""
    yield "facts.jsonl", person_export(user_id=user_id)


def erase(user_id: UUID) -> dict[str, int]:
    """Remove the person's facts while their sessions are still known, and note both: facts still under way are dropped.

    A second time it removes what came in between, also of the sessions that were noted the first time.
    """
    person = _hashed(user_id)
    sessions = {*session_ids_of(owner_id=user_id), *_late_sessions(person)}
    noted = [ErasedEntity(entity=_hashed(entity), person=person) for entity in (user_id, *sessions)]
    ErasedEntity.objects.bulk_create(noted, ignore_conflicts=True, batch_size=1000)
    return person_erase(user_id=user_id, session_ids=list(sessions))


def _hashed(entity_id: UUID) -> str:
    """Return the hash of an id as PostgreSQL's ``md5(id::text)`` gives it."""
    return hashlib.md5(str(entity_id).encode(), usedforsecurity=False).hexdigest()


def _late_sessions(person: str) -> set[UUID]:
    """Return the noted sessions of an erased person of which facts came in lately."""
    if not ErasedEntity.objects.filter(person=person).exists():
        return set()
    found: set[UUID] = set()
    with connection.cursor() as cursor:
        for kind in KINDS.values():
            cursor.execute(
                f"SELECT DISTINCT session_id FROM {kind.table} WHERE occurred_at >= now() - interval '1 day'"
                " AND md5(session_id::text) IN (SELECT entity FROM analytics_erased_entity WHERE person = %s)",
                [person],
            )
            found |= {session for (session,) in cursor.fetchall()}
    return found


def erased_forget() -> int:
    """Drop the notes of erasures that are so old that nothing can be under way; returns their number."""
    return ErasedEntity.objects.filter(erased_at__lt=timezone.now() - NOTED).delete()[0]

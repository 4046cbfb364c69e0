"""Storing who was there in a window, as part of rolling it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics_app.domain.presence import merge_members, pack_members

ANY = "any"
"""Stands for all kinds of facts together."""

_ENTITIES = {
    "users": ("analytics_user_number", "analytics_rollup_user", "user_id"),
    "sessions": ("analytics_session_number", "analytics_rollup_session", "session_id"),
}


def hour_presence_store(cursor: Any, window: Mapping[str, Any]) -> None:
    """Store the users and sessions of the hour just rolled up, numbering those never seen before."""
    members: dict[str, bytes] = {}
    for name, (numbers, rollup, column) in _ENTITIES.items():
        seen = f"SELECT {column} FROM {rollup} WHERE fact = %(fact)s AND grain = 'hour' AND bucket = %(bucket)s"
        # Asking first keeps the sequence from counting up for those who are known already.
        cursor.execute(
            f"INSERT INTO {numbers} (entity_id) SELECT DISTINCT {column} FROM ({seen}) AS seen WHERE NOT EXISTS"
            f" (SELECT 1 FROM {numbers} AS known WHERE known.entity_id = seen.{column}) ON CONFLICT DO NOTHING",
            window,
        )
        cursor.execute(f"SELECT number FROM {numbers} WHERE entity_id IN ({seen})", window)
        members[name] = pack_members([number for (number,) in cursor.fetchall()])
    _replace(cursor, {**window, "grain": "hour", **members})


def day_presence_store(cursor: Any, window: Mapping[str, Any]) -> None:
    """Store the users and sessions of a day from its hours, for this kind of fact and for all kinds together."""
    cursor.execute(
        "SELECT fact, users, sessions FROM analytics_presence"
        " WHERE grain = 'hour' AND bucket >= %(bucket)s AND bucket < %(end)s",
        window,
    )
    hours = cursor.fetchall()
    for fact in (window["fact"], ANY):
        chosen = [(users, sessions) for kind, users, sessions in hours if fact in (kind, ANY)]
        users = merge_members(bytes(users) for users, _ in chosen)
        sessions = merge_members(bytes(sessions) for _, sessions in chosen)
        _replace(cursor, {**window, "fact": fact, "grain": "day", "users": users, "sessions": sessions})


def _replace(cursor: Any, row: Mapping[str, Any]) -> None:
    cursor.execute(
        "DELETE FROM analytics_presence WHERE fact = %(fact)s AND grain = %(grain)s AND bucket = %(bucket)s", row
    )
    if row["users"] or row["sessions"]:
        cursor.execute(
            "INSERT INTO analytics_presence (fact, grain, bucket, users, sessions)"
            " VALUES (%(fact)s, %(grain)s, %(bucket)s, %(users)s, %(sessions)s)",
            row,
        )

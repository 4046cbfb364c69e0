"""Fair shares of a queue: each job gets a turn when it is created, and the lowest turn goes first.

An owner's next job gets the turn after the last one he has waiting; somebody who has none waiting begins at the turn that
is served now. So two hundred jobs of one owner do not stand before the first of another (start-time fair queueing, Goyal
et al., SIGCOMM 1996, with jobs of equal length). Both figures are the ends of an index: a million waiting cost nothing.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

_WAITING = "FROM jobs_app_job WHERE status = 'pending' AND NOT is_group AND queue = %(queue)s::varchar"
_NEXT_TURN = f"""greatest(
    (SELECT max(turn) + 1 {_WAITING} AND {{owner}}),
    (SELECT min(turn) {_WAITING} AND dispatched_at IS NOT NULL),
    1)"""
_OF_OWNER = _NEXT_TURN.format(owner="owner_id = %(owner)s")
_OF_SYSTEM = _NEXT_TURN.format(owner="owner_id IS NULL")
FIRST_TURN = 0
"""What is to run now, whoever waits."""


def turn_expression(owner_id: UUID | None) -> str:
    """Return the turn of the owner's next job as an SQL expression of the parameters ``owner`` and ``queue``."""
    return _OF_SYSTEM if owner_id is None else _OF_OWNER


def next_turn(*, owner_id: UUID | None, queue: str) -> int:
    """Return the turn of the owner's next job; further ones of the same moment follow one by one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {turn_expression(owner_id)}", {"owner": owner_id, "queue": queue})
        (turn,) = cursor.fetchone()
    return int(turn)

"""Writing facts to their partitions by COPY.

Facts carry unique ids, so writing a batch twice equals writing it once. The windows a batch touches are marked stale in
the same transaction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, connection, transaction
from psycopg import errors as pg_errors

from analytics_app.domain.buckets import floor_hour
from analytics_app.domain.facts import KINDS, TOKEN_USAGE, Fact
from analytics_app.services.partitions import partitions_ensure
from analytics_app.services.prices import price_table

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class WriteReport:
    """``written`` new facts per kind, ``repeated`` ones that were there already, ``expired`` ones of dropped days,
    ``forgotten`` ones of people who were erased meanwhile.
    """

    written: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    expired: int = 0
    forgotten: int = 0

    @property
    def total(self) -> int:
        return sum(self.written.values())


class _Partitions:
    """Days this process knows to have a partition, per fact kind; refilled when the database disagrees."""

    def __init__(self) -> None:
        self._known: dict[str, set[date]] = defaultdict(set)

    def missing(self, fact: str, days: set[date]) -> set[date]:
        """Make partitions for ``days``; returns those that may not have one."""
        unknown = days - self._known[fact]
        if not unknown:
            return set()
        present = partitions_ensure(fact=fact, days=unknown)
        if not connection.in_atomic_block:  # a rollback would take a new partition back
            self._known[fact] |= present
        return unknown - present

    def forget(self, fact: str) -> None:
        self._known[fact].clear()


_partitions = _Partitions()


def facts_write(*, facts: Sequence[Fact]) -> WriteReport:
    """Store ``facts`` in one transaction (or in the caller's, if one is open); returns what was new.

    Raises ``django.db.DatabaseError`` when the database does not take them.
    """
    kept = _without_erased(facts)
    by_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in kept:
        by_kind[fact.kind].append(fact)
    report = WriteReport(forgotten=len(facts) - len(kept))
    with transaction.atomic():
        for kind in sorted(by_kind):
            _write_kind(kind, by_kind[kind], report)
        _mark_sessions(kept)
    return report


def _without_erased(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out the facts of people who were erased while these waited in the buffer of a process."""
    named = [{str(fact.values[place]) for place in _WHOSE[fact.kind]} for fact in facts]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text FROM unnest(%s::uuid[]) AS ids (id)"
            " WHERE md5(id::text) IN (SELECT entity FROM analytics_erased_entity)",
            [list(set().union(*named) - {"None"})],
        )
        erased = {entity for (entity,) in cursor.fetchall()}
    return [fact for fact, names in zip(facts, named, strict=True) if not names & erased] if erased else facts


_WHOSE = {name: [kind.columns.index(column) for column in ("user_id", "session_id")] for name, kind in KINDS.items()}


def fact_write(*, fact: Fact) -> bool:
    """Store one fact with one statement, in the caller's transaction if one is open.

    Returns ``False`` when it was there already, and when its day has no partition: days before the retention have none.
    Raises ``django.db.DatabaseError`` when the database does not take it.
    """
    if _partitions.missing(fact.kind, {fact.occurred_at.date()}):
        return False
    priced = fact.kind == TOKEN_USAGE.name
    values = _priced_rows([fact])[0] if priced else fact.values
    with connection.cursor() as cursor:
        session = fact.values[KINDS[fact.kind].columns.index("session_id")]
        cursor.execute(_insert_one(fact.kind), [*values, fact.kind, floor_hour(fact.occurred_at), session, session])
        return bool(cursor.fetchone()[0])


@cache
def _insert_one(kind: str) -> str:
    columns = KINDS[kind].columns + (("cost_usd",) if kind == TOKEN_USAGE.name else ())
    places = ", ".join("%s::jsonb" if column == "metadata" else "%s" for column in columns)
    return f"""
        WITH added AS (
            INSERT INTO {KINDS[kind].table} ({", ".join(columns)}) VALUES ({places})
            ON CONFLICT (occurred_at, id) DO NOTHING RETURNING 1
        ), window_mark AS (
            INSERT INTO analytics_stale_window (fact, grain, bucket) SELECT %s, 'hour', %s FROM added
        ), session_mark AS (
            INSERT INTO analytics_stale_session (session_id) SELECT %s::uuid FROM added WHERE %s::uuid IS NOT NULL
        )
        SELECT count(*) FROM added
    """


def _mark_sessions(facts: Sequence[Fact]) -> None:
    positions = {name: kind.columns.index("session_id") for name, kind in KINDS.items()}
    sessions = {str(session) for fact in facts if (session := fact.values[positions[fact.kind]]) is not None}
    if sessions:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO analytics_stale_session (session_id) SELECT unnest(%s::uuid[])", [list(sessions)]
            )


def _write_kind(kind: str, facts: list[Fact], report: WriteReport) -> None:
    gone = _partitions.missing(kind, {fact.occurred_at.date() for fact in facts})
    kept = [fact for fact in facts if fact.occurred_at.date() not in gone]
    report.expired += len(facts) - len(kept)
    if not kept:
        return
    rows = _priced_rows(kept) if kind == TOKEN_USAGE.name else [fact.values for fact in kept]
    columns = KINDS[kind].columns + (("cost_usd",) if kind == TOKEN_USAGE.name else ())
    written = _copy_new(kind, columns, rows)
    report.written[kind] = written
    report.repeated += len(rows) - written
    hours = sorted({floor_hour(fact.occurred_at) for fact in kept})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_stale_window (fact, grain, bucket) SELECT %s, 'hour', unnest(%s::timestamptz[])",
            [kind, hours],
        )


def _priced_rows(facts: Iterable[Fact]) -> list[tuple[Any, ...]]:
    prices = price_table()
    position = {column: index for index, column in enumerate(TOKEN_USAGE.columns)}
    model, prompt, completion = (position[name] for name in ("model", "prompt_tokens", "completion_tokens"))
    return [
        (*fact.values, prices.cost(fact.values[model], fact.values[prompt], fact.values[completion], fact.occurred_at))
        for fact in facts
    ]


def _copy_new(kind: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """COPY straight into the table; only when an id is there already go by way of a staging table."""
    table = KINDS[kind].table
    try:
        with transaction.atomic():
            _copy(table, columns, rows)
        return len(rows)
    except IntegrityError as error:
        if isinstance(error.__cause__, pg_errors.CheckViolation):
            _partitions.forget(kind)  # the partition was dropped under us; the caller tries again
        if not isinstance(error.__cause__, pg_errors.UniqueViolation):
            raise
    with connection.cursor() as cursor:
        staging = f"staging_{kind}"
        names = ", ".join(columns)
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {staging} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP")
        cursor.execute(f"TRUNCATE {staging}")
        _copy(staging, columns, rows)
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {staging} ON CONFLICT (occurred_at, id) DO NOTHING"
        )
        return int(cursor.rowcount)


def _copy(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    lines = ["\t".join([_TEXT[type(value)](value) for value in row]) for row in rows]
    data = ("\n".join(lines) + "\n").encode()
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write(data)


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value


_SPECIAL = re.compile(r"[\\\b\f\n\r\t\v]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"})
_TEXT: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "\\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    str: _escaped,
    UUID: str,
    Decimal: str,
    datetime: datetime.isoformat,
}
"""How each type of a fact's values is written in COPY's text format."""

"""The writer behind ``tutor_project.common.events.record``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from analytics_app.domain.errors import FactBatchSize, FactBeforeRetention
from analytics_app.domain.facts import BATCH_LIMIT, INTERACTION, TOKEN_USAGE, Fact, build_fact, with_extras_in_metadata
from analytics_app.models import FactLoss
from analytics_app.services.buffer import BufferState, FactBuffer, close_with_process
from analytics_app.services.partitions import retention_floor
from analytics_app.services.writer import WriteReport, fact_write, facts_write
from tutor_project.common import events
from tutor_project.common.errors import DomainError
from tutor_project.common.models import new_id
from tutor_project.common.threads import in_event_loop

log = structlog.get_logger(__name__)

DURABLE_KINDS = frozenset({INTERACTION.name, TOKEN_USAGE.name})
"""Written at once even when the caller did not ask for it: a learner's own record, and what money depends on."""


def _losses_write(process: str, losses: dict[str, int]) -> None:
    FactLoss.objects.bulk_create(
        FactLoss(process=process, reason=reason, count=count) for reason, count in losses.items() if count
    )


def _batch_write(facts: Sequence[Fact]) -> WriteReport:
    return facts_write(facts=facts)


_buffer = FactBuffer(_batch_write, _losses_write, threaded=settings.FACT_FLUSHER)


def register() -> None:
    """Make this the process's fact writer; called once at start-up."""
    events.register_writer(fact_record)
    if settings.FACT_FLUSHER:
        close_with_process(_buffer)


def fact_record(kind: str, fields: dict[str, Any], *, durable: bool) -> None:
    """Take one fact. Never raises for a bad fact or a full buffer: these are counted and logged.

    ``durable`` facts and those of ``DURABLE_KINDS`` are written in the caller's own transaction, and its rollback takes
    them back; a failing database raises where the caller asked for it or has a transaction open. Others, and on an
    event loop all of them, are buffered and written within about half a second.
    """
    now = datetime.now(UTC)
    try:
        known = with_extras_in_metadata(kind, fields)
        fact = build_fact(kind, known, now=now, floor=retention_floor(now), new_id=new_id)
    except DomainError as error:
        _buffer.lose(error.code, 1)
        log.error("fact_invalid", kind=kind, code=error.code, attr=error.attr)
        return
    if not (durable or kind in DURABLE_KINDS) or in_event_loop():
        _buffer.add(fact)
        return
    try:
        fact_write(fact=fact)
    except DatabaseError:
        if durable or connection.in_atomic_block:
            raise
        _buffer.add(fact)


def facts_record_batch(
    *, kind: str, items: Sequence[Mapping[str, Any]], user_id: UUID | None, now: datetime | None = None
) -> WriteReport:
    """Write 1 to 1,000 facts of one kind, all or none; returns what was new and what was there already.

    Raises ``FactBatchSize`` and the named errors of ``build_fact`` (``attr`` is ``index.field``).
    """
    if not 1 <= len(items) <= BATCH_LIMIT:
        raise FactBatchSize(limit=BATCH_LIMIT, attr="events")
    moment = now or datetime.now(UTC)
    floor = retention_floor(moment)
    facts: list[Fact] = []
    for index, item in enumerate(items):
        fields = dict(item) if user_id is None else {**item, "user_id": user_id}
        try:
            facts.append(build_fact(kind, fields, now=moment, floor=floor, new_id=new_id))
        except DomainError as error:
            error.attr = f"{index}.{error.attr}" if len(items) > 1 else error.attr
            raise
    with transaction.atomic():
        report = facts_write(facts=facts)
        if report.expired:
            raise FactBeforeRetention(floor="the oldest day that is kept", attr="occurred_at")
    return report


def facts_flush() -> bool:
    """Write what this process has buffered, now; ``False`` when the database does not take it."""
    return _buffer.flush()


def buffer_state() -> BufferState:
    """How the buffer of this process is doing."""
    return _buffer.state()


def losses_since(*, since: timedelta) -> dict[str, int]:
    """Facts lost by any process in the last ``since``, by reason."""
    found: dict[str, int] = {}
    for reason, count in FactLoss.objects.filter(recorded_at__gte=datetime.now(UTC) - since).values_list(
        "reason", "count"
    ):
        found[reason] = found.get(reason, 0) + count
    return found

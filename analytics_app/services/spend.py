"""The spending ledger: reserved before each model call, settled after it, both in the database.

Counters per scope and UTC day are locked in one order, so parallel calls queue for a millisecond and can never pass a
limit together. What is reserved counts as spent until it is settled; a reservation nobody settles is booked at its
ceiling, because the call may have been made. A ledger that does not answer refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction

from analytics_app.domain.spend import Balance, SpendScope, caps_from, decide, resets_at, spend_day
from analytics_app.errors import SpendPriceUnknown
from analytics_app.models import SpendReservation
from analytics_app.services.prices import price_table
from tutor_project.common import runtime
from tutor_project.llm.errors import BudgetUnavailable, SpendCapReached
from tutor_project.llm.ports import SpendQuote
from tutor_project.llm.types import Usage

log = structlog.get_logger(__name__)

EXPIRES_AFTER = timedelta(hours=1)
"""Longer than any model call, its retries and its stream can take."""

_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"

ScopeKey = tuple[SpendScope, str]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A handle on the ledger row of one call."""

    call_id: UUID
    amount_usd: Decimal | None


def spend_caps() -> dict[SpendScope, Decimal | None]:
    """The limits in force, in US dollars a day; ``None`` where there is none."""
    return caps_from(
        {
            SpendScope.DAY: runtime.get_float("SPEND_CAP_DAY"),
            SpendScope.FOLDER: runtime.get_float("SPEND_CAP_FOLDER_DAY"),
            SpendScope.USER: runtime.get_float("SPEND_CAP_USER_DAY"),
        }
    )


def scope_keys(*, user_id: object | None, folder_id: object | None) -> list[ScopeKey]:
    """The counters a call touches, in locking order."""
    keys: list[ScopeKey] = [(SpendScope.DAY, "")]
    if folder_id is not None:
        keys.append((SpendScope.FOLDER, str(folder_id)))
    if user_id is not None:
        keys.append((SpendScope.USER, str(user_id)))
    return keys


class SpendLedger:
    """The gateway's spending port, kept in the database."""

    def reserve(self, quote: SpendQuote) -> Reservation:
        """Set aside what the call may cost at most; reserving the same call twice is one reservation.

        Raises ``SpendCapReached``, ``SpendPriceUnknown`` (a limit is set and the model has no price) or
        ``BudgetUnavailable`` (the ledger does not answer).
        """
        try:
            return spend_reserve(quote=quote)
        except DatabaseError as error:
            log.error("spend_ledger_unreachable", error=type(error).__name__, call_id=str(quote.call_id))
            raise BudgetUnavailable from None

    def settle(self, reservation: Any, usage: Usage) -> None:
        """Replace the reservation by what was used; settling twice changes nothing."""
        spend_settle(
            call_id=reservation.call_id,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            measured=usage.measured,
        )


def spend_reserve(*, quote: SpendQuote, now: datetime | None = None) -> Reservation:
    """Reserve one call (see ``SpendLedger.reserve``); raises ``DatabaseError`` when the ledger does not answer."""
    moment = now or datetime.now(UTC)
    caps = spend_caps()
    price = price_table().price_of(quote.model, moment)
    if price is None and any(cap is not None for cap in caps.values()):
        raise SpendPriceUnknown(model=quote.model)
    amount = None if price is None else price.cost(quote.prompt_tokens, quote.max_output_tokens)
    day = spend_day(moment)
    keys = scope_keys(user_id=quote.user_id, folder_id=quote.folder_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK_TIMEOUT)
        cursor.execute(_NEW_RESERVATION, _reservation_row(quote, day, amount))
        if not cursor.rowcount:
            known = SpendReservation.objects.get(pk=quote.call_id)
            return Reservation(known.pk, known.reserved_usd)
        balances = _lock_balances(cursor, day, keys, caps)
        refusal = decide(balances, amount or Decimal(0))
        if refusal is not None:
            raise SpendCapReached(
                scope=refusal.scope.value,
                resets_at=resets_at(day).isoformat(),
                retry_after_seconds=max((resets_at(day) - moment).total_seconds(), 1),
            )
        if amount:
            _add(cursor, day, keys, spent=Decimal(0), reserved=amount)
    return Reservation(quote.call_id, amount)


def spend_settle(*, call_id: UUID, prompt_tokens: int, completion_tokens: int, measured: bool) -> Decimal | None:
    """Book what a call really used, also after its reservation expired; returns its cost, ``None`` without a price."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK_TIMEOUT)
        row = SpendReservation.objects.select_for_update().filter(pk=call_id).first()
        if row is None or row.state == SpendReservation.State.SETTLED:
            return row.settled_usd if row else None
        cost = price_table().cost(row.model, prompt_tokens, completion_tokens, row.created_at)
        reserved = row.reserved_usd or Decimal(0)
        held = reserved if row.state == SpendReservation.State.RESERVED else Decimal(0)
        already_spent = reserved - held
        _lock_balances(cursor, row.day, _keys_of(row), {})
        _add(cursor, row.day, _keys_of(row), spent=(cost or Decimal(0)) - already_spent, reserved=-held)
        row.state, row.settled_usd, row.measured = SpendReservation.State.SETTLED, cost, measured
        row.prompt_tokens, row.completion_tokens, row.settled_at = prompt_tokens, completion_tokens, datetime.now(UTC)
        row.save(update_fields=["state", "settled_usd", "measured", "prompt_tokens", "completion_tokens", "settled_at"])
        return cost


def spend_expire(*, now: datetime | None = None, limit: int = 1000) -> int:
    """Book abandoned reservations at their ceiling; returns how many."""
    before = (now or datetime.now(UTC)) - EXPIRES_AFTER
    stale = SpendReservation.objects.filter(state=SpendReservation.State.RESERVED, created_at__lt=before)
    expired = 0
    for call_id in list(stale.order_by("created_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic(), connection.cursor() as cursor:
            row = SpendReservation.objects.select_for_update().get(pk=call_id)
            if row.state != SpendReservation.State.RESERVED:
                continue
            amount = row.reserved_usd or Decimal(0)
            _lock_balances(cursor, row.day, _keys_of(row), {})
            _add(cursor, row.day, _keys_of(row), spent=amount, reserved=-amount)
            row.state, row.settled_usd, row.measured = SpendReservation.State.EXPIRED, row.reserved_usd, False
            row.save(update_fields=["state", "settled_usd", "measured"])
            expired += 1
    if expired:
        log.warning("spend_reservations_expired", count=expired)
    return expired


def _keys_of(row: SpendReservation) -> list[ScopeKey]:
    return scope_keys(user_id=row.user_id, folder_id=row.folder_id)


def _reservation_row(quote: SpendQuote, day: date, amount: Decimal | None) -> dict[str, Any]:
    return {
        "id": quote.call_id,
        "day": day,
        "user_id": quote.user_id,
        "folder_id": quote.folder_id,
        "session_id": quote.session_id,
        "model": quote.model,
        "phase": quote.phase,
        "feature": quote.feature,
        "amount": amount,
    }


def _lock_balances(
    cursor: Any, day: date, keys: Sequence[ScopeKey], caps: dict[SpendScope, Decimal | None]
) -> list[Balance]:
    """Make and lock the counters one after the other, always in the same order: no two calls can deadlock."""
    balances = []
    for scope, scope_id in keys:
        params = [day, scope.value, scope_id]
        cursor.execute(_NEW_COUNTER, params)
        cursor.execute(_LOCK_COUNTER, params)
        spent, reserved = cursor.fetchone()
        balances.append(Balance(scope, caps.get(scope), spent, reserved))
    return balances


def _add(cursor: Any, day: date, keys: Sequence[ScopeKey], *, spent: Decimal, reserved: Decimal) -> None:
    for scope, scope_id in keys:
        cursor.execute(_ADD_TO_COUNTER, [spent, reserved, day, scope.value, scope_id])


_NEW_RESERVATION = """
    INSERT INTO analytics_spend_reservation
        (id, day, user_id, folder_id, session_id, model, phase, feature, state, reserved_usd, created_at)
    VALUES (%(id)s, %(day)s, %(user_id)s, %(folder_id)s, %(session_id)s, %(model)s, %(phase)s, %(feature)s,
            'reserved', %(amount)s, now())
    ON CONFLICT (id) DO NOTHING
"""
_NEW_COUNTER = """
    INSERT INTO analytics_spend_counter (day, scope, scope_id, spent_usd, reserved_usd) VALUES (%s, %s, %s, 0, 0)
    ON CONFLICT DO NOTHING
"""
_LOCK_COUNTER = """
    SELECT spent_usd, reserved_usd FROM analytics_spend_counter
    WHERE day = %s AND scope = %s AND scope_id = %s FOR UPDATE
"""
_ADD_TO_COUNTER = """
    UPDATE analytics_spend_counter
    SET spent_usd = greatest(spent_usd + %s, 0), reserved_usd = greatest(reserved_usd + %s, 0)
    WHERE day = %s AND scope = %s AND scope_id = %s
"""

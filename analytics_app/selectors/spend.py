"""What is left of the spending limits, and what a run would cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from analytics_app.domain.spend import Balance, SpendScope, resets_at, spend_day
from analytics_app.models import SpendCounter
from analytics_app.services.prices import price_table
from analytics_app.services.spend import scope_keys, spend_caps


@dataclass(frozen=True, slots=True)
class Remaining:
    """What may still be spent today, in US dollars; ``remaining_usd`` is the tightest limit's, ``None`` without any."""

    remaining_usd: Decimal | None
    balances: tuple[Balance, ...]
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """Cost of a run before it starts; ``cost_usd`` and ``fits`` are ``None`` when the model has no price."""

    model: str
    cost_usd: Decimal | None
    remaining_usd: Decimal | None
    fits: bool | None


def spend_remaining(*, user_id: UUID | None, folder_id: UUID | None = None, now: datetime | None = None) -> Remaining:
    """What is left today for this user (in this folder)."""
    day = spend_day(now or datetime.now(UTC))
    caps = spend_caps()
    keys = scope_keys(user_id=user_id, folder_id=folder_id)
    rows = SpendCounter.objects.filter(day=day, scope_id__in=[scope_id for _, scope_id in keys])
    counters = {(row.scope, row.scope_id): row for row in rows}
    balances = []
    for scope, scope_id in keys:
        row = counters.get((scope.value, scope_id))
        spent, reserved = (row.spent_usd, row.reserved_usd) if row else (Decimal(0), Decimal(0))
        balances.append(Balance(scope, caps[scope], spent, reserved))
    limits = [balance.remaining_usd for balance in balances if balance.remaining_usd is not None]
    return Remaining(min(limits, default=None), tuple(balances), resets_at(day))


def spend_estimate(
    *,
    model: str,
    prompt_tokens: int,
    completion_tokens: int,
    calls: int = 1,
    user_id: UUID | None,
    folder_id: UUID | None = None,
) -> Estimate:
    """What ``calls`` calls of this size cost by the price in force, and whether they fit under the limits."""
    cost = price_table().cost(model, prompt_tokens * calls, completion_tokens * calls, datetime.now(UTC))
    remaining = spend_remaining(user_id=user_id, folder_id=folder_id).remaining_usd
    fits = None if cost is None else remaining is None or cost <= remaining
    return Estimate(model, cost, remaining, fits)


def visible_balances(remaining: Remaining) -> list[Balance]:
    """The balances a learner may see: their own and their folder's, not what everybody together spent."""
    return [balance for balance in remaining.balances if balance.scope is not SpendScope.DAY]

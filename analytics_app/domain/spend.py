"""Decisions about spending limits.

A limit applies to one scope (a user, a folder, everybody) and one UTC day. What counts against it is what was spent
plus what is reserved, so calls in flight cannot pass it together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum


class SpendScope(StrEnum):
    """What a limit is kept for; the order is the order in which counters are locked."""

    DAY = "day"
    FOLDER = "folder"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Balance:
    """One counter in US dollars; ``cap_usd`` is ``None`` where no limit is set."""

    scope: SpendScope
    cap_usd: Decimal | None
    spent_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)

    @property
    def remaining_usd(self) -> Decimal | None:
        """What may still be reserved, never below zero; ``None`` without a limit."""
        if self.cap_usd is None:
            return None
        return max(self.cap_usd - self.spent_usd - self.reserved_usd, Decimal(0))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reservation is refused: the scope whose limit leaves no room."""

    scope: SpendScope
    remaining_usd: Decimal


def decide(balances: Iterable[Balance], amount_usd: Decimal) -> Refusal | None:
    """``None`` when ``amount_usd`` fits under every limit, else the refusal of the tightest one."""
    refusals = [
        Refusal(balance.scope, balance.remaining_usd)
        for balance in balances
        if balance.remaining_usd is not None and amount_usd > balance.remaining_usd
    ]
    return min(refusals, key=lambda refusal: refusal.remaining_usd, default=None)


def cap_of(setting: float | Decimal) -> Decimal | None:
    """A runtime setting as a limit in US dollars: zero and below mean none."""
    amount = Decimal(str(setting))
    return amount if amount > 0 else None


def caps_from(settings: Mapping[SpendScope, float | Decimal]) -> dict[SpendScope, Decimal | None]:
    """Limits per scope from their runtime settings."""
    return {scope: cap_of(value) for scope, value in settings.items()}


def spend_day(moment: datetime) -> date:
    """The UTC day a call made at ``moment`` counts for."""
    return moment.astimezone(UTC).date()


def resets_at(day: date) -> datetime:
    """When the limits of ``day`` start anew."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)

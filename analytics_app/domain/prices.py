"""The dated price table.

A price holds for exactly one model name from one moment on, until the model's next entry. Nothing is guessed: a model
without an entry (or before its first one) costs ``None`` and is flagged wherever its cost is shown. A local model
costs zero only when an entry declares it local.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from analytics_app.domain.errors import PriceInvalid

COST_PLACES = Decimal("0.000000000001")
"""Costs are kept to 10**-12 US dollars: a price of six decimals per million tokens times whole tokens is exact."""

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """Price of ``model`` (exact name) from ``valid_from`` on, in US dollars per million tokens."""

    model: str
    valid_from: datetime
    prompt_usd: Decimal
    completion_usd: Decimal
    local: bool = False
    source: str = ""

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """Cost in US dollars, exact to twelve decimals."""
        if self.local:
            return Decimal(0)
        cost = (self.prompt_usd * prompt_tokens + self.completion_usd * completion_tokens) / _MILLION
        return cost.quantize(COST_PLACES)


class PriceTable:
    """Prices by exact model name and time."""

    def __init__(self, prices: Iterable[Price]) -> None:
        by_model: dict[str, list[Price]] = defaultdict(list)
        for price in prices:
            by_model[price.model].append(price)
        self._by_model = {model: sorted(entries, key=_valid_from) for model, entries in by_model.items()}

    def price_of(self, model: str, at: datetime) -> Price | None:
        """The price in force at ``at``; ``None`` when the model is unknown or not yet priced then."""
        entries = self._by_model.get(model, [])
        index = bisect_right(entries, at, key=_valid_from)
        return entries[index - 1] if index else None

    def cost(self, model: str, prompt_tokens: int, completion_tokens: int, at: datetime) -> Decimal | None:
        """Cost in US dollars of one call; ``None`` when the price is unknown."""
        price = self.price_of(model, at)
        return None if price is None else price.cost(prompt_tokens, completion_tokens)

    def entries(self, model: str) -> list[Price]:
        """The model's prices, oldest first."""
        return list(self._by_model.get(model, []))

    def models(self) -> list[str]:
        """Model names with a price, sorted."""
        return sorted(self._by_model)


def _valid_from(price: Price) -> datetime:
    return price.valid_from


def parse_price(entry: Mapping[str, Any]) -> Price:
    """One entry of the data file: ``{model, valid_from, prompt_usd, completion_usd, source}`` or ``{model, local: true}``.

    Raises ``PriceInvalid`` naming what is wrong.
    """
    model = entry.get("model")
    if not isinstance(model, str) or not model.strip() or model != model.strip():
        raise PriceInvalid(model=str(model), reason="model must be the exact name calls are booked under")
    try:
        valid_from = datetime.combine(date.fromisoformat(str(entry["valid_from"])), datetime.min.time(), UTC)
    except (KeyError, ValueError) as error:
        raise PriceInvalid(model=model, reason="valid_from must be a date") from error
    local = entry.get("local", False)
    if not isinstance(local, bool):
        raise PriceInvalid(model=model, reason="local must be true or false")
    prompt_usd = _rate(model, entry, "prompt_usd", local)
    completion_usd = _rate(model, entry, "completion_usd", local)
    return Price(model, valid_from, prompt_usd, completion_usd, local, str(entry.get("source", "")))


def _rate(model: str, entry: Mapping[str, Any], field: str, local: bool) -> Decimal:
    if local:
        if entry.get(field) not in (None, 0, "0"):
            raise PriceInvalid(model=model, reason="a local model has no price")
        return Decimal(0)
    try:
        rate = Decimal(str(entry[field]))
    except (KeyError, InvalidOperation) as error:
        raise PriceInvalid(model=model, reason=f"{field} must be dollars per million tokens") from error
    if not rate.is_finite() or rate < 0 or rate != rate.quantize(Decimal("0.000001")):
        raise PriceInvalid(model=model, reason=f"{field} must be a positive amount with at most six decimals")
    return rate

"""Prices and spending limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_app.domain.errors import PriceInvalid
from analytics_app.domain.prices import Price, PriceTable, parse_price
from analytics_app.domain.rollups import Measures
from analytics_app.domain.spend import Balance, SpendScope, cap_of, decide, resets_at, spend_day

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
TABLE = PriceTable(
    [
        Price("openai:gpt", APRIL, Decimal("2"), Decimal("8")),
        Price("openai:gpt", MARCH, Decimal("2.5"), Decimal("10")),
        Price("ollama:own", MARCH, Decimal(0), Decimal(0), local=True),
    ]
)
AMOUNTS = st.decimals(min_value=0, max_value=100, places=6)


def test_the_price_in_force_at_the_time_counts() -> None:
    assert TABLE.cost("openai:gpt", 1_000_000, 0, MARCH) == Decimal("2.5")
    assert TABLE.cost("openai:gpt", 1_000_000, 0, APRIL - timedelta(seconds=1)) == Decimal("2.5")
    assert TABLE.cost("openai:gpt", 1_000_000, 0, APRIL) == Decimal(2)


@pytest.mark.parametrize("model", ["openai:gpt-mini", "OpenAI:gpt", "gpt", "openai:gpt ", "", "ollama:other"])
def test_only_the_exact_name_has_a_price(model: str) -> None:
    assert TABLE.cost(model, 10, 10, APRIL) is None


def test_before_its_first_price_a_model_has_none() -> None:
    assert TABLE.cost("openai:gpt", 1, 1, MARCH - timedelta(seconds=1)) is None


def test_local_is_free_only_when_declared() -> None:
    assert TABLE.cost("ollama:own", 10**6, 10**6, APRIL) == 0


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_costs_add_up_exactly(a: int, b: int, c: int) -> None:
    price = Price("m", MARCH, Decimal("0.123457"), Decimal("0.000001"))
    assert price.cost(a, c) + price.cost(b, 0) == price.cost(a + b, c)


def test_an_unknown_cost_is_never_shown_as_zero() -> None:
    assert Measures(count=3, unpriced=3).known_cost_usd is None
    assert Measures(count=3, unpriced=1, cost_usd=Decimal(2)).known_cost_usd == 2
    assert Measures(count=3).known_cost_usd == 0


GOOD: dict[str, Any] = {"model": "m", "valid_from": "2026-01-01", "prompt_usd": "0.15", "completion_usd": "0.6"}


@pytest.mark.parametrize(
    "change",
    [
        {"model": ""}, {"model": " m"}, {"model": None}, {"valid_from": "soon"}, {"valid_from": None},
        {"prompt_usd": "-1"}, {"prompt_usd": "NaN"}, {"prompt_usd": None}, {"completion_usd": "0.00000001"},
        {"local": "yes"}, {"local": True},
    ],
)  # fmt: skip
def test_malformed_price_entries_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PriceInvalid):
        parse_price(GOOD | change)


def test_a_good_price_entry_is_read() -> None:
    assert parse_price(GOOD).cost(1_000_000, 1_000_000) == Decimal("0.75")
    assert parse_price({"model": "own", "valid_from": "2026-01-01", "local": True}).local


@given(st.lists(st.tuples(st.sampled_from(SpendScope), st.none() | AMOUNTS, AMOUNTS, AMOUNTS), max_size=4), AMOUNTS)
def test_a_call_is_let_through_exactly_when_it_fits_under_every_limit(rows: list[Any], amount: Decimal) -> None:
    balances = [Balance(*row) for row in rows]
    fits = all(
        balance.cap_usd is None or amount == 0 or balance.spent_usd + balance.reserved_usd + amount <= balance.cap_usd
        for balance in balances
    )
    assert (decide(balances, amount) is None) == fits


def test_zero_means_no_limit_and_days_are_utc() -> None:
    assert cap_of(0.0) is None
    assert cap_of(0.1) == Decimal("0.1")
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert spend_day(late.astimezone()) == late.date()
    assert resets_at(late.date()) == datetime(2026, 3, 2, tzinfo=UTC)

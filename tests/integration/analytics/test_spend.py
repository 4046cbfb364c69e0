"""Money: reserved before, settled after, never over the limit, refused when the ledger does not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection

from analytics_app.domain.spend import SpendScope
from analytics_app.errors import SpendPriceUnknown
from analytics_app.models import SpendCounter, SpendReservation
from analytics_app.selectors.spend import spend_estimate, spend_remaining
from analytics_app.services import spend
from analytics_app.services.prices import price_set
from tutor_project.llm.errors import BudgetUnavailable, SpendCapReached
from tutor_project.llm.ports import SpendQuote
from tutor_project.llm.types import Usage

MODEL = "openai:priced"


@pytest.fixture
def caps(monkeypatch: pytest.MonkeyPatch) -> dict[SpendScope, Decimal | None]:
    limits: dict[SpendScope, Decimal | None] = dict.fromkeys(SpendScope)
    monkeypatch.setattr(spend, "spend_caps", lambda: limits)
    monkeypatch.setattr("analytics_app.selectors.spend.spend_caps", lambda: limits)
    return limits


@pytest.fixture
def priced(db: None) -> None:
    """One dollar a million tokens either way."""
    price_set(model=MODEL, valid_from=datetime(2020, 1, 1).date(), prompt_usd=Decimal(1), completion_usd=Decimal(1))


@pytest.fixture
def user(db: None) -> Any:
    return get_user_model().objects.create_user("spender", password="x")


def quote(user: Any = None, folder: Any = None, **given: Any) -> SpendQuote:
    fields: dict[str, Any] = {
        "call_id": uuid4(),
        "user_id": str(user.pk) if user else None,
        "folder_id": folder,
        "session_id": None,
        "model": MODEL,
        "phase": "generation",
        "feature": "quiz",
        "prompt_tokens": 600_000,
        "max_output_tokens": 400_000,
    }
    return SpendQuote(**(fields | given))


def balance(scope: SpendScope) -> tuple[Decimal, Decimal]:
    row = SpendCounter.objects.get(scope=scope.value)
    return row.spent_usd, row.reserved_usd


@pytest.mark.django_db
def test_settlement_replaces_the_reservation_by_what_was_used(caps: Any, priced: None, user: Any) -> None:
    ledger = spend.SpendLedger()
    reservation = ledger.reserve(quote(user, folder=str(uuid4())))
    for scope in SpendScope:
        assert balance(scope) == (Decimal(0), Decimal(1))
    ledger.settle(reservation, Usage(200_000, 50_000, measured=True))
    ledger.settle(reservation, Usage(900_000, 50_000, measured=True))
    for scope in SpendScope:
        assert balance(scope) == (Decimal("0.25"), Decimal(0))
    row = SpendReservation.objects.get()
    assert (row.state, row.settled_usd, row.measured) == ("settled", Decimal("0.25"), True)


@pytest.mark.django_db
def test_reserving_the_same_call_twice_is_one_reservation(caps: Any, priced: None, user: Any) -> None:
    once = quote(user)
    assert spend.SpendLedger().reserve(once) == spend.SpendLedger().reserve(once)
    assert balance(SpendScope.USER) == (Decimal(0), Decimal(1))


@pytest.mark.django_db
@pytest.mark.parametrize("scope", list(SpendScope))
def test_each_limit_refuses_what_does_not_fit_and_leaves_nothing_reserved(
    caps: Any, priced: None, user: Any, scope: SpendScope
) -> None:
    caps[scope] = Decimal("1.5")
    ledger, folder = spend.SpendLedger(), str(uuid4())
    ledger.reserve(quote(user, folder))
    with pytest.raises(SpendCapReached) as refusal:
        ledger.reserve(quote(user, folder))
    assert refusal.value.data["scope"] == scope.value
    assert all(balance(other) == (Decimal(0), Decimal(1)) for other in SpendScope)
    assert SpendReservation.objects.count() == 1


@pytest.mark.django_db
def test_a_limit_cannot_be_kept_for_a_model_without_a_price(caps: Any, priced: None, user: Any) -> None:
    ledger = spend.SpendLedger()
    free = ledger.reserve(quote(user, model="acme:unknown"))
    ledger.settle(free, Usage(10, 10, measured=False))
    assert SpendReservation.objects.get().settled_usd is None
    caps[SpendScope.DAY] = Decimal(5)
    with pytest.raises(SpendPriceUnknown):
        ledger.reserve(quote(user, model="acme:unknown"))


@pytest.mark.django_db
def test_a_declared_local_model_costs_nothing_under_any_limit(caps: Any, user: Any) -> None:
    price_set(model="ollama:own", valid_from=datetime(2020, 1, 1).date(), local=True)
    caps[SpendScope.USER] = Decimal("0.000001")
    reservation = spend.SpendLedger().reserve(quote(user, model="ollama:own"))
    assert reservation.amount_usd == 0


@pytest.mark.django_db
def test_an_abandoned_reservation_is_booked_at_its_ceiling_and_settled_late_at_its_cost(
    caps: Any, priced: None, user: Any
) -> None:
    ledger = spend.SpendLedger()
    reservation = ledger.reserve(quote(user))
    assert spend.spend_expire() == 0
    assert spend.spend_expire(now=datetime.now(UTC) + 2 * spend.EXPIRES_AFTER) == 1
    assert balance(SpendScope.USER) == (Decimal(1), Decimal(0))
    ledger.settle(reservation, Usage(100_000, 0, measured=True))
    assert balance(SpendScope.USER) == (Decimal("0.1"), Decimal(0))


@pytest.mark.django_db
def test_a_ledger_that_does_not_answer_refuses(caps: Any, priced: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(**_: Any) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(spend, "spend_reserve", dead)
    with pytest.raises(BudgetUnavailable):
        spend.SpendLedger().reserve(quote())


@pytest.mark.django_db
def test_the_learner_sees_what_the_tightest_limit_leaves(caps: Any, priced: None, user: Any) -> None:
    caps[SpendScope.USER], caps[SpendScope.DAY] = Decimal(3), Decimal(10)
    spend.SpendLedger().reserve(quote(user))
    left = spend_remaining(user_id=user.pk)
    assert left.remaining_usd == Decimal(2)
    assert left.resets_at > datetime.now(UTC)
    estimate = spend_estimate(model=MODEL, prompt_tokens=500_000, completion_tokens=500_000, calls=3, user_id=user.pk)
    assert (estimate.cost_usd, estimate.fits) == (Decimal(3), False)
    unknown = spend_estimate(model="acme:unknown", prompt_tokens=1, completion_tokens=1, user_id=user.pk)
    assert (unknown.cost_usd, unknown.fits) == (None, None)


@pytest.mark.django_db
def test_yesterdays_spending_does_not_count_today(caps: Any, priced: None, user: Any) -> None:
    caps[SpendScope.USER] = Decimal("1.5")
    spend.spend_reserve(quote=quote(user), now=datetime.now(UTC) - timedelta(days=1))
    spend.spend_reserve(quote=quote(user))
    with pytest.raises(SpendCapReached):
        spend.spend_reserve(quote=quote(user))


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_calls_at_the_limit_never_reserve_more_than_it(caps: Any, priced: None, user: Any) -> None:
    caps[SpendScope.USER] = Decimal("7.5")
    granted: list[Any] = []
    refused: list[str] = []

    def call() -> None:
        try:
            granted.append(spend.SpendLedger().reserve(quote(user)))
        except SpendCapReached as error:
            refused.append(error.code)
        finally:
            connection.close()

    run_together(call, 50)
    assert (len(granted), len(refused)) == (7, 43)
    assert balance(SpendScope.USER) == (Decimal(0), Decimal(7))
    for reservation in granted:
        spend.SpendLedger().settle(reservation, Usage(600_000, 400_000, measured=True))
    assert balance(SpendScope.USER) == (Decimal(7), Decimal(0))


def run_together(call: Callable[[], None], times: int) -> None:
    threads = [threading.Thread(target=call) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

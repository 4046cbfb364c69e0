"""What the gateway needs from the rest of the project, as ports that others fill at start-up.

Nothing here knows an app. ``analytics_app`` registers the spending ledger; facts go through
``tutor_project.common.events``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from tutor_project.llm.errors import BudgetUnavailable
from tutor_project.llm.types import Phase, Usage


class FactSink(Protocol):
    """Takes one fact; must not raise for a valid one and must be cheap (it runs beside every call)."""

    def __call__(self, kind: str, /, **fields: Any) -> None:
        """Record the fact."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendQuote:
    """What one call may cost at most. ``call_id`` identifies the call: reserving it twice is one reservation."""

    call_id: UUID
    user_id: str | None
    folder_id: str | None
    session_id: str | None
    model: str
    phase: Phase
    feature: str
    prompt_tokens: int
    max_output_tokens: int


class SpendPort(Protocol):
    """The spending ledger."""

    def reserve(self, quote: SpendQuote) -> Any:
        """Set the quoted amount aside and return a reservation to settle.

        Raises ``SpendCapReached`` when a cap leaves no room and ``BudgetUnavailable`` when the ledger
        does not answer; any other exception is treated as the latter.
        """
        ...

    def settle(self, reservation: Any, usage: Usage) -> None:
        """Replace the reservation by what was used; called exactly once for each reservation."""
        ...


class FailClosedSpend:
    """The ledger before one is registered: nothing may be spent."""

    def reserve(self, quote: SpendQuote) -> Any:
        """Refuse."""
        raise BudgetUnavailable()

    def settle(self, reservation: Any, usage: Usage) -> None:
        """Do nothing: there can be no reservation."""


_spend: SpendPort = FailClosedSpend()


def register_spend_port(port: SpendPort) -> None:
    """Make ``port`` the ledger of this process (called once at start-up)."""
    global _spend
    _spend = port


def spend_port() -> SpendPort:
    """Return the registered ledger, or one that refuses everything."""
    return _spend


PriceBook = Callable[[str, Decimal, Decimal], None]
"""Takes a model's exact name and its price in US dollars per million prompt and completion tokens, from today on."""

_price_book: PriceBook | None = None


def register_price_book(book: PriceBook) -> None:
    """Make ``book`` the one that prices of profiles are written to (called once at start-up)."""
    global _price_book
    _price_book = book


def price_note(model: str, prompt_usd: Decimal, completion_usd: Decimal) -> None:
    """Write a price into the registered book; without one nothing can be priced."""
    if _price_book is not None:
        _price_book(model, prompt_usd, completion_usd)


def record_fact(kind: str, /, **fields: Any) -> None:
    """Send a fact to the project's event port (imported late: the gateway works without Django)."""
    from tutor_project.common import events

    events.record(kind, **fields)

"""The price table: kept in the database, first filled from the data file, edited in the admin."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from analytics_app.domain.prices import Price, PriceTable, parse_price
from analytics_app.models import ModelPrice

DATA_FILE = Path(__file__).resolve().parents[1] / "data" / "prices.json"
MAX_AGE_SECONDS = 30.0


class _Snapshot:
    """The table as this process last read it; a change in the admin is seen within ``MAX_AGE_SECONDS``."""

    def __init__(self) -> None:
        self.table: PriceTable | None = None
        self.loaded_at = float("-inf")
        self.lock = threading.Lock()


_snapshot = _Snapshot()


def price_table() -> PriceTable:
    """Prices in force, at most ``MAX_AGE_SECONDS`` old."""
    table = _snapshot.table
    if table is not None and time.monotonic() - _snapshot.loaded_at < MAX_AGE_SECONDS:
        return table
    with _snapshot.lock:
        _snapshot.table = PriceTable(_price(row) for row in ModelPrice.objects.all())
        _snapshot.loaded_at = time.monotonic()
        return _snapshot.table


def price_table_forget() -> None:
    """Make the next read of this process load the prices again."""
    _snapshot.loaded_at = float("-inf")


def _price(row: ModelPrice) -> Price:
    valid_from = datetime.combine(row.valid_from, datetime.min.time(), UTC)
    return Price(row.model, valid_from, row.prompt_usd, row.completion_usd, row.local, row.source)


def prices_load(*, entries: list[dict[str, Any]] | None = None) -> int:
    """Add the data file's prices that are not in the table yet; what operators edited stays. Returns how many.

    Raises ``PriceInvalid`` for a malformed entry, and then adds none.
    """
    if entries is None:
        entries = json.loads(DATA_FILE.read_text(encoding="utf-8"))["prices"]
    prices = [parse_price(entry) for entry in entries]
    rows = [
        ModelPrice(
            model=price.model,
            valid_from=price.valid_from.date(),
            prompt_usd=price.prompt_usd,
            completion_usd=price.completion_usd,
            local=price.local,
            source=price.source,
        )
        for price in prices
    ]
    with transaction.atomic():
        before = ModelPrice.objects.count()
        ModelPrice.objects.bulk_create(rows, ignore_conflicts=True)
        added = ModelPrice.objects.count() - before
    price_table_forget()
    return added


def price_set(
    *,
    model: str,
    valid_from: date,
    prompt_usd: Decimal = Decimal(0),
    completion_usd: Decimal = Decimal(0),
    local: bool = False,
    source: str = "",
) -> ModelPrice:
    """Add or correct one price, and price the kept calls of the model since then anew."""
    with transaction.atomic():
        row, _ = ModelPrice.objects.update_or_create(
            model=model,
            valid_from=valid_from,
            defaults={"prompt_usd": prompt_usd, "completion_usd": completion_usd, "local": local, "source": source},
        )
        price_table_forget()
        token_usage_reprice(model=model)
    return row


def price_from_today(model: str, prompt_usd: Decimal, completion_usd: Decimal) -> None:
    """Note what a model costs from this day (UTC) on, unless that is what the table says already; nothing: a local one."""
    today = datetime.now(UTC)
    known = PriceTable(_price(row) for row in ModelPrice.objects.filter(model=model)).price_of(model, today)
    if known is not None and (known.prompt_usd, known.completion_usd) == (prompt_usd, completion_usd):
        return
    price_set(
        model=model, valid_from=today.date(), prompt_usd=prompt_usd, completion_usd=completion_usd,
        local=not (prompt_usd or completion_usd), source="model profile",
    )  # fmt: skip


def token_usage_reprice(*, model: str) -> int:
    """Give the kept calls of ``model`` the cost the table now says; returns how many changed.

    Calls whose facts are gone keep the cost of their time.
    """
    table = PriceTable(_price(row) for row in ModelPrice.objects.filter(model=model))
    entries = table.entries(model)
    starts = [price.valid_from for price in entries]
    changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for index, price in enumerate(entries):
            end = starts[index + 1] if index + 1 < len(starts) else None
            cursor.execute(
                _REPRICE,
                {
                    "model": model,
                    "start": price.valid_from,
                    "end": end,
                    "prompt": Decimal(0) if price.local else price.prompt_usd,
                    "completion": Decimal(0) if price.local else price.completion_usd,
                },
            )
            changed += int(cursor.fetchone()[0])
    return changed


_REPRICE = """
    WITH priced AS (
        UPDATE analytics_fact_token_usage
        SET cost_usd = (prompt_tokens * %(prompt)s + completion_tokens * %(completion)s) / 1000000
        WHERE model = %(model)s AND occurred_at >= %(start)s AND (%(end)s::timestamptz IS NULL OR occurred_at < %(end)s)
          AND cost_usd IS DISTINCT FROM
              ((prompt_tokens * %(prompt)s + completion_tokens * %(completion)s) / 1000000)::numeric(24, 12)
        RETURNING date_trunc('hour', occurred_at, 'UTC') AS hour
    ), marked AS (
        INSERT INTO analytics_stale_window (fact, grain, bucket)
        SELECT DISTINCT 'token_usage', 'hour', hour FROM priced
    )
    SELECT count(*) FROM priced
"""

"""Fixtures of the analytics tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from analytics_app.domain.facts import KINDS


@pytest.fixture(autouse=True, scope="session")
def _flush_with_cascade() -> Iterator[None]:
    """Let transactional tests empty tables that tables of swapped-out models still refer to."""
    original = DatabaseOperations.sql_flush

    def cascading(self: DatabaseOperations, *args: object, **options: object) -> list[str]:
        return partial(original, self)(*args, **{**options, "allow_cascade": True})

    DatabaseOperations.sql_flush = cascading
    yield
    DatabaseOperations.sql_flush = original


@pytest.fixture(autouse=True)
def _empty_buffer() -> Iterator[None]:
    """No test sees the buffered facts or the cached prices and partitions of another."""
    from analytics_app.services import prices, recorder, writer

    recorder._buffer.after_fork()
    prices.price_table_forget()
    yield
    for kind in KINDS:
        writer._partitions.forget(kind)
    recorder._buffer.after_fork()
    prices.price_table_forget()

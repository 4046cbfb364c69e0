"""Emptying tables after transactional tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations


@pytest.fixture(autouse=True, scope="session")
def _flush_with_cascade() -> Iterator[None]:
    """Let transactional tests empty tables that tables of swapped-out models still refer to."""
    original = DatabaseOperations.sql_flush

    def cascading(self: DatabaseOperations, *args: object, **options: object) -> list[str]:
        return partial(original, self)(*args, **{**options, "allow_cascade": True})

    DatabaseOperations.sql_flush = cascading
    yield
    DatabaseOperations.sql_flush = original

"""A fixture of all tests of facts and figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analytics_app.domain.facts import KINDS


@pytest.fixture(autouse=True)
def empty_buffer() -> Iterator[None]:
    """No test sees the buffered facts or the cached prices and partitions of another."""
    from analytics_app.services import prices, recorder, writer

    recorder._buffer.after_fork()
    prices.price_table_forget()
    yield
    for kind in KINDS:
        writer._partitions.forget(kind)
    recorder._buffer.after_fork()
    prices.price_table_forget()

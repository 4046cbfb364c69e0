"""Lets an extractor say how far it is without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int], None]

_EVERY = 20
_listener: ContextVar[Listener | None] = ContextVar("extraction_progress", default=None)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Send reports made inside the block to ``listener(pages_done, pages_total)``."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report(done: int, total: int, *, slow: bool = False) -> None:
    """Report pages read so far; every twentieth and the last are passed on, every one of ``slow`` pages."""
    listener = _listener.get()
    if listener is not None and (slow or done % _EVERY == 0 or done == total):
        listener(done, total)

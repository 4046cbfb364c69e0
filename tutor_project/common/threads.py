"""Database work from the event loop: in a thread, with its connection given back at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Return what ``step`` returns, carried out in a thread of its own; the pool has its connection back then."""

    def carried_out() -> T:
        try:
            return step(*arguments, **named)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return await sync_to_async(carried_out, thread_sensitive=False)()

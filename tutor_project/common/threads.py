"""The event loop and threads: where code runs, and database work in a thread that gives its connection back at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")


def in_event_loop() -> bool:
    """Tell whether the caller runs on an event loop, where nothing may wait for the database."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def in_thread(step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Return what ``step`` returns, carried out in a thread of its own; the pool has its connection back then."""

    def carried_out() -> T:
        try:
            return step(*arguments, **named)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return await sync_to_async(carried_out, thread_sensitive=False)()

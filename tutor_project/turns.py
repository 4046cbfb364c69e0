"""Waiting for a turn on the event loop: a request that waits here holds no thread and stands in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class NoTurn(Exception):
    """So many wait already, or the turn did not come in time."""


class Turns:
    """``places`` at a time, ``waiting`` more in the order they came, none of them longer than ``patience`` seconds."""

    def __init__(self, *, places: int, waiting: int, patience: float) -> None:
        self._semaphore = asyncio.Semaphore(places)
        self._room = places + waiting
        self._patience = patience

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Hold a turn; raises NoTurn."""
        if self._room <= 0:
            raise NoTurn
        self._room -= 1
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await self._semaphore.acquire()
            except TimeoutError:
                raise NoTurn from None
            try:
                yield
            finally:
                self._semaphore.release()
        finally:
            self._room += 1


class TurnsByCaller:
    """Turns of each caller apart: whoever sends many requests at once waits behind their own, and nobody else does."""

    def __init__(self, *, places: int, waiting: int, patience: float) -> None:
        self._limits = {"places": places, "waiting": waiting, "patience": patience}
        self._present: dict[str, tuple[Turns, int]] = {}

    @asynccontextmanager
    async def taken(self, caller: str) -> AsyncIterator[None]:
        """Hold a turn of this caller, who is forgotten with the last request; raises NoTurn."""
        turns, number = self._present.get(caller) or (Turns(**self._limits), 0)  # type: ignore[arg-type]
        self._present[caller] = turns, number + 1
        try:
            async with turns.taken():
                yield
        finally:
            _, number = self._present.pop(caller)
            if number > 1:
                self._present[caller] = turns, number - 1

"""Streams that go on for a minute without a reader: who lost the connection takes up the rest with ``Last-Event-ID``.

What makes the events runs in a task of its own on the event loop, and what it made is kept until a minute after nobody reads
any more. A stream that has sent no id cannot be named, so nobody can come back for it: it ends with its reader. Streams live
in the process that began them; what a finished one made is stored by who made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connections

from tutor_project.common.api.sse import StreamEvent

TAKEN_UP_WITHIN = 60.0
"""Seconds for which a stream waits for its reader to come back."""
SENT_AGAIN = frozenset({"citation"})
"""Events that a reader who comes back is sent from the beginning: they share their id with the words before them."""


class LiveStream:
    """The events of one answer: those made so far, and the task that makes the others. Used on one event loop."""

    def __init__(self, scope: str, events: AsyncGenerator[StreamEvent, None], *, patience: float) -> None:
        self._scope, self._events, self._patience = scope, events, patience
        self._made: list[StreamEvent] = []
        self._names: set[str] = set()
        self._readers = 0
        self._news = asyncio.Event()
        self._leaving: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._make())
        self._task.add_done_callback(lambda task: self._tell())

    async def _make(self) -> None:
        # A context of its own: that of the request ends with its connection, and its threads with it.
        async with ThreadSensitiveContext():
            try:
                async with aclosing(self._events) as events:
                    async for event in events:
                        self._made.append(event)
                        if event.id is not None:
                            self._name(event.id)
                        self._tell()
            finally:
                await asyncio.shield(sync_to_async(connections.close_all)())

    def _name(self, event_id: str) -> None:
        name = _name_of(self._scope, event_id)
        self._names.add(name)
        _streams[name] = self

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def read(self, after: str | None = None) -> AsyncGenerator[StreamEvent, None]:
        """Yield the events as they are made, those behind the id ``after`` only; raises what making them raised."""
        seen = _place_of(after, self._made)
        self._readers += 1
        if self._leaving is not None:
            self._leaving.cancel()
        try:
            for event in self._made[:seen]:
                if event.event in SENT_AGAIN:
                    yield event
            while True:
                while seen < len(self._made):
                    seen += 1
                    yield self._made[seen - 1]
                if self._task.done():
                    self._task.result()
                    return
                await self._news.wait()
        finally:
            self._readers -= 1
            if not self._readers:
                await self._left()

    async def _left(self) -> None:
        """Wait for the reader to come back if it can; a call that nobody can come back for ends now."""
        if self._names:
            self._leaving = self._loop.call_later(self._patience, self._end)
            return
        self._task.cancel()
        await asyncio.wait({self._task})

    def _end(self) -> None:
        self._task.cancel()
        for name in self._names:
            _streams.pop(name, None)

    def is_here(self) -> bool:
        """Whether the stream lives on the event loop that runs now."""
        return self._loop is asyncio.get_running_loop()


_streams: dict[str, LiveStream] = {}


def _name_of(scope: str, event_id: str) -> str:
    return f"{scope}/{event_id.partition(':')[0]}"


def _place_of(event_id: str | None, made: list[StreamEvent]) -> int:
    """Return how many events were seen by who has seen this id last."""
    return max((at for at, event in enumerate(made, 1) if event_id is not None and event.id == event_id), default=0)


def is_live(scope: str, event_id: str | None) -> bool:
    """Say whether a stream of ``scope`` that sent this id can be taken up in this process."""
    return event_id is not None and _name_of(scope, event_id) in _streams


async def live(
    scope: str, events: AsyncGenerator[StreamEvent, None], *, patience: float = TAKEN_UP_WITHIN
) -> AsyncIterator[StreamEvent]:
    """Yield ``events``, which go on for ``patience`` seconds when the reader is lost after it has seen an id.

    ``scope`` names where the stream belongs, such as the session: it can be taken up only there.
    """
    reading = LiveStream(scope, events, patience=patience).read()
    async with aclosing(reading):
        async for event in reading:
            yield event


async def taken_up(scope: str, event_id: str) -> AsyncIterator[StreamEvent]:
    """Yield the events behind ``event_id`` of a stream that ``is_live``."""
    stream = _streams.get(_name_of(scope, event_id))
    if stream is None or not stream.is_here():
        return
    reading = stream.read(event_id)
    async with aclosing(reading):
        async for event in reading:
            yield event

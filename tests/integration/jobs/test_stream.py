"""Server-sent events apart from the network: heartbeats, and what an abandoned stream leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tutor_project.common.api.sse import StreamEvent, _frames


async def test_a_silent_stream_is_kept_alive_by_comments_that_lose_no_event() -> None:
    async def slow() -> AsyncIterator[StreamEvent]:
        await asyncio.sleep(0.2)
        yield StreamEvent("done", {"x": 1}, "7")

    frames = [frame async for frame in _frames(slow(), 0.01, "en")]
    assert frames[0] == b": heartbeat\n\n"
    assert frames[-1] == b'event: done\nid: 7\ndata: {"x": 1}\n\n'
    assert set(frames[:-1]) == {b": heartbeat\n\n"}


async def test_a_reader_that_goes_away_ends_the_work_behind_the_stream() -> None:
    ended: list[bool] = []

    async def endless() -> AsyncIterator[StreamEvent]:
        try:
            while True:
                yield StreamEvent("progress", {})
                await asyncio.sleep(60)
        finally:
            ended.append(True)

    stream = _frames(endless(), 0.01, "en")
    await anext(stream)
    assert await anext(stream) == b": heartbeat\n\n"
    await stream.aclose()
    assert ended == [True]

"""The stream of one job's progress: woken by Redis, read from the row, polled when Redis is away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import redis

from jobs_app.api.serializers import JobDetailSerializer
from jobs_app.domain.lifecycle import FINAL
from jobs_app.selectors import jobs as selectors
from jobs_app.services.publishing import channel
from tutor_project.common.api.sse import StreamEvent
from tutor_project.common.redis import async_client
from tutor_project.common.threads import in_thread

POLL_SECONDS = 5.0
COUNTS = ("done", "total")


def _read(job_id: UUID) -> tuple[str, dict[str, Any]] | None:
    """Return ``(event id, body)``."""
    job = selectors.job_state(job_id=job_id)
    if job is None:
        return None
    return f"{job.updated_at.timestamp():.6f}", dict(JobDetailSerializer(job).data)


async def job_events(job_id: UUID, *, last_id: str | None) -> AsyncIterator[StreamEvent]:
    """Yield a ``progress`` event for each change and ``done`` on a final state; ids resume a broken stream.

    While a stage counts what it does (the pages of a file), the event says ``done`` and ``total`` too. They come with the
    message alone: the row keeps the share, which is what outlives a restart.
    """
    async with async_client() as redis_client, redis_client.pubsub() as pubsub:
        listening = await _subscribe(pubsub, channel(job_id))
        seen = last_id
        counted: dict[str, Any] = {}
        while True:
            state = await in_thread(_read, job_id)
            if state is None:
                yield StreamEvent("done", {"id": str(job_id), "status": "deleted"})
                return
            event_id, body = state
            if body["status"] in FINAL:
                yield StreamEvent("done", body, event_id)
                return
            if event_id != seen:
                seen = event_id
                yield StreamEvent("progress", body | _counts(counted, body["stage"]), event_id)
            listening, counted = await _wait(pubsub, listening)


def _counts(message: dict[str, Any], stage: str) -> dict[str, Any]:
    """Return how far the stage is by the message, if the message is about that stage and counts."""
    return {key: message[key] for key in COUNTS if key in message} if message.get("stage") == stage else {}


async def _subscribe(pubsub: Any, name: str) -> bool:
    try:
        await pubsub.subscribe(name)
    except redis.RedisError:
        return False
    return True


async def _wait(pubsub: Any, listening: bool) -> tuple[bool, dict[str, Any]]:
    """Wait for the next message or the poll interval; returns whether Redis can still be listened to, and the message."""
    if not listening:
        await asyncio.sleep(1.0)
        return False, {}
    try:
        async with asyncio.timeout(POLL_SECONDS):
            while (message := await pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_SECONDS)) is None:
                pass
    except TimeoutError:
        return True, {}
    except redis.RedisError:
        return False, {}
    return True, json.loads(message["data"])

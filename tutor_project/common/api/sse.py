"""Server-sent events (WHATWG HTML, section 9.2): typed frames with ids, heartbeats and a clean end.

A stream holds no worker thread and no database connection: it is an async generator under ASGI, and the
request's connection goes back to the pool before the first byte.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.translation import get_language, gettext
from rest_framework.renderers import BaseRenderer, JSONRenderer

from tutor_project.common.errors import DomainError
from tutor_project.common.messages import said
from tutor_project.common.unreachable import outages, unreachable

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event; ``id`` lets a client resume with ``Last-Event-ID``."""

    event: str
    data: Any
    id: str | None = None

    def encode(self) -> bytes:
        """Return the wire form. JSON never holds a raw newline, so one data line is enough."""
        lines = [f"event: {self.event}"]
        if self.id is not None:
            lines.append(f"id: {self.id}")
        lines.append("data: " + json.dumps(self.data, cls=DjangoJSONEncoder, ensure_ascii=False))
        return ("\n".join(lines) + "\n\n").encode()


class EventStreamRenderer(BaseRenderer):
    """Lets content negotiation accept ``text/event-stream``; errors before the stream are still JSON."""

    media_type = "text/event-stream"
    format = "sse"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Render an error that happened before the stream began: the one body of all errors, as JSON."""
        if renderer_context is not None:
            renderer_context["response"]["Content-Type"] = JSONRenderer.media_type
        return bytes(JSONRenderer().render(data))


def event_stream(events: AsyncIterator[StreamEvent], *, heartbeat: float = HEARTBEAT_SECONDS) -> StreamingHttpResponse:
    """Return the streaming response of ``events``; comments keep it alive every ``heartbeat`` seconds."""
    if not connection.in_atomic_block:
        connection.close()
    frames = _frames(events, heartbeat, get_language())
    response = StreamingHttpResponse(frames, content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def _frames(events: AsyncIterator[StreamEvent], heartbeat: float, language: str | None) -> AsyncIterator[bytes]:
    """Encode ``events`` as they come, each made with the ``language`` of the request active."""
    iterator = events.__aiter__()
    pending: asyncio.Task[StreamEvent] | None = None
    try:
        while True:
            if pending is None:
                with translation.override(language):  # a task keeps what was active when it was made
                    pending = asyncio.ensure_future(iterator.__anext__())  # type: ignore[arg-type]
            done, _ = await asyncio.wait({pending}, timeout=heartbeat)
            if not done:
                yield b": heartbeat\n\n"
                continue
            finished, pending = pending, None
            try:
                yield finished.result().encode()
            except StopAsyncIteration:
                return
            except Exception as error:  # noqa: BLE001  every failure is told, and logged where nobody expected it
                with translation.override(language):
                    last = _failure(error).encode()
                yield last
                return
    finally:
        if pending is not None:
            pending.cancel()
            await asyncio.wait({pending})  # a generator that still runs cannot be closed, nor what it holds
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()


def _failure(error: Exception) -> StreamEvent:
    """Return the last event of a stream that ``error`` ended, and log what nobody expected."""
    away = unreachable(error)
    if away is not None:
        outages.note(away, error)
    elif not isinstance(error, DomainError):
        log.exception("event_stream_failed", exc_info=error)
        detail = gettext("The stream broke on our side. Reconnect with Last-Event-ID.")
        return StreamEvent("error", {"code": "error", "detail": detail})
    named = away or error
    assert isinstance(named, DomainError)
    return StreamEvent("error", {"code": named.code, "detail": said(named)})


def last_event_id(request: Any) -> str | None:
    """Return the client's ``Last-Event-ID`` header, if it sent one."""
    value: str | None = request.headers.get("Last-Event-ID")
    return value or None

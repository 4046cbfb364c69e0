"""Answers that wait for something slow without a thread: the view ends, the event loop waits, the client gets one answer.

A view returns ``waiting(request, work)``; ``work`` is a coroutine function that returns the answer. Under the project's
own ASGI application no thread is held meanwhile and a client that leaves cancels the work; anywhere else (WSGI, a test's
client) the view's thread waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.translation import get_language
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from tutor_project.common.api.exceptions import exception_handler
from tutor_project.common.threads import in_thread

ON_EVENT_LOOP = "tutor.event_loop"
"""Set in the WSGI environment by the application that can wait."""


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """What the client is told in the end."""

    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Work = Callable[[], Awaitable[FinalAnswer]]


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


class WaitingResponse(StreamingHttpResponse):
    """Stands for an answer until ``resolve`` has it; its own status and body are never sent, its headers are.

    ``kept`` are called with the answer, in a thread, before it is sent; with None when the client has left.
    """

    def __init__(self, work: Work, request: Any) -> None:
        super().__init__(_nothing(), content_type=JSONRenderer.media_type)
        self._work = work
        self._request = request
        self._language = get_language()
        self.kept: list[Callable[[FinalAnswer | None], None]] = []

    async def resolve(self) -> tuple[int, dict[str, str], bytes]:
        """Return status, further headers and body of the answer; a failure is answered as one of a view."""
        with translation.override(self._language):
            return await self._resolved()

    async def _resolved(self) -> tuple[int, dict[str, str], bytes]:
        try:
            answer = await self._work()
        except asyncio.CancelledError:
            await asyncio.shield(self._tell(None))
            raise
        except Exception as error:  # noqa: BLE001  what every view's failure goes through
            answer = await sync_to_async(_failed, thread_sensitive=False)(error, self._request)
        await self._tell(answer)
        return answer.status, answer.headers, b"" if answer.status == 204 else bytes(JSONRenderer().render(answer.data))

    async def _tell(self, answer: FinalAnswer | None) -> None:
        for keep in self.kept:
            await in_thread(keep, answer)


def _failed(error: Exception, request: Any) -> FinalAnswer:
    view = request.parser_context["view"]
    response = exception_handler(error, {"request": request, "view": view, "args": (), "kwargs": {}})
    if response is None:
        raise error
    headers = {name: response[name] for name in ("Retry-After", "WWW-Authenticate") if response.has_header(name)}
    return FinalAnswer(response.data, response.status_code, headers)


def on_event_loop(request: Any) -> bool:
    """Say whether somebody can wait for this request's answer without a thread."""
    return bool(request.META.get(ON_EVENT_LOOP))


def waiting(request: Any, work: Work) -> Response | WaitingResponse:
    """Return the answer of ``work``, or what stands for it until the event loop has it."""
    if not on_event_loop(request):
        answer = async_to_sync(work)()
        return Response(answer.data, status=answer.status, headers=answer.headers)
    if not connection.in_atomic_block:
        connection.close()
    return WaitingResponse(work, request)

"""HTTP clients for the provider SDKs: no redirects, a deadline for the whole reply, a limit on its size, and no private
addresses for profiles that may not call them.

SDK time-outs bound each silence, so a server that drips one byte a second holds a worker for ever; and SDK
clients follow redirects, which lets a hijacked server point the tutor at internal addresses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any

from tutor_project.llm.addresses import AddressForbidden, ensure_address, ensure_public

MAX_REPLY_BYTES = 8 * 1024 * 1024
CALLS_AT_ONCE, CONNECTIONS_KEPT = 2000, 20


class _Limits:
    """Counts what one response has used of its time and size; ``httpx`` is the library the SDK uses."""

    def __init__(self, httpx: ModuleType, seconds: float) -> None:
        self._httpx = httpx
        self._deadline = time.monotonic() + seconds
        self._bytes_left = MAX_REPLY_BYTES

    def check(self, chunk: bytes) -> None:
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            raise self._httpx.ReadError("the reply is too large")
        if time.monotonic() > self._deadline:
            raise self._httpx.ReadTimeout("the reply took longer than allowed in all")


def _connections(httpx: Any) -> Any:
    """Return how many calls may be under way: who waits for a slow model holds nothing else, so nobody waits for a place.

    The library's own limit is a hundred; the next one would wait in a queue and time out there.
    """
    return httpx.Limits(max_connections=CALLS_AT_ONCE, max_keepalive_connections=CONNECTIONS_KEPT)


def _ensure_allowed(httpx: Any, request: Any) -> None:
    """Refuse a request to a forbidden address before anything is sent; blocks for a look at the name service."""
    try:
        ensure_public(str(request.url), private_allowed=False)
    except AddressForbidden as refused:
        raise httpx.ConnectError(str(refused)) from None


def _ensure_peer(httpx: Any, response: Any) -> None:
    """Refuse a reply from a forbidden address: the name may have changed its address since it was looked up."""
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    if not isinstance(peer, tuple):
        return
    try:
        ensure_address(str(peer[0]), private_allowed=False)
    except AddressForbidden as refused:
        raise httpx.ConnectError(str(refused)) from None


@lru_cache(maxsize=4)
def _sync_class(httpx: Any) -> type[Any]:
    """Return the limited ``Client`` subclass for ``httpx`` or its drop-in successor."""

    class LimitedStream(httpx.SyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any, limits: _Limits) -> None:
            self._stream = stream
            self._limits = limits

        def __iter__(self) -> Iterator[bytes]:
            for chunk in self._stream:
                self._limits.check(chunk)
                yield chunk

        def close(self) -> None:
            self._stream.close()

    class LimitedClient(httpx.Client):  # type: ignore[misc]
        def __init__(self, *, silence: float, total: float | None, private_addresses: bool) -> None:
            super().__init__(
                timeout=silence, follow_redirects=False, trust_env=private_addresses, limits=_connections(httpx)
            )
            self._total = total
            self._private_addresses = private_addresses

        def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            limits = _Limits(httpx, self._total or request.extensions["timeout"]["read"])
            if not self._private_addresses:
                _ensure_allowed(httpx, request)
            response = super().send(request, stream=True, **{**options, "follow_redirects": False})
            if not self._private_addresses:
                _ensure_peer(httpx, response)
            response.stream = LimitedStream(response.stream, limits)
            if not stream:
                try:
                    response.read()
                finally:
                    response.close()
            return response

    return LimitedClient


@lru_cache(maxsize=4)
def _async_class(httpx: Any) -> type[Any]:
    """Return the limited ``AsyncClient`` subclass for ``httpx`` or its drop-in successor."""

    class LimitedAsyncStream(httpx.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any, limits: _Limits) -> None:
            self._stream = stream
            self._limits = limits

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in self._stream:
                self._limits.check(chunk)
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    class LimitedAsyncClient(httpx.AsyncClient):  # type: ignore[misc]
        def __init__(self, *, silence: float, total: float | None, private_addresses: bool) -> None:
            super().__init__(
                timeout=silence, follow_redirects=False, trust_env=private_addresses, limits=_connections(httpx)
            )
            self._total = total
            self._private_addresses = private_addresses

        async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            limits = _Limits(httpx, self._total or request.extensions["timeout"]["read"])
            if not self._private_addresses:
                await asyncio.to_thread(_ensure_allowed, httpx, request)
            response = await super().send(request, stream=True, **{**options, "follow_redirects": False})
            if not self._private_addresses:
                _ensure_peer(httpx, response)
            response.stream = LimitedAsyncStream(response.stream, limits)
            if not stream:
                try:
                    await response.aread()
                finally:
                    await response.aclose()
            return response

    return LimitedAsyncClient


def limited_client(
    httpx: ModuleType, *, silence: float, total: float | None = None, private_addresses: bool = True
) -> Any:
    """Return a synchronous client of ``httpx``; ``silence`` is its default time-out in seconds.

    Every response has to end within ``total`` seconds; without it, within the read time-out of its request. Without
    ``private_addresses`` only public addresses are called, and no proxy of the environment is used.
    """
    return _sync_class(httpx)(silence=silence, total=total, private_addresses=private_addresses)


def limited_async_client(
    httpx: ModuleType, *, silence: float, total: float | None = None, private_addresses: bool = True
) -> Any:
    """Return an asynchronous client with the same limits."""
    return _async_class(httpx)(silence=silence, total=total, private_addresses=private_addresses)

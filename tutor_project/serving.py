"""Django's synchronous handler behind an ASGI server: one port for plain requests and for event streams.

A request costs one hop: its body is read by the event loop, its view runs in one of a few threads, its answer is sent
by the event loop. A client that sends or reads slowly therefore holds no thread, and an event stream (an asynchronous
iterator) runs on the event loop alone. A request whose client left while it waited for a thread is dropped. The probes
need none of those threads: ``/livez`` is answered by the event loop, the others by a thread of their own.
docs/adr/0011 has the figures and what was weighed.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import signal
import sys
import tempfile
import threading
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager, nullcontext
from io import BytesIO
from types import SimpleNamespace
from typing import IO, Any
from urllib.parse import unquote_to_bytes

import structlog
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.http import FileResponse, HttpResponseBase, parse_cookie
from django.http.request import HttpHeaders

from tutor_project.common.api.exceptions import error_body, server_error
from tutor_project.common.api.waiting import ON_EVENT_LOOP, WaitingResponse
from tutor_project.common.doors import address_of
from tutor_project.common.middleware import CALLER
from tutor_project.turns import NoTurn, Turns, TurnsByCaller

log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

SPOOL_BYTES = 1024 * 1024
"""Above this a request's body goes to disk, and a file is read in pieces of it."""
BODY_SILENCE_SECONDS = 60.0
"""A client that sends nothing of its announced body for so long is answered no more."""

DOORS_WAITING = 64
DOORS_PATIENCE_SECONDS = 15.0
CALLER_WAITING = 256
CALLER_PATIENCE_SECONDS = 60.0
CALLERS_KNOWN = 10_000
STREAMS_OF_A_CALLER = 32
"""Event streams of one caller in a web process: a page has one, and each holds a connection for as long as it likes."""


LIVEZ = "/livez"
PROBES = ("/readyz", "/metrics")
_ALIVE = b'{"status": "ok"}'
_ALIVE_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_ALIVE)).encode()),
    (b"cache-control", b"no-store"),
]


class ClientGone(Exception):
    """The client left while its answer was waited for: nobody is there to be told anything."""


class Refused(Exception):
    """A request that is answered without a view."""

    status, code, detail = 400, "bad_request", "The request is malformed."
    headers: tuple[tuple[bytes, bytes], ...] = ()


class BodyIncomplete(Refused):
    """The client left, fell silent, or sent what is no body, before its request was complete."""

    status, code, detail = 400, "body_incomplete", "The body of the request broke off or is malformed. Send it again."
    headers = ((b"connection", b"close"),)


class BodySilent(BodyIncomplete):
    """Nothing of an announced body came for a long time."""

    status, code, detail = 408, "body_silent", "Nothing of the body came for a long time. Send it again."


class DoorsBusy(Refused):
    """As many people are at the doors as may wait there."""

    status, code, detail = 503, "sign_in_busy", "Many people are signing in at this moment. Try again in a second."
    headers = ((b"retry-after", b"1"),)


class CallerBusy(Refused):
    """As many requests of one caller are under way as may wait, or one of them waited too long."""

    status, code, detail = 429, "too_many_at_once", "Too many of your requests are under way. Wait for their answers."
    headers = ((b"retry-after", b"5"),)


class _TooLarge:
    """Stands for a body above ``MAX_REQUEST_BYTES``: whoever reads it answers 413, whoever does not is not disturbed."""

    def read(self, size: int = -1) -> bytes:
        raise RequestDataTooBig("The request's body exceeded MAX_REQUEST_BYTES.")

    readline = read

    def close(self) -> None:
        """Nothing is held."""


class KnownCallers:
    """Whose a token or a session is, as views have found: an account is one caller, however many tokens it holds.

    Who has not been let in yet, or never will be, counts by address: nobody becomes somebody else by making up tokens.
    """

    def __init__(self) -> None:
        self._accounts: OrderedDict[str, str] = OrderedDict()

    def caller(self, environ: dict[str, Any]) -> str:
        """Return the account of a request, else where it comes from."""
        account = self._accounts.get(_credential(environ))
        return account or f"from {address_of(SimpleNamespace(META=environ, headers=HttpHeaders(environ)))}"

    def learn(self, environ: dict[str, Any], status: int) -> None:
        """Remember the account that the view let in, and forget one that it refused; of too many the oldest is forgotten."""
        credential, account = _credential(environ), environ.get(CALLER)
        if credential and account is not None:
            self._accounts[credential] = str(account)
            self._accounts.move_to_end(credential)
            if len(self._accounts) > CALLERS_KNOWN:
                self._accounts.popitem(last=False)
        elif status == 401:
            self._accounts.pop(credential, None)


class Application:
    """An ASGI application around a WSGI handler of Django; ``threads`` views run at a time."""

    def __init__(self, handler: WSGIHandler, *, threads: int) -> None:
        self.handler = handler
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="web")
        # Where passwords are hashed strangers may come in any number: they wait outside of the threads, and take half.
        self.doors = Turns(places=max(threads // 2, 1), waiting=DOORS_WAITING, patience=DOORS_PATIENCE_SECONDS)
        # One caller takes half of the threads at most, however many requests come at once.
        self.callers = TurnsByCaller(
            places=max(threads // 2, 1), waiting=CALLER_WAITING, patience=CALLER_PATIENCE_SECONDS
        )
        self.known = KnownCallers()
        self.probes = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self.streams: set[asyncio.Task[None]] = set()
        self.listeners: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection of the server: a request, or its own start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                await self._serve(scope, receive, send)
            except Refused as error:
                await _refuse(error, send)
            except ClientGone:
                return
        else:
            raise ValueError(f"{scope['type']} connections are not served here")

    async def _live(self, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        with _also_on(signal.SIGTERM, lambda: loop.call_soon_threadsafe(self.end_streams)):
            while True:
                kind = (await receive())["type"]
                if kind == "lifespan.shutdown":
                    self.end_streams()
                    await asyncio.to_thread(self.pool.shutdown)
                    await asyncio.to_thread(self.probes.shutdown)
                await send({"type": f"{kind}.complete"})
                if kind == "lifespan.shutdown":
                    return

    def end_streams(self) -> None:
        """End what would go on for as long as somebody listens; clients come back with ``Last-Event-ID``."""
        for stream in self.streams:
            stream.cancel()

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"] == LIVEZ:
            await send({"type": "http.response.start", "status": 200, "headers": _ALIVE_HEADERS})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else _ALIVE})
            return
        environ = environ_of(scope)
        body = await _body(environ, receive)
        context = contextvars.copy_context()  # log lines of a stream carry the ids that its view bound
        leaving = asyncio.create_task(_departure(receive))
        try:
            status, headers, content = await self._answered(environ, body, context, leaving)
            if isinstance(content, WaitingResponse):
                status, headers, content = await self._awaited(content, headers, leaving, context)
            if isinstance(content, bytes):
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": content})
                return
            async with self._listening(content, environ):
                await send({"type": "http.response.start", "status": status, "headers": headers})
                streaming = self._stream(content, environ, leaving, send)
                await asyncio.get_running_loop().create_task(streaming, context=context)
        finally:
            leaving.cancel()

    @asynccontextmanager
    async def _listening(self, response: Any, environ: dict[str, Any]) -> AsyncIterator[None]:
        """Count an event stream of a caller while it is sent; raises CallerBusy, with the response closed."""
        caller = self.known.caller(environ) if response.is_async else ""
        if caller and self.listeners[caller] >= STREAMS_OF_A_CALLER:
            await sync_to_async(response.close)()
            raise CallerBusy
        self.listeners[caller] += 1
        try:
            yield
        finally:
            self.listeners[caller] -= 1
            if not self.listeners[caller]:
                del self.listeners[caller]

    async def _answered(
        self, environ: dict[str, Any], body: IO[bytes] | Any, context: contextvars.Context, leaving: asyncio.Task[None]
    ) -> tuple[int, Headers, bytes | HttpResponseBase]:
        """Have the view run; raises ClientGone when the client left before its turn came."""
        environ["wsgi.input"] = body
        pool = self.probes if environ["PATH_INFO"] in PROBES else self.pool
        try:
            async with self._turn(environ):
                if leaving.done():
                    raise ClientGone
                running = pool.submit(context.run, self._answer, environ)
                answer: asyncio.Future[Any] = asyncio.wrap_future(running)
                waited: set[asyncio.Future[Any]] = {answer, leaving}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if not answer.done() and running.cancel():
                    raise ClientGone
                status, headers, content = await answer
                self.known.learn(environ, status)
                return status, headers, content
        except NoTurn:
            raise (DoorsBusy if _at_a_door(environ) else CallerBusy) from None
        finally:
            body.close()

    def _turn(self, environ: dict[str, Any]) -> AbstractAsyncContextManager[None]:
        if _at_a_door(environ):
            return self.doors.taken()
        if environ["PATH_INFO"] in PROBES:
            return nullcontext()
        return self.callers.taken(self.known.caller(environ))

    def _answer(self, environ: dict[str, Any]) -> tuple[int, Headers, bytes | HttpResponseBase]:
        """Run the view; returns status, headers and either the whole content or the response that streams it."""
        started: list[Any] = []
        try:
            response = self.handler(environ, lambda *arguments: started.extend(arguments))  # type: ignore[arg-type,return-value]
        except Exception:
            log.exception("request_not_handled", path=environ["PATH_INFO"])
            response = server_error(None)  # type: ignore[arg-type]
            started = ["500 Internal Server Error", list(response.items())]
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in started[1]]
        status = int(started[0][:3])
        if response.streaming and environ["REQUEST_METHOD"] != "HEAD":
            close_old_connections()
            return status, headers, response
        try:
            return status, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else response.content  # type: ignore[attr-defined]
        finally:
            response.close()

    async def _awaited(
        self, response: WaitingResponse, headers: Headers, leaving: asyncio.Task[None], context: contextvars.Context
    ) -> tuple[int, Headers, bytes]:
        """Wait for an answer on the event loop; a client that leaves cancels it. Raises ClientGone."""
        async with ThreadSensitiveContext():
            resolving = asyncio.get_running_loop().create_task(response.resolve(), context=context)
            try:
                await asyncio.wait({resolving, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                leaving.cancel()
                left = resolving.cancel()
                await asyncio.wait({resolving, leaving})
                await sync_to_async(response.close)()
        if left:
            raise ClientGone
        try:
            status, further, body = resolving.result()
        except Exception:
            log.exception("request_not_handled")
            failed = server_error(None)  # type: ignore[arg-type]
            status, further, body = failed.status_code, {}, failed.content
        added = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in further.items()]
        return status, [*headers, *added], body

    async def _stream(self, response: Any, environ: dict[str, Any], leaving: asyncio.Task[None], send: Send) -> None:
        """Send a streaming response until it ends, nobody reads it, or the server stops."""
        async with ThreadSensitiveContext():
            sending = asyncio.create_task(self._send_all(response, send))
            if response.is_async:
                self.streams.add(sending)
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self.streams.discard(sending)
                leaving.cancel()
                unsent = sending.cancel() or sending.cancelled()
                await asyncio.wait({sending, leaving})
                await sync_to_async(response.close)()
        if not unsent and (error := sending.exception()) is not None:
            log.error("stream_broken", path=environ["PATH_INFO"], exc_info=error)
            raise error  # the server cuts the connection: the client must not take a part for the whole

    async def _send_all(self, response: Any, send: Send) -> None:
        if isinstance(response, FileResponse):
            response.block_size = SPOOL_BYTES
        source: AsyncGenerator[bytes, None] = aiter(response) if response.is_async else self._pieces(response)
        async with aclosing(source) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    async def _pieces(self, response: Any) -> AsyncGenerator[bytes, None]:
        """Take the pieces of a synchronous iterator one by one, each in a thread that is free again while it is sent."""
        pieces = iter(response)
        loop = asyncio.get_running_loop()
        while (piece := await loop.run_in_executor(self.pool, _next_piece, pieces)) is not None:
            yield piece


def _credential(environ: dict[str, Any]) -> str:
    """Return what a request is let in by, the token or the console's session; empty of strangers.

    Not the headers they come in: spelled otherwise, or with something beside them, they would be somebody else's.
    """
    if environ["PATH_INFO"].startswith("/api/"):
        return "".join(environ.get("HTTP_AUTHORIZATION", "").split()[-1:])
    return parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME, "")


def _at_a_door(environ: dict[str, Any]) -> bool:
    return bool(environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith(settings.DOOR_PATHS))


@contextmanager
def _also_on(number: signal.Signals, act: Callable[[], Any]) -> Iterator[None]:
    """Call ``act`` when the process is told to stop, besides what the server does then.

    The server waits for its connections before it says ``lifespan.shutdown``, so streams must end before that. The event
    loop hears of signals through its wake-up descriptor, whatever function stands here.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, lambda signum, frame: act())
    try:
        yield
    finally:
        signal.signal(number, before)


def _next_piece(pieces: Any) -> bytes | None:
    try:
        return next(pieces, None)
    finally:
        close_old_connections()


async def _refuse(error: Refused, send: Send) -> None:
    """Answer in the one shape of errors; of a client that left the server says the same as of one that sent nonsense."""
    headers = [(b"content-type", b"application/json"), *error.headers]
    body = json.dumps(error_body(error.code, error.detail)).encode()
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _departure(receive: Receive) -> None:
    """Return when the client has left; never when it still sends a body that nobody reads."""
    while (message := await receive())["type"] != "http.disconnect":
        if message.get("more_body"):
            await asyncio.Event().wait()


def environ_of(scope: Message) -> dict[str, Any]:
    """Return the WSGI environment (PEP 3333) of an ASGI scope, without its input.

    A header given twice is joined, cookies by a semicolon (RFC 9113, 8.2.3). A name with an underscore is left out: it
    could not be told from one with a hyphen that a proxy has set.
    """
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw) if raw else scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        ON_EVENT_LOOP: True,
    }
    if scope.get("client"):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = scope["client"][0], str(scope["client"][1])
    server, port = scope.get("server") or ("localhost", 80)
    environ["SERVER_NAME"], environ["SERVER_PORT"] = server, str(port or 0)
    for name_bytes, value_bytes in scope["headers"]:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        if key in environ:
            value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
        environ[key] = value
    return environ


async def _body(environ: dict[str, Any], receive: Receive) -> IO[bytes] | Any:
    """Receive the body into memory, or a file when it is long; sets ``CONTENT_LENGTH``. Raises BodyIncomplete.

    A body above the limit is not kept: what comes of it is dropped, up to the limit once more, so that the client
    gets to read the answer.
    """
    declared = environ.get("CONTENT_LENGTH", "")
    if not declared and "HTTP_TRANSFER_ENCODING" not in environ and environ["SERVER_PROTOCOL"].startswith("HTTP/1"):
        return BytesIO()
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    size, more, kept = 0, True, _Kept()
    try:
        while more and size <= 2 * limit:
            message = await _next_message(receive)
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size <= limit:
                await kept.add(piece)
        environ["CONTENT_LENGTH"] = str(size)
        if size <= limit:
            return await kept.whole()
    except BaseException:
        kept.close()
        raise
    kept.close()
    return _TooLarge()


class _Kept:
    """What has come of a body: in memory up to ``SPOOL_BYTES``, then in a file, which no piece is written to in the event loop."""

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    async def add(self, piece: bytes) -> None:
        """Keep the next piece."""
        self._memory += piece
        if len(self._memory) > SPOOL_BYTES:
            await self._spool()

    async def _spool(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
        await asyncio.get_running_loop().run_in_executor(None, self._file.write, bytes(self._memory))
        self._memory.clear()

    async def whole(self) -> IO[bytes]:
        """Return the body, to be read from its beginning."""
        if self._file is None:
            return BytesIO(self._memory)
        await self._spool()
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Let go of what was kept."""
        if self._file is not None:
            self._file.close()


async def _next_message(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(BODY_SILENCE_SECONDS):
            message = await receive()
    except TimeoutError:
        raise BodySilent from None
    if message["type"] == "http.disconnect":
        raise BodyIncomplete
    return message

"""A local HTTP server that speaks the OpenAI chat protocol and misbehaves on purpose.

    with OpenAIServer() as server:
        server.script(rate_limited(retry_after="1"), reply('{"answer": 42}'))
        … call a model at server.base_url …
        server.requests[0].payload

Each request takes the next behaviour of the script; the last one serves all that follow. ``answering``
wraps a callable that gets the request's JSON and returns the text (or an object) to say.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Payload = dict[str, Any]
Behaviour = Callable[["ChatHandler", Payload], None]


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    payload: Payload

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(role, text) of each message."""
        return [(message["role"], message["content"]) for message in self.payload["messages"]]


def count_words(text: str) -> int:
    """Return the number of words: this server's token count."""
    return len(text.split())


def usage_of(payload: Payload, text: str) -> dict[str, int]:
    """Return the usage block this server reports."""
    prompt = sum(count_words(str(message["content"])) for message in payload["messages"])
    completion = count_words(text)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


class ChatHandler(BaseHTTPRequestHandler):
    """Answers one connection by the server's script."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Keep test output quiet."""

    def do_POST(self) -> None:
        """Record the request and let the next behaviour answer it."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        payload = json.loads(body or b"{}")
        behaviour = self.server.owner._next(
            RecordedRequest(self.path, {name.lower(): value for name, value in self.headers.items()}, payload)
        )
        try:
            behaviour(self, payload)
        except (BrokenPipeError, ConnectionResetError):
            self.server.owner.client_left.set()
            self.close_connection = True

    def send_body(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        """Send a whole response."""
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, status: int, body: Any, **headers: str) -> None:
        """Send a JSON response."""
        self.send_body(status, json.dumps(body).encode(), **headers)

    def send_completion(
        self,
        payload: Payload,
        text: str,
        *,
        finish: str | None = "stop",
        usage: bool = True,
        refusal: str | None = None,
    ) -> None:
        """Say ``text`` in one piece, or as a stream when the request asks for one."""
        if payload.get("stream"):
            self.start_stream()
            self.send_pieces(payload, pieces_of(text))
            self.end_stream(payload, text, finish=finish, usage=usage)
            return
        message = {"role": "assistant", "content": text, "refusal": refusal}
        body = {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": payload["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }  # fmt: skip
        if usage:
            body["usage"] = usage_of(payload, text)
        self.send_json(200, body)

    def start_stream(self) -> None:
        """Send the head of an event stream."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send_event(self, data: str) -> None:
        """Send one event in a chunk of its own."""
        raw = f"data: {data}\n\n".encode()
        self.wfile.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
        self.wfile.flush()

    def send_pieces(self, payload: Payload, pieces: Iterable[str]) -> None:
        """Send text deltas."""
        for piece in pieces:
            self.send_event(json.dumps(self._chunk(payload, {"content": piece}, None)))

    def end_stream(self, payload: Payload, text: str, *, finish: str | None, usage: bool) -> None:
        """Send the finish reason, the usage if asked for, and the end mark."""
        if finish is not None:
            self.send_event(json.dumps(self._chunk(payload, {}, finish)))
        if usage and (payload.get("stream_options") or {}).get("include_usage"):
            counted = {**self._chunk(payload, {}, None), "choices": [], "usage": usage_of(payload, text)}
            self.send_event(json.dumps(counted))
        self.send_event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def break_off(self) -> None:
        """Close the connection without an end."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _chunk(payload: Payload, delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": payload["model"],
            "choices": [{"index": 0, "delta": dict(delta), "finish_reason": finish}],
        }  # fmt: skip


def pieces_of(text: str) -> list[str]:
    """Cut text into pieces of a word each, as a model would stream it."""
    words = text.split(" ")
    return [word + (" " if index < len(words) - 1 else "") for index, word in enumerate(words)]


# Behaviours ---------------------------------------------------------------------------------------------


def reply(said: str | Any, *, finish: str | None = "stop", usage: bool = True) -> Behaviour:
    """Say a text, or an object as JSON."""
    text = said if isinstance(said, str) else json.dumps(said)
    return lambda handler, payload: handler.send_completion(payload, text, finish=finish, usage=usage)


def answering(answer: Callable[[Payload], str | Any]) -> Behaviour:
    """Say what ``answer(request)`` returns."""
    return lambda handler, payload: reply(answer(payload))(handler, payload)


def fenced(value: Any, prose: str = "Sure! Here is the JSON you asked for:") -> Behaviour:
    """Wrap JSON in prose and a code fence."""
    return reply(f"{prose}\n```json\n{json.dumps(value, indent=1)}\n```\nLet me know if you need more.")


def truncated(value: Any) -> Behaviour:
    """Stop in the middle of the JSON because of the length limit."""
    text = json.dumps(value)
    return reply(text[: len(text) // 2], finish="length")


def refusal(text: str = "I cannot help with that.") -> Behaviour:
    """Decline through the protocol's refusal field (in a stream: by the content filter)."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        if payload.get("stream"):
            handler.send_completion(payload, "", finish="content_filter")
        else:
            handler.send_completion(payload, "", refusal=text)

    return behave


def empty() -> Behaviour:
    """Say nothing, successfully."""
    return reply("")


def caller_left(handler: ChatHandler) -> bool:
    """Tell whether the other end has closed the connection of a call that is still to be answered."""
    readable, _, _ = select.select([handler.connection], [], [], 0)
    try:
        return bool(readable) and handler.connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def slow(seconds: float, then: Behaviour | None = None) -> Behaviour:
    """Wait (until the server is stopped at most), then answer."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        handler.server.owner.stopping.wait(seconds)
        (then or empty())(handler, payload)

    return behave


def dripping(seconds_between: float, pieces: int = 1000) -> Behaviour:
    """Send single spaces of a body that never ends, each in time to reset a read time-out."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", "1000000")
        handler.end_headers()
        for _ in range(pieces):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            if handler.server.owner.stopping.wait(seconds_between):
                return

    return behave


def failing(status: int, code: str = "error", message: str = "no", **headers: str) -> Behaviour:
    """Answer with an error of the protocol; header names have underscores for dashes."""
    body = {"error": {"message": message, "type": code, "code": code, "param": None}}
    return lambda handler, payload: handler.send_json(status, body, **headers)


def rate_limited(retry_after: str | None = None) -> Behaviour:
    """429, with a Retry-After header if given."""
    return failing(429, "rate_limit_exceeded", **({} if retry_after is None else {"retry_after": retry_after}))


def server_error(status: int = 500) -> Behaviour:
    """A failure of the provider."""
    return failing(status, "server_error")


def unauthorized_naming_the_key() -> Behaviour:
    """401 whose message quotes the key it was sent, as real providers do."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        failing(401, "invalid_api_key", f"Incorrect API key: {handler.headers['authorization']}")(handler, payload)

    return behave


def redirecting(location: str) -> Behaviour:
    """307 to another address."""
    return lambda handler, payload: handler.send_body(307, b"", location=location)


def html_page() -> Behaviour:
    """A captive portal: 200 and HTML."""
    return lambda handler, payload: handler.send_body(200, b"<html><body>Log in</body></html>", "text/html")


def raw_json(body: Any) -> Behaviour:
    """200 and any JSON at all."""
    return lambda handler, payload: handler.send_json(200, body)


def dropped() -> Behaviour:
    """Close the connection without an answer."""
    return lambda handler, payload: handler.break_off()


def broken_stream(*pieces: str) -> Behaviour:
    """Send some pieces of a stream, then close the connection."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        handler.start_stream()
        handler.send_pieces(payload, pieces)
        handler.break_off()

    return behave


def unfinished_stream(*pieces: str) -> Behaviour:
    """End a stream politely, but without a finish reason or usage."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        handler.start_stream()
        handler.send_pieces(payload, pieces)
        handler.wfile.write(b"0\r\n\r\n")

    return behave


def endless_stream(piece: str = "word ", seconds_between: float = 0.01) -> Behaviour:
    """Stream until the client goes away."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        handler.start_stream()
        while not handler.server.owner.stopping.wait(seconds_between):
            handler.send_pieces(payload, [piece])

    return behave


def stream_error(*pieces: str, message: str = "overloaded") -> Behaviour:
    """Send some pieces, then an error event inside the stream."""

    def behave(handler: ChatHandler, payload: Payload) -> None:
        handler.start_stream()
        handler.send_pieces(payload, pieces)
        handler.send_event(json.dumps({"error": {"message": message, "type": "server_error", "code": None}}))
        handler.wfile.write(b"0\r\n\r\n")

    return behave


# The server ---------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False
    owner: OpenAIServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the game."""


@dataclass
class OpenAIServer:
    """The server; use as a context manager. It listens on a free loopback port."""

    behaviours: list[Behaviour] = field(default_factory=lambda: [reply("{}")])
    requests: list[RecordedRequest] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    client_left: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    def __enter__(self) -> OpenAIServer:
        self._http = _Server(("127.0.0.1", self.port), ChatHandler)
        self._http.owner = self
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    @property
    def base_url(self) -> str:
        """What ``LLM_BASE_URL`` is to be."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, *behaviours: Behaviour) -> None:
        """Set what the next requests get; the last behaviour stays."""
        with self._lock:
            self.behaviours = list(behaviours)

    def wait_for_requests(self, count: int, seconds: float = 5.0) -> None:
        """Return when ``count`` requests have arrived; raises AssertionError after ``seconds``."""
        deadline = time.monotonic() + seconds
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} of {count} requests arrived"
            time.sleep(0.005)

    def _next(self, request: RecordedRequest) -> Behaviour:
        with self._lock:
            self.requests.append(request)
            return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]

"""A relay before a model's server: notes when it is asked and when it speaks, and can be pulled out like a plug."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PIECE = 65_536


@dataclass
class Heard:
    """What the server did with one connection: seconds from the request to its first text and to each whole object."""

    asked_at: float = field(default_factory=time.monotonic)
    first_text: float | None = None
    objects: list[float] = field(default_factory=list)
    text: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    _rest: bytes = b""

    def take(self, piece: bytes) -> None:
        """Read a piece of an event stream or of a whole reply."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data: {"):
                self._event(line[6:])

    def _event(self, said: bytes) -> None:
        try:
            event = json.loads(said)
        except ValueError:
            return
        self.usage = event.get("usage") or self.usage
        for choice in event.get("choices") or ():
            text = choice.get("delta", {}).get("content")
            if text:
                now = time.monotonic() - self.asked_at
                self.first_text = self.first_text or now
                self.text += text
                if "}" in text:
                    self.objects.append(now)


class Relay:
    """Passes bytes on to ``url`` from a port of its own; ``heard`` has one entry a connection, the newest last."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._target = (place.hostname or "127.0.0.1", place.port or 80)
        self._path = place.path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._pulled = threading.Event()
        self.heard: list[Heard] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the product finds the model."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{self._path}"

    def pull(self) -> None:
        """Break every connection, and every one that comes, as a killed server does."""
        self._pulled.set()
        for connection in list(self._open):
            _close(connection)

    def plug_in(self) -> None:
        """Serve again."""
        self._pulled.clear()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._pulled.is_set():
                _close(connection)
            else:
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            server = socket.create_connection(self._target)
            self._open |= {connection, server}
            threading.Thread(target=self._forward, args=(connection, server, False), daemon=True).start()
            self._forward(server, connection, True)

    def _forward(self, source: socket.socket, target: socket.socket, listens: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                if not listens and piece.startswith(b"POST"):
                    self.heard.append(Heard())
                if listens and self.heard:
                    self.heard[-1].take(piece)
                target.sendall(piece)
        for end in (source, target):
            _close(end)
            self._open.discard(end)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

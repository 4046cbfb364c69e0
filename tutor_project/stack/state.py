"""What is known about a running stack: ``var/stack.json`` and the lock that says whether it is true.

A process is identified by its pid *and* its start time: a pid alone is given to another program sooner or later.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from tutor_project.embedded import locks
from tutor_project.stack.errors import StackError


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process for good: pid and start time (seconds since the epoch, as the system reports it)."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """The identity of the living process ``pid``."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it is still this one."""
        try:
            process = psutil.Process(self.pid)
            # The system clock may be set while a process runs; its start time then reads a little differently.
            same = abs(process.create_time() - self.started) < 2
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(slots=True)
class StackState:
    """The supervisor, its processes (each the leader of its own process group) and where the web listens."""

    url: str
    supervisor: ProcessId
    processes: dict[str, ProcessId] = field(default_factory=dict)


class StateFile:
    """Reads and writes the state of the stack of one ``var`` folder."""

    def __init__(self, var_dir: Path) -> None:
        self.path = var_dir / "stack.json"
        self._lock = var_dir / "run" / "stack.lock"

    def read(self) -> StackState | None:
        """The last state written, whether or not it is still true."""
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            return StackState(
                url=raw["url"],
                supervisor=ProcessId(**raw["supervisor"]),
                processes={name: ProcessId(**process) for name, process in raw["processes"].items()},
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, state: StackState) -> None:
        """Replace the state in one step."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
        fresh.replace(self.path)

    def clear(self) -> None:
        """Forget the state: nothing runs any more."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def supervising(self) -> Iterator[None]:
        """Hold the lock that makes this process the only supervisor. Raises ``StackError`` when there is one."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with locks.holding(self._lock, seconds=0):
                yield
        except locks.LockTimeout:
            raise self.already_running() from None

    def already_running(self) -> StackError:
        """The refusal of a second start."""
        state = self.read()
        where = f" at {state.url}" if state else ""
        return StackError(f"The stack of this checkout is running already{where}: 'make down' stops it.")

    def supervised(self) -> bool:
        """Whether a supervisor of this folder is alive."""
        return locks.is_held(self._lock)


def kill_left_over(state: StackState) -> list[str]:
    """End what a killed supervisor left behind, each process with its group; the names of what was found."""
    found = {name: identity for name, identity in state.processes.items() if identity.process() is not None}
    for identity in found.values():
        with suppress(ProcessLookupError):
            os.killpg(identity.pid, signal.SIGTERM)
    alive = [process for identity in found.values() if (process := identity.process()) is not None]
    _, stubborn = psutil.wait_procs(alive, timeout=15)
    for process in stubborn:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=5)
    return sorted(found)

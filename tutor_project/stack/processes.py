"""Runs the stack's processes: prefixed logs, restarts after a crash, an orderly stop.

honcho ends all its processes at the same moment and kills what is left after five seconds; here a worker finishes its
task before the web goes, and the servers go last, so the supervisor is our own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from tutor_project.embedded.private import private_file
from tutor_project.stack.forking import Base, BaseAway, ForkedProcess
from tutor_project.stack.state import ProcessId

POLL_SECONDS = 0.2
RESTART_PAUSE_SECONDS = 1.0
MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0
_COLOURS = {
    "base": "\033[37m",
    "web": "\033[36m",
    "worker": "\033[32m",
    "worker-high": "\033[34m",
    "worker-model": "\033[33m",
    "beat": "\033[35m",
}
_PLAIN = "\033[0m"


@dataclass(frozen=True, slots=True)
class Program:
    """One process of the stack. ``patience`` (seconds) is how long a polite stop may take.

    ``forked`` ones (``python -m MODULE …``) are started by the program that ``is_base``, which comes before them.
    """

    name: str
    command: Sequence[str]
    patience: float
    forked: bool = False
    is_base: bool = False


Process = subprocess.Popen[bytes] | ForkedProcess


def spawned(command: Sequence[str], environment: Mapping[str, str], output: int, keep: Sequence[int] = ()) -> Process:
    """Start a program as a process of its own."""
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for the supervisor, which stops things in order
        pass_fds=keep,
    )


class RunningProgram:
    """A program in a process group of its own, its output copied to a log file and, prefixed, to the terminal."""

    def __init__(self, program: Program, start: Callable[[int], Process], log: Path, echo: Callable[[str, str], None]):
        self.program = program
        self._log = log
        self._echo = echo
        self._ended = False
        reading, writing = os.pipe()
        output = open(reading, "rb")  # noqa: SIM115 - closed by the thread that reads it
        try:
            self._process = start(writing)
        except OSError:
            output.close()
            raise
        finally:
            os.close(writing)
        self.identity = ProcessId.of(self._process.pid)
        self._reader = threading.Thread(target=self._copy_output, args=(output,), daemon=True)
        self._reader.start()

    def exit_code(self) -> int | None:
        """How it ended, or ``None`` while it runs."""
        return self._process.poll()

    def stop(self, patience: float) -> None:
        """Ask it to end, wait ``patience`` seconds, then end its whole group."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.kill()

    def kill(self) -> None:
        """End whatever is left of its process group, at once; only the first call does anything."""
        if self._ended:
            return
        self._ended = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=2)

    def _copy_output(self, output: IO[bytes]) -> None:
        with output, self._log.open("ab", buffering=0) as log:
            for line in output:
                self._echo(self.program.name, line.decode("utf-8", "replace").rstrip("\n"))
                log.write(line)


class Supervisor:
    """Keeps ``programs`` running until ``stop``; ``programs`` are started first to last and stopped last to first.

    What ends while the servers it needs are away (``can_run``) is started again when they are there, and not counted.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        environment: Mapping[str, str],
        log_dir: Path,
        on_change: Callable[[dict[str, ProcessId]], None],
        can_run: Callable[[], bool] = lambda: True,
    ) -> None:
        self._programs = programs
        self._environment = environment
        self._log_dir = log_dir
        self._on_change = on_change
        self._can_run = can_run
        self._running: dict[str, RunningProgram] = {}
        self._base = Base()
        self._restarts: dict[str, deque[float]] = {program.name: deque() for program in programs}
        self._stopping = threading.Event()
        self._monitor = threading.Thread(target=self._watch, daemon=True)
        self.show_output = False
        self.failure: str | None = None

    def start(self) -> None:
        """Start every program and the thread that restarts those that crash."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        for program in self._programs:
            private_file(self._log_dir / f"{program.name}.log").write_bytes(b"")
            self._launch(program)
        self._monitor.start()

    def stop(self) -> None:
        """Stop in order. An interrupt while this waits ends everything at once."""
        self._stopping.set()
        if self._monitor.ident is not None:
            self._monitor.join()
        try:
            for program in reversed(self._programs):
                if running := self._running.get(program.name):
                    running.stop(program.patience)
        finally:
            for running in self._running.values():
                running.kill()
            self._base.close()

    def last_lines(self, name: str, count: int = 15) -> str:
        """The end of a program's log."""
        lines = (self._log_dir / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _launch(self, program: Program) -> None:
        """Start a program; one to be forked while there is nothing to fork from is left for the next turn."""
        log = self._log_dir / f"{program.name}.log"
        try:
            self._running[program.name] = RunningProgram(program, self._starter(program), log, self._echo)
        except BaseAway:
            self._running.pop(program.name, None)
            for other in self._programs:
                if other.is_base and other.name in self._running:
                    self._running[other.name].kill()  # one that does not answer is of no use
        self._on_change({name: running.identity for name, running in self._running.items()})

    def _starter(self, program: Program) -> Callable[[int], Process]:
        environment = {**self._environment, "TUTOR_ROLE": program.name}
        if program.is_base:
            self._base.close()
            self._base = Base()
            return partial(self._start_base, program, environment)
        if program.forked:
            return lambda output: self._base.start(program.command, role=program.name, output=output)
        return lambda output: spawned(program.command, environment, output)

    def _start_base(self, program: Program, environment: Mapping[str, str], output: int) -> Process:
        end = self._base.theirs.fileno()
        process = spawned([*program.command, str(end)], environment, output, keep=[end])
        self._base.started()
        return process

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for program in self._programs:
                if self.failure is not None or self._stopping.is_set():
                    break
                running = self._running.get(program.name)
                code = running.exit_code() if running else None
                if running is None:
                    self._launch(program)
                elif code is not None:
                    self._restart(program, code)

    def _restart(self, program: Program, code: int) -> None:
        self._running[program.name].kill()  # children of a killed parent
        if not self._can_run():
            return  # looked at again at the next turn
        now = time.monotonic()
        recent = self._restarts[program.name]
        recent.append(now)
        while recent[0] < now - RESTART_WINDOW_SECONDS:
            recent.popleft()
        if len(recent) > MAX_RESTARTS:
            self.failure = f"{program.name} ended {len(recent)} times within a minute, the last time with code {code}"
            return
        self._echo(program.name, f"ended with code {code}; starting it again", always=True)
        if not self._stopping.wait(RESTART_PAUSE_SECONDS):
            self._launch(program)

    def _echo(self, name: str, line: str, *, always: bool = False) -> None:
        if not (self.show_output or always):
            return
        colour, plain = (_COLOURS.get(name, ""), _PLAIN) if sys.stdout.isatty() else ("", "")
        print(f"{colour}{name:>6} |{plain} {line}", flush=True)

"""Brings the stack up and keeps it up: servers, database, processes; takes it down in the reverse order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from rich.console import Console

from tutor_project.embedded.private import private_file, private_folder
from tutor_project.environment import BASE_DIR, EMBEDDED_POSTGRES, env
from tutor_project.stack import preflight
from tutor_project.stack.client import TutorClient
from tutor_project.stack.errors import StackError
from tutor_project.stack.layout import SPARING, Stack
from tutor_project.stack.processes import Supervisor
from tutor_project.stack.report import step
from tutor_project.stack.servers import Servers
from tutor_project.stack.state import ProcessId, StackState, kill_left_over

READY_TIMEOUT_SECONDS = 90
POLL_SECONDS = 0.1


@contextmanager
def serving(stack: Stack, console: Console) -> Iterator[Supervisor]:
    """The stack as long as the block runs: servers, database, processes; stopped in the reverse order."""
    preflight.check_python()
    preflight.check_disk(stack.var_dir)
    _interrupt_on(signal.SIGTERM, signal.SIGHUP)
    with stack.state.supervising():
        left_over = stack.state.read()
        if left_over is not None and (names := kill_left_over(left_over)):
            console.print(f"ended what a killed run had left: {', '.join(names)}", style="dim")
        preflight.check_port(stack.host, stack.port)
        servers = Servers(stack.var_dir, say=lambda line: print(line, flush=True))
        supervisor = Supervisor(
            stack.programs(),
            environment={**SPARING, **env.ENVIRON},
            log_dir=stack.log_dir,
            on_change=lambda processes: _record(stack, processes),
            can_run=servers.all_there,
        )
        try:
            _prepare(stack, console, servers)
            with step(console, "starting the web server, the workers and the scheduler"):
                supervisor.start()
                wait_until_ready(stack, supervisor)
            yield supervisor
        finally:
            _stop(stack, console, supervisor, servers)


def _prepare(stack: Stack, console: Console, servers: Servers) -> None:
    private_folder(stack.log_dir)
    _record(stack, {})
    if servers.names:
        with step(console, f"starting {' and '.join(servers.names)}") as say:
            servers.start(say)
    with step(console, "preparing the database and the pages"):
        done = subprocess.run(
            [sys.executable, "-m", "tutor_project.stack.prepare"],
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    log = private_file(stack.log_dir / "prepare.log")
    if done.returncode != 0:
        log.write_text(done.stdout, encoding="utf-8")
        last = next((line.strip() for line in reversed(done.stdout.splitlines()) if line.strip()), "no output")
        where = "" if EMBEDDED_POSTGRES or "OperationalError" not in last else "The server of DATABASE_URL: "
        raise StackError(f"The project could not be prepared. {where}{last} (all of it is in {log})")


def _stop(stack: Stack, console: Console, supervisor: Supervisor, servers: Servers) -> None:
    try:
        with console.status("stopping: the worker finishes its task (Ctrl-C again ends it at once) …"):
            supervisor.stop()
    except KeyboardInterrupt:
        console.print("ended at once", style="dim")
    finally:
        servers.stop()
        stack.state.clear()


def _record(stack: Stack, processes: dict[str, ProcessId]) -> None:
    stack.state.write(StackState(url=stack.url, supervisor=ProcessId.of(os.getpid()), processes=processes))


def _interrupt_on(*numbers: signal.Signals) -> None:
    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


def wait_until_ready(stack: Stack, supervisor: Supervisor) -> None:
    """Return when the stack can serve. Raises ``StackError`` that names what is missing."""
    client = TutorClient(stack.url)

    def ready() -> bool:
        if supervisor.failure:
            _raise_failure(supervisor)
        return client.ready()

    try:
        wait(ready, READY_TIMEOUT_SECONDS, "The stack did not become ready")
    except StackError as error:
        missing = " and ".join(client.missing())
        raise StackError(f"{error} What does not answer: {missing}; the logs are in {stack.log_dir}.") from None


def wait_until_stopped(supervisor: Supervisor) -> None:
    with suppress(KeyboardInterrupt):
        while not supervisor.failure:
            time.sleep(POLL_SECONDS)
        _raise_failure(supervisor)


def _raise_failure(supervisor: Supervisor) -> NoReturn:
    assert supervisor.failure is not None
    name = supervisor.failure.split()[0]
    print(supervisor.last_lines(name), file=sys.stderr)
    raise StackError(f"{supervisor.failure}: its last lines stand above.")


def becomes(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for ``condition``, at most ``seconds``; whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def wait(condition: Callable[[], bool], seconds: float, complaint: str) -> None:
    """Return when ``condition`` is true. Raises ``StackError`` after ``seconds``."""
    if not becomes(condition, seconds):
        raise StackError(f"{complaint} ({seconds:.0f} s).")

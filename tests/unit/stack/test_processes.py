"""The supervisor: what crashes is started again, what stops stops in order, nobody is left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tutor_project.stack import processes
from tutor_project.stack.processes import Program, Supervisor
from tutor_project.stack.state import ProcessId

# A shell is ready in a millisecond, where Python would need thirty.
SLEEPER = ("sh", "-c", "echo up; exec sleep 60")


@pytest.fixture
def supervise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Supervisor]]:
    monkeypatch.setattr(processes, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(processes, "RESTART_PAUSE_SECONDS", 0.01)
    made: list[Supervisor] = []

    def make(*programs: Program, seen: list[dict[str, ProcessId]] | None = None, **options: Any) -> Supervisor:
        record = (seen if seen is not None else []).append
        environment = {"PATH": os.defpath}
        made.append(Supervisor(programs, environment=environment, log_dir=tmp_path, on_change=record, **options))
        made[-1].start()
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def wait_until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_a_killed_program_is_started_again(supervise: Callable[..., Supervisor]) -> None:
    seen: list[dict[str, ProcessId]] = []
    supervise(Program("worker", SLEEPER, patience=1), seen=seen)
    first = seen[-1]["worker"]
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: seen[-1]["worker"] != first)
    assert seen[-1]["worker"].process() is not None


def test_the_children_of_a_killed_program_do_not_outlive_it(
    supervise: Callable[..., Supervisor], tmp_path: Path
) -> None:
    script = f"sleep 60 & echo $! >> {tmp_path}/children; wait"
    seen: list[dict[str, ProcessId]] = []
    supervise(Program("worker", ("sh", "-c", script), patience=1), seen=seen)
    children = tmp_path / "children"
    wait_until(lambda: children.exists() and children.read_text().strip())
    child = psutil.Process(int(children.read_text().split()[0]))
    os.kill(seen[-1]["worker"].pid, signal.SIGKILL)
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_program_that_cannot_start_ends_in_a_named_failure(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(Program("web", ("sh", "-c", "echo broken; exit 3"), patience=1))
    wait_until(lambda: supervisor.failure)
    assert supervisor.failure is not None
    assert "web" in supervisor.failure
    assert "code 3" in supervisor.failure
    wait_until(lambda: "broken" in supervisor.last_lines("web"))


def test_a_program_that_ends_while_its_servers_are_away_is_started_when_they_are_back(
    supervise: Callable[..., Supervisor], tmp_path: Path
) -> None:
    servers = tmp_path / "servers"
    asked: list[bool] = []

    def can_run() -> bool:
        asked.append(servers.exists())
        return asked[-1]

    script = f"test -e {servers} || exit 1; echo up; exec sleep 60"
    supervisor = supervise(Program("beat", ("sh", "-c", script), patience=1), can_run=can_run)
    wait_until(lambda: len(asked) > 3 * processes.MAX_RESTARTS)
    assert supervisor.failure is None
    servers.touch()
    wait_until(lambda: "up" in supervisor.last_lines("beat"))


def test_programs_stop_in_the_reverse_order_of_their_start(
    supervise: Callable[..., Supervisor], tmp_path: Path
) -> None:
    def noting(name: str) -> Program:
        script = f"trap 'echo {name} >> {tmp_path}/order; exit 0' TERM; echo up; while :; do sleep 0.01; done"
        return Program(name, ("sh", "-c", script), patience=5)

    supervisor = supervise(noting("web"), noting("worker"), noting("beat"))
    wait_until(lambda: all("up" in supervisor.last_lines(name) for name in ("web", "worker", "beat")))
    supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["beat", "worker", "web"]


def test_a_program_that_ignores_the_request_is_ended_when_patience_is_over(
    supervise: Callable[..., Supervisor],
) -> None:
    seen: list[dict[str, ProcessId]] = []
    deaf = Program("web", ("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done"), patience=0.1)
    supervisor = supervise(deaf, seen=seen)
    wait_until(lambda: "up" in supervisor.last_lines("web"))
    supervisor.stop()
    assert seen[-1]["web"].process() is None


def test_output_goes_to_the_log_and_prefixed_to_the_terminal_when_asked(
    supervise: Callable[..., Supervisor], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script = "echo first; read _ < go; echo second; exec sleep 60"
    go = tmp_path / "go"
    os.mkfifo(go)
    supervisor = supervise(Program("web", ("sh", "-c", script.replace("go;", f"{go};")), patience=1))
    wait_until(lambda: "first" in supervisor.last_lines("web"))
    supervisor.show_output = True
    go.write_text("go\n")
    wait_until(lambda: "second" in supervisor.last_lines("web"))
    printed = capsys.readouterr().out
    assert "web | second" in printed
    assert "first" not in printed

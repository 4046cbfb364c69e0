"""Programs as forks of a base: started, stopped and started again like any other, whatever becomes of the base."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tutor_project.stack import processes
from tutor_project.stack.forking import can_fork
from tutor_project.stack.processes import Program, Supervisor
from tutor_project.stack.state import ProcessId

pytestmark = pytest.mark.skipif(not can_fork(), reason="needs pidfd, which is Linux")

# The real one imports the project, which takes seconds; everything else of it is what ships.
BASE = """
import sys
sys.path.insert(0, {root!r})
from tutor_project.stack import forking
forking.import_project = lambda: None
forking._take_role = lambda role: print("role", role, flush=True)
forking.main()
"""
PROGRAM = """
import os, sys, time
print("arguments", *sys.argv[1:], "leads", os.getpid() == os.getpgid(0), flush=True)
time.sleep(float(sys.argv[1]))
sys.exit(7)
"""


@pytest.fixture
def stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], tuple[Supervisor, list[dict[str, ProcessId]]]]]:
    monkeypatch.setattr(processes, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(processes, "RESTART_PAUSE_SECONDS", 0.01)
    (tmp_path / "sleeper.py").write_text(PROGRAM)
    (tmp_path / "base.py").write_text(BASE.format(root=str(Path(processes.__file__).parents[2])))
    made: list[Supervisor] = []

    def make(seconds: str) -> tuple[Supervisor, list[dict[str, ProcessId]]]:
        seen: list[dict[str, ProcessId]] = []
        programs = [
            Program("base", (sys.executable, str(tmp_path / "base.py")), patience=1, is_base=True),
            Program("worker", (sys.executable, "-m", "sleeper", seconds), patience=1, forked=True),
        ]
        environment = {"PATH": os.defpath, "PYTHONPATH": str(tmp_path)}
        made.append(Supervisor(programs, environment=environment, log_dir=tmp_path, on_change=seen.append))
        made[-1].start()
        return made[-1], seen

    yield make
    for supervisor in made:
        supervisor.stop()


def wait_until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_a_fork_is_a_program_of_its_own(stack: Callable[..., tuple[Supervisor, list[dict[str, ProcessId]]]]) -> None:
    supervisor, seen = stack("60")
    wait_until(lambda: "arguments" in supervisor.last_lines("worker"))
    assert supervisor.last_lines("worker") == "role worker\narguments 60 leads True"
    assert seen[-1]["worker"].process() is not None
    supervisor.stop()
    assert seen[-1]["worker"].process() is None
    assert seen[-1]["base"].process() is None


def test_a_fork_that_ends_is_started_again_and_its_code_told(
    stack: Callable[..., tuple[Supervisor, list[dict[str, ProcessId]]]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, seen = stack("60")
    first = seen[-1]["worker"]
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: seen[-1].get("worker", first) != first)
    assert seen[-1]["worker"].process() is not None
    assert "ended with code -9" in capsys.readouterr().out


def test_forks_outlive_a_killed_base_and_are_started_from_the_next(
    stack: Callable[..., tuple[Supervisor, list[dict[str, ProcessId]]]],
) -> None:
    _, seen = stack("60")
    before = seen[-1]
    os.kill(before["base"].pid, signal.SIGKILL)
    wait_until(lambda: seen[-1].get("base", before["base"]) != before["base"])
    assert before["worker"].process() is not None
    assert seen[-1]["worker"] == before["worker"]
    os.kill(before["worker"].pid, signal.SIGKILL)
    wait_until(lambda: seen[-1].get("worker", before["worker"]) != before["worker"])
    assert seen[-1]["worker"].process() is not None


def test_both_killed_at_once_come_back(stack: Callable[..., tuple[Supervisor, list[dict[str, ProcessId]]]]) -> None:
    _, seen = stack("60")
    before = seen[-1]
    for name in ("base", "worker"):
        os.kill(before[name].pid, signal.SIGKILL)
    wait_until(lambda: all(seen[-1].get(name, before[name]) != before[name] for name in before))
    assert all(identity.process() is not None for identity in seen[-1].values())


def test_a_program_that_never_stays_up_ends_in_a_named_failure(
    stack: Callable[..., tuple[Supervisor, list[dict[str, ProcessId]]]],
) -> None:
    supervisor, _ = stack("0")
    wait_until(lambda: supervisor.failure)
    assert "worker" in (supervisor.failure or "")
    assert "code 7" in (supervisor.failure or "")

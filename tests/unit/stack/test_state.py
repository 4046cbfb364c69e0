"""What is believed about a stack: pids with their start time, one supervisor, nothing left behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tutor_project.stack.errors import StackError
from tutor_project.stack.state import ProcessId, StackState, StateFile, kill_left_over

ME = ProcessId.of(os.getpid())


def test_a_state_is_read_back_as_written(tmp_path: Path) -> None:
    state = StackState("http://127.0.0.1:8000", ME, {"web": ProcessId(1, 2.5)})
    StateFile(tmp_path).write(state)
    assert StateFile(tmp_path).read() == state
    StateFile(tmp_path).clear()
    assert StateFile(tmp_path).read() is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"url": "x", "supervisor": {"pid": 1}, "processes": {}}'])
def test_a_torn_state_is_no_state(tmp_path: Path, content: str) -> None:
    StateFile(tmp_path).path.write_text(content)
    assert StateFile(tmp_path).read() is None


def test_a_pid_that_was_given_to_another_program_is_not_the_process() -> None:
    assert ME.process() is not None
    assert ProcessId(ME.pid, ME.started - 100).process() is None


def test_what_a_killed_supervisor_left_is_ended_and_strangers_are_not() -> None:
    left = subprocess.Popen(["sleep", "60"], start_new_session=True)
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        state = StackState("", ME, {"web": ProcessId.of(left.pid), "worker": ProcessId(stranger.pid, ME.started - 100)})
        assert kill_left_over(state) == ["web"]
        assert state.processes["web"].process() is None  # ended, whoever reads its exit status first
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_there_is_one_supervisor_at_a_time(tmp_path: Path) -> None:
    state = StateFile(tmp_path)
    assert not state.supervised()
    with state.supervising():
        assert state.supervised()
        state.write(StackState("http://127.0.0.1:8765", ME))
        with pytest.raises(StackError, match=r"8765.*make down"), state.supervising():
            pass
    assert not state.supervised()

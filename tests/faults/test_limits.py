"""A job that holds its whole process: it is neither lost nor given to a second worker, and ended at its limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.harness import Stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def greedy(stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """The only worker that runs; those of the stack know no greedy kinds and would use up the messages."""
    command = [sys.executable, "-m", "celery", "--app", "tests.faults.greedy_worker", "worker", "--concurrency", "2"]
    command += ["--queues", "high,default,low", "--without-gossip", "--without-mingle", "--loglevel", "info"]
    with stack.stopped("worker", "worker-high"), (stack.var / "log" / "greedy.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--hostname", "greedy@%h"],
            cwd=stack.folder,
            env=stack.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        yield process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_what_holds_its_process_is_kept_and_what_exceeds_its_limit_is_ended_once(
    stack: Stack, greedy: subprocess.Popen[bytes]
) -> None:
    def ended(kind: str) -> Any:
        rows = stack.rows(
            "SELECT status, error_code, attempts FROM jobs_app_job WHERE job_type = %s AND status IN"
            " ('completed', 'failed', 'cancelled')",
            kind,
        )
        return rows[0] if rows else None

    assert wait_until(lambda: ended("never_returns"), 120) == ("failed", "processor_limit_exceeded", 1)
    assert wait_until(lambda: ended("returns_late"), 180) == ("completed", None, 1)
    outcomes = stack.rows(
        "SELECT j.job_type, a.outcome FROM jobs_app_jobattempt a JOIN jobs_app_job j ON j.id = a.job_id"
        " WHERE j.job_type IN ('never_returns', 'returns_late') ORDER BY 1"
    )
    assert outcomes == [("never_returns", "failed"), ("returns_late", "completed")]

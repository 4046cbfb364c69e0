"""The supervisor keeps its servers: kill -9 of PostgreSQL and of Valkey costs seconds, and nobody restarts anything."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from redis.exceptions import RedisError

from tests.faults.harness import Stack, wait_until
from tutor_project import embedded
from tutor_project.stack.client import ApiError, TutorClient
from tutor_project.stack.state import StateFile

pytestmark = [pytest.mark.faults, pytest.mark.slow]

BACK_WITHIN_SECONDS = 30
AWAY = {"database_unreachable", "redis_unreachable", "service_unavailable"}


def valkey(stack: Stack) -> int:
    return int(stack.redis().info("server")["process_id"])  # type: ignore[index]


def postmaster(stack: Stack) -> int:
    return int((stack.var / "postgres" / "postmaster.pid").read_text().split()[0])


def replaced(stack: Stack, server: Callable[[Stack], int], victim: int) -> bool:
    """Whether another process serves where ``victim`` did."""
    try:
        return server(stack) != victim
    except (OSError, ValueError, IndexError, RedisError):  # none is there yet, or it has not written its number
        return False


def log_in(stack: Stack) -> Any:
    password = json.loads((stack.var / "credentials.json").read_text())["demo"]
    return TutorClient(f"http://127.0.0.1:{stack.port}").post("/auth/login", {"username": "demo", "password": password})


def refused(call: Callable[[], Any]) -> ApiError | None:
    try:
        call()
    except ApiError as error:
        return error
    return None


def answered(call: Callable[[], Any]) -> bool:
    """Whether the call succeeds; what refuses it must be a named 503."""
    refusal = refused(call)
    if refusal is not None:
        assert refusal.status == 503, refusal.body
        assert refusal.body["errors"][0]["code"] in AWAY
    return refusal is None


def list_sessions(stack: Stack) -> Any:
    return stack.client().get("/sessions")


@pytest.mark.parametrize(("server", "call"), [(valkey, log_in), (postmaster, list_sessions)])
def test_a_killed_server_is_back_within_half_a_minute_and_so_is_what_needs_it(
    stack: Stack, server: Callable[[Stack], int], call: Callable[[Stack], Any]
) -> None:
    learner, admin = stack.client(), stack.client("admin")
    processes = StateFile(stack.var).read().processes  # type: ignore[union-attr]
    victim = server(stack)
    os.kill(victim, signal.SIGKILL)
    killed_at = time.monotonic()
    # Backends of a killed postmaster answer for a moment: the other server has to be there, too.
    wait_until(lambda: replaced(stack, server, victim) and answered(lambda: call(stack)), every=0.5)
    assert time.monotonic() - killed_at < BACK_WITHIN_SECONDS
    assert answered(lambda: learner.get("/sessions"))
    job = admin.post("/jobs", {"job_type": "ping", "priority": "high"})
    *_, ended = admin.job_states(job["id"], timeout_seconds=60)
    assert ended["status"] == "completed"
    assert StateFile(stack.var).read().processes == processes  # type: ignore[union-attr]


def test_up_waits_for_a_stack_that_mends_itself_and_does_not_start_another(stack: Stack) -> None:
    supervisor = StateFile(stack.var).read().supervisor  # type: ignore[union-attr]
    os.kill(supervisor.pid, signal.SIGSTOP)
    try:
        os.kill(valkey(stack), signal.SIGKILL)
        os.kill(postmaster(stack), signal.SIGKILL)
        mending = threading.Timer(5, os.kill, (supervisor.pid, signal.SIGCONT))
        mending.start()
        stack.command("up")
    finally:
        os.kill(supervisor.pid, signal.SIGCONT)
    assert StateFile(stack.var).read().supervisor == supervisor  # type: ignore[union-attr]
    assert stack.redis().ping()
    assert psycopg.connect(embedded.postgres_url(stack.var)).execute("SELECT 1").fetchone() == (1,)

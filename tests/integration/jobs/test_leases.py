"""Leases are renewed from outside the work, and what exceeds a limit is stopped, named, and not tried elsewhere."""

from __future__ import annotations

import dataclasses
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from jobs_app import leases
from jobs_app.leases import Board, Held, LeaseWatch, lease_kept
from jobs_app.limits import Limits
from jobs_app.models import Job
from jobs_app.registry import JobKind, _kinds
from jobs_app.runner import job_run
from jobs_app.services import control, ledger, sharing
from jobs_app.services.creation import job_create
from jobs_app.services.sweeping import sweep

pytestmark = pytest.mark.django_db

AMPLE = Limits(600, math.inf, 100_000)
SPIN = "import signal\nsignal.signal(signal.SIGUSR2, signal.SIG_IGN)\nx = bytearray(64 * 2**20)\nprint('up', flush=True)\nwhile True: pass"


@pytest.fixture(autouse=True)
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    fresh = Board()
    monkeypatch.setattr(leases, "board", fresh)
    monkeypatch.setattr(leases, "LEASE_EXTENSION_SECONDS", 0.0)
    return fresh


@pytest.fixture
def spinning() -> Iterator[subprocess.Popen[str]]:
    """A process of the pool in one long call: it holds its interpreter and hears nothing."""
    with subprocess.Popen([sys.executable, "-c", SPIN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def held_by(process: subprocess.Popen[str], job: Job, limits: Limits) -> Held:
    assert job.lease_token
    return Held(process.pid, job.pk, job.lease_token, time.monotonic(), 0.0, 0, limits)


def claimed() -> Job:
    job = ledger.job_claim(job_id=job_create(job_type="ping").pk, worker="test")
    assert job is not None
    return job


def test_the_lease_of_a_process_that_spins_is_renewed_and_nobody_else_gets_its_job(
    board: Board, spinning: subprocess.Popen[str]
) -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    board.write(3, held_by(spinning, job, AMPLE))
    LeaseWatch().look()
    assert sweep().reclaimed == 0
    assert spinning.poll() is None


def test_the_lease_of_a_process_that_is_gone_runs_out(board: Board, spinning: subprocess.Popen[str]) -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    board.write(3, held_by(spinning, job, AMPLE))
    spinning.kill()
    os.waitid(os.P_PID, spinning.pid, os.WEXITED | os.WNOWAIT)  # a zombie, as a child of the pool until it is replaced
    LeaseWatch().look()
    assert sweep().reclaimed == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_keeps_no_other_lease_from_being_renewed(
    board: Board, spinning: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [claimed(), claimed()]
    for line, job in enumerate(jobs):
        board.write(line, held_by(spinning, job, AMPLE))

    def expired() -> list[bool]:
        return [Job.objects.filter(pk=job.pk, lease_expires_at__lt=timezone.now()).exists() for job in jobs]

    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    watch = LeaseWatch()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None, "pool": None}) as other:
        other.execute("SELECT 1 FROM jobs_app_job WHERE id = %s FOR UPDATE", [jobs[0].pk])
        watch.look()
        assert expired() == [True, False]
        monkeypatch.setattr(leases, "LEASE_EXTENSION_SECONDS", 3600.0)
        watch._extended_at = -3600.0  # due, as it stays while a row is left out
        watch.look()
        assert expired() == [True, False]
    watch.look()
    assert expired() == [False, False]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(-leases.SPARE_SECONDS, math.inf, 100_000), "time_limit_exceeded"),
        (Limits(600, 0.0, 100_000), "processor_limit_exceeded"),
        (Limits(600, math.inf, 1), "memory_limit_exceeded"),
    ],
)
def test_what_exceeds_a_limit_is_stopped_named_and_not_tried_again(
    board: Board, spinning: subprocess.Popen[str], limits: Limits, code: str
) -> None:
    job = claimed()
    board.write(0, held_by(spinning, job, limits))
    LeaseWatch().look()
    assert spinning.wait(10) == -9
    job.refresh_from_db()
    assert (job.status, job.error_code, job.attempts) == ("failed", code, 1)
    assert job.attempt_rows.get().outcome == "failed"
    assert sweep().as_dict() == dict.fromkeys(sweep().as_dict(), 0)


def test_a_cancelled_run_that_hears_nothing_is_ended_within_seconds(
    board: Board, spinning: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = claimed()
    board.write(3, held_by(spinning, job, AMPLE))
    watch = LeaseWatch()
    control.job_cancel(job_id=job.pk)
    watch.look()
    assert spinning.poll() is None  # it has a moment to reach a checkpoint
    monkeypatch.setattr(leases, "CANCEL_GRACE_SECONDS", 0.0)
    watch.look()
    assert spinning.wait(10) == -9
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("cancelled", "cancelled")
    assert job.attempt_rows.get().outcome == "cancelled"
    assert leases.CANCEL_GRACE_SECONDS + 2 * leases.LOOK_EVERY_SECONDS < 5


class Holding:
    """A worker of two processes, both held for long by jobs of one owner."""

    def __init__(self, board: Board, owner: Any, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.jobs = []
        for line, pid in enumerate((os.getpid(), process.pid)):
            job = ledger.job_claim(job_id=job_create(job_type="ping", owner_id=owner.pk).pk, worker="test")
            assert job is not None
            assert job.lease_token
            began = time.monotonic() - 2 * sharing.HOLD_SECONDS + line
            board.write(line, Held(pid, job.pk, job.lease_token, began, 0.0, 0, AMPLE))
            self.jobs.append(job)
        self.watch = LeaseWatch(processes=2, queues=("high", "default", "low"))

    def look(self) -> list[str]:
        """Look once; the states of the two jobs afterwards."""
        self.watch.look()
        return [Job.objects.get(pk=job.pk).status for job in self.jobs]


@pytest.fixture
def holding(board: Board, make_user: Any, spinning: subprocess.Popen[str]) -> Holding:
    return Holding(board, make_user("greedy"), spinning)


def test_the_youngest_of_an_owner_who_holds_every_process_yields_to_somebody_else(
    holding: Holding, make_user: Any
) -> None:
    waits = job_create(job_type="ping", owner_id=make_user("other").pk)
    assert holding.look() == ["running", "pending"]
    assert holding.process.wait(10) == -9
    aside = Job.objects.get(pk=holding.jobs[1].pk)
    assert aside.max_attempts - aside.attempts == 3  # it has as many tries left as before
    assert aside.attempt_rows.get().outcome == "retried"
    assert sweep().dispatched == 1
    first, second = (ledger.job_claim_next(queue="default", worker="test") for _ in range(2))
    assert first is not None
    assert second is not None
    assert [first.pk, second.pk] == [waits.pk, aside.pk]


def test_nobody_yields_while_nobody_else_waits_or_a_process_has_just_begun(
    holding: Holding, board: Board, make_user: Any
) -> None:
    job_create(job_type="ping", owner_id=holding.jobs[0].owner_id)
    assert holding.look() == ["running", "running"]
    job_create(job_type="ping", owner_id=make_user("other").pk)
    fresh = dataclasses.replace(board.read()[1], began=time.monotonic())
    board.write(1, fresh)
    assert holding.look() == ["running", "running"]


def test_a_job_that_could_not_run_anyway_makes_nobody_yield(holding: Holding, make_user: Any) -> None:
    blocked = job_create(job_type="ping", owner_id=make_user("other").pk)
    Job.objects.filter(pk=blocked.pk).update(exclusive_key="busy")
    Job.objects.filter(pk=holding.jobs[0].pk).update(exclusive_key="busy")
    assert holding.look() == ["running", "running"]


def test_the_board_holds_a_line_a_process_and_forgets_what_ended(board: Board) -> None:
    one = Held(1, uuid4(), uuid4(), 2.5, 0.5, 7, Limits(1.0, 2.0, 3))
    two = dataclasses.replace(one, pid=2, limits=Limits(9.0, math.inf, 5))
    board.write(0, one)
    board.write(leases.MOST_PROCESSES - 1, two)
    assert board.read() == [one, two]
    board.write(0, None)
    assert board.read() == [two]


def test_a_job_is_on_the_board_while_it_runs(board: Board) -> None:
    job = claimed()
    with lease_kept(job, AMPLE):
        (held,) = board.read()
        assert (held.pid, held.job_id, held.lease_token) == (os.getpid(), job.pk, job.lease_token)
    assert board.read() == []


def swallow_everything(context: Any) -> None:
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def grow(context: Any) -> None:
    kept = []
    while True:
        kept.append(bytearray(2**20))


@pytest.mark.parametrize(
    ("handler", "limits", "code"),
    [
        (swallow_everything, {"time_limit": 0.2}, "time_limit_exceeded"),
        (grow, {"memory_limit": 128}, "memory_limit_exceeded"),
    ],
)
def test_a_run_stops_itself_at_its_limit_and_the_process_goes_on(
    monkeypatch: pytest.MonkeyPatch, handler: Any, limits: dict[str, Any], code: str
) -> None:
    monkeypatch.setitem(_kinds, "greedy", JobKind(name="greedy", handler=handler, **limits))
    job = job_create(job_type="greedy")
    assert job_run(job_id=job.pk, worker="test") == "failed"
    job.refresh_from_db()
    assert (job.error_code, job.attempts) == (code, 1)
    assert job_run(job_id=job_create(job_type="ping").pk, worker="test") == "completed"
    assert len(bytearray(256 * 2**20)) > 0

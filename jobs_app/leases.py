"""Leases of running jobs, kept by the worker's main process, outside the interpreter lock of the work itself.

Each process of the pool writes what it runs on a board in shared memory. The main process renews the leases of all it
reads there, so a job that spins in one long call is neither taken for lost nor given to a second worker. It ends the
process of a job that exceeds its limits, of one that was cancelled and hears nothing of it, and of one that yields its
place (``jobs_app.services.sharing``). A run that waits for a model is woken when it is cancelled, and the wait, which has
time-outs of its own, does not count towards its time.
"""

from __future__ import annotations

import math
import mmap
import os
import signal
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import FrameType
from uuid import UUID

import psutil
import structlog
from django.db import DatabaseError, connection

from jobs_app.limits import Limits, clock_stopped, exceeded, resident_bytes
from jobs_app.models import Job
from jobs_app.services import ledger, sharing
from tutor_project.common import waits

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0
LEASE_EXTENSION_SECONDS = ledger.LEASE_SECONDS / 4
SPARE_SECONDS = 15.0
"""A run raises inside itself when its time is over; one that cannot is ended so much later."""
CANCEL_GRACE_SECONDS = 2.0
"""A run that was cancelled has so long to reach a checkpoint."""
WAKE = signal.SIGUSR2
MOST_PROCESSES = 256


@dataclass(frozen=True, slots=True)
class Held:
    """A job as its process has written it: when it began (monotonic), and the processor time and memory before it."""

    pid: int
    job_id: UUID
    lease_token: UUID
    began: float
    processor_before: float
    memory_before: int
    limits: Limits


class Board:
    """One line a process of the pool, in memory that a worker's processes share by being forked from its main one."""

    _LINE = struct.Struct("<q16s16sddqddq")
    _TOKEN = struct.Struct("16s")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, MOST_PROCESSES * self._LINE.size)
        self._called_off = mmap.mmap(-1, MOST_PROCESSES * self._TOKEN.size)

    def write(self, line: int, held: Held | None) -> None:
        """Write what a process runs, or that it runs nothing. A half-written line only names no lease there is."""
        if held is None:
            struct.pack_into("<q", self._memory, line * self._LINE.size, 0)
            return
        limits = held.limits
        self._LINE.pack_into(
            self._memory, line * self._LINE.size, held.pid, held.job_id.bytes, held.lease_token.bytes, held.began,
            held.processor_before, held.memory_before, limits.wall_seconds, limits.processor_seconds, limits.memory_mb,
        )  # fmt: skip

    def read(self) -> list[Held]:
        """Return what the processes run now."""
        found = []
        for line in range(MOST_PROCESSES):
            pid, job_id, token, began, processor, memory, *limits = self._LINE.unpack_from(
                self._memory, line * self._LINE.size
            )
            if pid:
                held = Held(pid, UUID(bytes=job_id), UUID(bytes=token), began, processor, memory, Limits(*limits))
                found.append(held)
        return found

    def call_off(self, held: Held) -> None:
        """Write beside a run that it was cancelled, for the process that runs it."""
        for line in range(MOST_PROCESSES):
            (pid,) = struct.unpack_from("<q", self._memory, line * self._LINE.size)
            if pid == held.pid:
                self._TOKEN.pack_into(self._called_off, line * self._TOKEN.size, held.lease_token.bytes)

    def is_called_off(self, line: int, held: Held) -> bool:
        """Tell whether this run of the line was cancelled."""
        (token,) = self._TOKEN.unpack_from(self._called_off, line * self._TOKEN.size)
        return bool(token == held.lease_token.bytes)


board = Board()
"""The board of this worker; ``open_board`` makes it before the pool is forked."""
_line = 0
_waiting: Held | None = None
"""The run of this process, while it waits for a model."""


def open_board() -> None:
    """Give this worker a board of its own, before its pool is forked from it.

    Workers of one stack are forks of one process. A board made there, at import, would be shared by all of them, and each
    pool would overwrite the lines of the others.
    """
    global board
    board = Board()


def join_board(line: int) -> None:
    """Choose the line of this process of the pool, and listen for cancels; what a killed one left there is wiped."""
    global _line
    _line = line % MOST_PROCESSES
    board.write(_line, None)
    signal.signal(WAKE, _wake)


def _wake(number: int, frame: FrameType | None) -> None:
    if _waiting is not None and board.is_called_off(_line, _waiting):
        raise waits.CalledOff


@contextmanager
def lease_kept(job: Job, limits: Limits) -> Iterator[None]:
    """Have the lease renewed and the limits watched while the block runs."""
    assert job.lease_token is not None
    held = Held(os.getpid(), job.pk, job.lease_token, time.monotonic(), time.process_time(), resident_bytes(), limits)
    board.write(_line, held)
    try:
        with waits.listening(lambda: _wait_of(held)):
            yield
    finally:
        board.write(_line, None)


@contextmanager
def _wait_of(held: Held) -> Iterator[None]:
    """Stop the clock of a run while it waits, as its process and as the main one see it, and let a cancel wake it."""
    global _waiting
    (present,) = [one for one in board.read() if one.lease_token == held.lease_token]
    began, limits = time.monotonic(), present.limits
    try:
        with clock_stopped():
            board.write(_line, replace(present, limits=replace(limits, wall_seconds=math.inf)))
            _waiting = present
            yield
    finally:
        _waiting = None
        waited = time.monotonic() - began
        board.write(_line, replace(present, limits=replace(limits, wall_seconds=limits.wall_seconds + waited)))


class LeaseWatch(threading.Thread):
    """Looks at the board for the worker's main process until stopped."""

    def __init__(self, *, processes: int = 1, queues: Sequence[str] = ()) -> None:
        super().__init__(name="lease-watch", daemon=True)
        self._processes = processes
        self._queues = queues
        self._extended_at = time.monotonic()
        self._cancelled_at: dict[UUID, float] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look every second."""
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            try:
                self.look()
            except DatabaseError as error:
                log.warning("leases_not_extended", error=type(error).__name__)
            except Exception:
                log.exception("lease_watch_failed")
            finally:
                connection.close()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    def look(self) -> None:
        """End what has to end, and extend the leases of the rest when they are due. Raises DatabaseError."""
        held = [one for one in board.read() if not self._over_limit(one)]
        held = self._without_cancelled(held)
        held = self._without_yielding(held)
        due = time.monotonic() - self._extended_at >= LEASE_EXTENSION_SECONDS
        # A run whose row was held at this moment is tried again at the next look.
        if due and ledger.leases_extend(lease_tokens=[one.lease_token for one in held]):
            self._extended_at = time.monotonic()

    @staticmethod
    def _over_limit(held: Held) -> bool:
        """Tell whether the process of a run is gone, also because it had to be ended now."""
        try:
            process = psutil.Process(held.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
            used = process.cpu_times()
            error = exceeded(
                held.limits,
                wall=time.monotonic() - held.began,
                processor=used.user + used.system - held.processor_before,
                memory=process.memory_info().rss - held.memory_before,
                spare=SPARE_SECONDS,
            )
        except psutil.NoSuchProcess:
            return True
        if error is None:
            return False
        _end_process(held, reason=error.code)
        ledger.run_stopped(job_id=held.job_id, lease_token=held.lease_token, error=error)
        return True

    def _without_cancelled(self, held: list[Held]) -> list[Held]:
        """End the runs that were cancelled a moment ago and went on; returns the others."""
        now = time.monotonic()
        cancelled = ledger.runs_cancelled(lease_tokens=[one.lease_token for one in held])
        self._cancelled_at = {token: self._cancelled_at.get(token, now) for token in cancelled}
        late = {token for token, since in self._cancelled_at.items() if now - since >= CANCEL_GRACE_SECONDS}
        for one in held:
            if one.lease_token in late:
                _end_process(one, reason="cancelled")
                ledger.run_end_cancelled(job_id=one.job_id, lease_token=one.lease_token)
            elif one.lease_token in cancelled:
                board.call_off(one)
                with suppress(ProcessLookupError):
                    os.kill(one.pid, WAKE)
        return [one for one in held if one.lease_token not in late]

    def _without_yielding(self, held: list[Held]) -> list[Held]:
        """Send the youngest run back to wait when one owner has held every process too long and others wait."""
        long_ago = time.monotonic() - sharing.HOLD_SECONDS
        if not 1 < self._processes <= len(held) or any(one.began > long_ago for one in held):
            return held
        if not sharing.others_wait(lease_tokens=[one.lease_token for one in held], queues=self._queues):
            return held
        youngest = max(held, key=lambda one: one.began)
        _end_process(youngest, reason="yields")
        sharing.run_set_aside(job_id=youngest.job_id, lease_token=youngest.lease_token)
        return [one for one in held if one is not youngest]


def _end_process(held: Held, *, reason: str) -> None:
    """End the process of a run; its transaction ends with its connection, so the row is free a moment later."""
    with suppress(ProcessLookupError):
        os.kill(held.pid, signal.SIGKILL)
    log.warning("job_stopped", job_id=str(held.job_id), code=reason)

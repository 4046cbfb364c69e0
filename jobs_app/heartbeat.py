"""Signs of life: the lease of a long step, and the rows by which health knows workers and beat."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.utils import timezone

from jobs_app.models import Job, ProcessHeartbeat
from jobs_app.registry import kind_names
from jobs_app.services import ledger

log = structlog.get_logger(__name__)

LEASE_EXTENSION_SECONDS = ledger.LEASE_SECONDS / 4
PROCESS_HEARTBEAT_SECONDS = 10.0


class _LeaseKeeper:
    """One thread a process that extends the lease of the job it runs; it sleeps while there is none.

    Short jobs one after the other do not wake it: it looks again when the lease of the job it last saw would be due.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._job: Job | None = None
        self._due = 0.0
        self._idle = False
        self._thread: threading.Thread | None = None
        self._pid = 0

    def hold(self, job: Job | None) -> None:
        with self._condition:
            self._job, self._due = job, time.monotonic() + LEASE_EXTENSION_SECONDS
            if job is None:
                return
            if self._thread is None or self._pid != os.getpid():
                self._pid = os.getpid()  # a forked worker has none of its parent's threads
                self._idle = False
                self._thread = threading.Thread(target=self._loop, name="lease-keeper", daemon=True)
                self._thread.start()
            elif self._idle:
                self._idle = False
                self._condition.notify()

    def _loop(self) -> None:
        while True:
            with self._condition:
                job, pause = self._job, self._due - time.monotonic()
                if job is None:
                    self._idle = True
                    self._condition.wait()
                    continue
                if pause > 0:
                    self._condition.wait(pause)
                    continue
                self._due = time.monotonic() + LEASE_EXTENSION_SECONDS
            self._extend(job)

    @staticmethod
    def _extend(job: Job) -> None:
        try:
            assert job.lease_token is not None
            ledger.lease_extend(job_id=job.pk, lease_token=job.lease_token)
        except DatabaseError as error:
            log.warning("lease_not_extended", job_id=str(job.pk), error=type(error).__name__)
        finally:
            connection.close()


_keeper = _LeaseKeeper()


@contextmanager
def lease_kept(job: Job) -> Iterator[None]:
    """Extend the job's lease every few seconds while the block runs, so that a long step is not taken for a dead one."""
    _keeper.hold(job)
    try:
        yield
    finally:
        _keeper.hold(None)


def process_name(role: str) -> str:
    """Return the name under which this process reports: role, host and pid."""
    return f"{role}@{socket.gethostname()}:{os.getpid()}"


def process_beat(*, role: str, queues: list[str], concurrency: int, started_at: datetime) -> None:
    """Write this process's heartbeat row; a missing database is logged, not raised."""
    try:
        ProcessHeartbeat.objects.update_or_create(
            name=process_name(role),
            defaults={
                "role": role,
                "pid": os.getpid(),
                "concurrency": concurrency,
                "queues": queues,
                "kinds": kind_names(),
                "started_at": started_at,
                "seen_at": Now(),
            },
        )
    except DatabaseError as error:
        log.warning("heartbeat_not_written", role=role, error=type(error).__name__)


class ProcessHeart(threading.Thread):
    """Beats for a worker's main process until stopped, then removes the row."""

    def __init__(self, *, role: str, queues: list[str], concurrency: int) -> None:
        super().__init__(name=f"{role}-heart", daemon=True)
        self.role = role
        self.queues = queues
        self.concurrency = concurrency
        self.started_at = timezone.now()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Beat every ten seconds."""
        while True:
            process_beat(role=self.role, queues=self.queues, concurrency=self.concurrency, started_at=self.started_at)
            connection.close()
            if self.stopping.wait(PROCESS_HEARTBEAT_SECONDS):
                return

    def stop(self) -> None:
        """Stop beating and say goodbye."""
        self.stopping.set()
        try:
            ProcessHeartbeat.objects.filter(name=process_name(self.role)).delete()
        except DatabaseError as error:
            log.warning("heartbeat_not_removed", error=type(error).__name__)
        finally:
            connection.close()

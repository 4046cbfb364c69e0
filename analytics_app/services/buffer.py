"""The buffer between a request and the database: facts are taken in microseconds and written in batches.

Nothing is lost in silence. Facts stay in the buffer while the database does not answer; when it is full, further ones
are counted by reason, logged, exported to Prometheus, shown by the health probe, and written to the loss table as soon
as the database answers again. What must not be lost even when the process is killed is written durably instead.
"""

from __future__ import annotations

import atexit
import multiprocessing.util
import os
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from celery.signals import worker_process_shutdown
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError, connection
from prometheus_client import Counter as Metric
from prometheus_client import Gauge

from analytics_app.domain.facts import Fact

log = structlog.get_logger(__name__)

CAPACITY = 50_000
BATCH = 2_000
INTERVAL_SECONDS = 0.5
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0)
EXIT_SECONDS = 10.0
LOG_EVERY_SECONDS = 10.0

_lost = Metric("tutor_facts_lost_total", "Facts that could not be stored.", ["reason"])
_waiting = Gauge("tutor_facts_waiting", "Facts waiting in this process's buffer.", multiprocess_mode="livesum")


class Report(Protocol):
    """What a writer says about a batch."""

    expired: int


Write = Callable[[Sequence[Fact]], Report]
WriteLosses = Callable[[str, dict[str, int]], None]


@dataclass(frozen=True, slots=True)
class BufferState:
    """How the buffer of this process is doing."""

    waiting: int
    capacity: int
    lost: dict[str, int]
    failing_since: float | None
    last_error: str | None


class FactBuffer:
    """Bounded queue and one flusher thread per process, started with the first fact and again after a fork."""

    def __init__(
        self,
        write: Write,
        write_losses: WriteLosses,
        *,
        capacity: int = CAPACITY,
        batch: int = BATCH,
        interval: float = INTERVAL_SECONDS,
        backoff: Sequence[float] = BACKOFF_SECONDS,
        threaded: bool = True,
    ) -> None:
        self._write = write
        self._write_losses = write_losses
        self._threaded = threaded
        self._capacity, self._batch, self._interval, self._backoff = capacity, batch, interval, tuple(backoff)
        self._reset()

    def _reset(self) -> None:
        self._facts: deque[Fact] = deque()
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost: Counter[str] = Counter()
        self._unreported: Counter[str] = Counter()
        self._failures = 0
        self._failing_since: float | None = None
        self._last_error: str | None = None
        self._logged_at = float("-inf")

    def after_fork(self) -> None:
        """The child starts empty: what the parent holds, the parent writes."""
        self._reset()

    def add(self, fact: Fact) -> bool:
        """Take ``fact``; ``False`` (and counted) when the buffer is full."""
        with self._lock:
            if len(self._facts) >= self._capacity:
                taken = False
            else:
                self._facts.append(fact)
                taken = True
            full_batch = len(self._facts) >= self._batch
            if self._threaded and self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="fact-flusher", daemon=True)
                self._thread.start()
        if full_batch:
            self._wake.set()
        if not taken:
            self.lose("buffer_full", 1)
        return taken

    def lose(self, reason: str, count: int) -> None:
        """Count facts that will not be stored."""
        with self._lock:
            self._lost[reason] += count
            self._unreported[reason] += count
            due = time.monotonic() - self._logged_at >= LOG_EVERY_SECONDS
            if due:
                self._logged_at = time.monotonic()
            so_far = dict(self._lost)
        _lost.labels(reason).inc(count)
        if due:
            log.error("facts_lost", reason=reason, count=count, lost_by_this_process=so_far)

    def state(self) -> BufferState:
        """The figures the health probe shows."""
        with self._lock:
            return BufferState(
                len(self._facts), self._capacity, dict(self._lost), self._failing_since, self._last_error
            )

    def flush(self, *, timeout: float = EXIT_SECONDS) -> bool:
        """Write what is waiting, now, in this thread; ``False`` when some is left because the database fails."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self._has_work():
                return True
            if not self._flush_batch():
                return False
        return False

    def close(self) -> None:
        """Write what is waiting and stop; what cannot be written is counted and logged."""
        self._stop.set()
        self._wake.set()
        if not self.flush():
            with self._lock:
                left = len(self._facts)
                self._facts.clear()
            if left:
                self.lose("process_ended", left)
                log.error("facts_lost_at_exit", count=left)

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._failures:
                self._stop.wait(self._pause())  # not _wake: a full buffer would turn the pause into a busy loop
            else:
                self._wake.wait(self._interval)
            self._wake.clear()
            while not self._stop.is_set() and self._has_work() and self._flush_batch():
                pass

    def _pause(self) -> float:
        return self._backoff[min(self._failures, len(self._backoff)) - 1]

    def _has_work(self) -> bool:
        with self._lock:
            _waiting.set(len(self._facts))
            return bool(self._facts or self._unreported)

    def _flush_batch(self) -> bool:
        """Write one batch; on failure the facts stay where they were. Ids make a repeated write harmless."""
        with self._flushing:
            with self._lock:
                facts = [self._facts[index] for index in range(min(self._batch, len(self._facts)))]
                losses = dict(self._unreported)
            try:
                expired = self._store(facts)
                if losses:
                    self._write_losses(process_name(), losses)
            except Exception as error:  # noqa: BLE001  recorded as failing and tried again: the flusher must live on
                self._failed(error)
                return False
            finally:
                _return_connection()
            with self._lock:
                for _ in facts:
                    self._facts.popleft()
                self._unreported.subtract(losses)
                self._unreported += Counter()
                self._failures, self._failing_since, self._last_error = 0, None, None
        if expired:
            self.lose("before_retention", expired)
        return True

    def _store(self, facts: Sequence[Fact]) -> int:
        """Write ``facts``; when the database calls the batch wrong, the wrong ones are sorted out and counted."""
        if not facts:
            return 0
        try:
            return self._write(facts).expired
        except (DataError, IntegrityError, ProgrammingError) as error:
            log.error("fact_batch_refused", error=type(error).__name__, facts=len(facts))
        expired = 0
        for fact in facts:
            try:
                expired += self._write([fact]).expired
            except (DataError, IntegrityError, ProgrammingError) as error:
                log.error("fact_refused", kind=fact.kind, error=type(error).__name__)
                self.lose("refused_by_database", 1)
        return expired

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self._failures += 1
            self._failing_since = self._failing_since or time.time()
            self._last_error = type(error).__name__
            waiting = len(self._facts)
        expected = isinstance(error, (DatabaseError, InterfaceError, OSError))
        log.warning(
            "facts_not_written",
            error=type(error).__name__,
            waiting=waiting,
            failures=self._failures,
            exc_info=None if expected else error,
        )


def process_name() -> str:
    """Host and process id: whose loss it was."""
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


def _return_connection() -> None:
    """Give the flusher's connection back to the pool between batches (never one that is inside a transaction)."""
    if not connection.in_atomic_block:
        connection.close()


def close_with_process(buffer: FactBuffer) -> None:
    """Flush ``buffer`` whichever way the process ends on its own, and empty it in forked children.

    Children of multiprocessing (the web server's workers) leave by ``os._exit``: atexit does not run there, the
    module's finalizers do. Celery's pool processes announce their end by a signal.
    """
    atexit.register(buffer.close)
    os.register_at_fork(after_in_child=buffer.after_fork)
    multiprocessing.util.Finalize(None, buffer.close, exitpriority=10)
    multiprocessing.util.register_after_fork(buffer, _finalize_child)
    worker_process_shutdown.connect(lambda **_: buffer.close(), weak=False, dispatch_uid="facts_flush")


def _finalize_child(buffer: FactBuffer) -> None:
    multiprocessing.util.Finalize(None, buffer.close, exitpriority=10)

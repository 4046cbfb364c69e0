"""What a run may take of the machine, and the errors that name what it exceeded."""

from __future__ import annotations

import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from jobs_app.errors import JobCancelled, MemoryLimitExceeded, ProcessorLimitExceeded, TimeLimitExceeded
from tutor_project.common.errors import DomainError
from tutor_project.common.waits import CalledOff

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds by the clock, seconds of processor time, and MiB of memory beyond what the process held before."""

    wall_seconds: float
    processor_seconds: float
    memory_mb: int


class OutOfTime(BaseException):
    """Raised inside a run whose time is over, wherever it is; no ``except Exception`` of the work catches it."""


@contextmanager
def bounded(limits: Limits) -> Iterator[None]:
    """Run the block within the limits as far as its own process can see to it.

    Raises the named error of the limit, and JobCancelled where a wait was called off. Code that never returns to the
    interpreter hears nothing of the time: the worker's main process ends it (``jobs_app.leases``). Memory is bounded
    where the system can (Linux).
    """
    try:
        with _alarm(limits.wall_seconds), _memory(limits.memory_mb * MEBIBYTE):
            yield
    except CalledOff:
        raise JobCancelled from None
    except OutOfTime:
        raise TimeLimitExceeded(seconds=round(limits.wall_seconds)) from None
    except MemoryError:
        raise MemoryLimitExceeded(megabytes=limits.memory_mb) from None


def exceeded(limits: Limits, *, wall: float, processor: float, memory: int, spare: float) -> DomainError | None:
    """Return the error of the limit that a run has passed by, seen from outside; time has ``spare`` seconds more."""
    if wall > limits.wall_seconds + spare:
        return TimeLimitExceeded(seconds=round(limits.wall_seconds))
    if processor > limits.processor_seconds:
        return ProcessorLimitExceeded(seconds=round(limits.processor_seconds))
    if memory > limits.memory_mb * MEBIBYTE:
        return MemoryLimitExceeded(megabytes=limits.memory_mb)
    return None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> NoReturn:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _memory(spare: int) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = _data_bytes() + spare
    if hard != resource.RLIM_INFINITY:
        bound = min(bound, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@contextmanager
def clock_stopped() -> Iterator[None]:
    """Let no time of the enclosing ``bounded`` pass while the block runs; that of the processor does."""
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        if left:
            signal.setitimer(signal.ITIMER_REAL, left)


def resident_bytes() -> int:
    """Return the memory this process holds now; 0 where the system does not tell (only Linux does)."""
    return _statm(1) if sys.platform == "linux" else 0


def _data_bytes() -> int:
    return _statm(5)


def _statm(column: int) -> int:
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[column]) * resource.getpagesize()

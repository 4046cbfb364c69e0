"""File locks that end with the process that holds them (``flock``): the kernel frees them, however a process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


class LockTimeout(Exception):
    """Somebody else held the lock for the whole time."""


def open_lock(path: Path) -> int:
    """A descriptor of the lock file, which is made if need be; programs started from here do not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def take(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock, or change how it is held, without waiting; whether that worked."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for(descriptor: int, *, seconds: float, shared: bool = False) -> None:
    """Take the lock, waiting up to ``seconds``. Raises ``LockTimeout``."""
    deadline = time.monotonic() + seconds
    while not take(descriptor, shared=shared):
        if time.monotonic() > deadline:
            raise LockTimeout
        time.sleep(POLL_SECONDS)


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock exclusively. Asks with a shared lock, so that two who ask do not meet."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not take(descriptor, shared=True)
    finally:
        os.close(descriptor)


@contextmanager
def holding(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock exclusively for the block. Raises ``LockTimeout`` after ``seconds``."""
    descriptor = open_lock(path)
    try:
        wait_for(descriptor, seconds=seconds)
        yield
    finally:
        os.close(descriptor)

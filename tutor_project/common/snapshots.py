"""A value of the database kept in the process: reads cost no query, and no process is behind by more than a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog
from django.db import DatabaseError

from tutor_project.common.threads import in_event_loop

log = structlog.get_logger(__name__)

MAX_AGE_SECONDS = 3.0
"""Together with the time a read takes this keeps every process within five seconds of a change."""

Value = TypeVar("Value")


class Snapshot(Generic[Value]):
    """What ``load`` returned, at most ``MAX_AGE_SECONDS`` ago while the database answers; ``empty`` before the first time."""

    def __init__(self, name: str, load: Callable[[], Value], empty: Value) -> None:
        self._name = name
        self._load = load
        self._value = empty
        self._loaded_at = float("-inf")
        self._lock = threading.Lock()

    def read(self) -> Value:
        """Return the value; one thread of the process loads it again when it is too old."""
        if time.monotonic() - self._loaded_at > MAX_AGE_SECONDS:
            self._refresh()
        return self._value

    def invalidate(self) -> None:
        """Make the next read of this process load the value again."""
        self._loaded_at = float("-inf")

    def _refresh(self) -> None:
        if in_event_loop() or not self._lock.acquire(blocking=False):
            return  # an event loop may not query, and another thread is already reading: the old value serves
        try:
            self._value = self._load()
            self._loaded_at = time.monotonic()
        except DatabaseError as error:
            self._loaded_at = time.monotonic()
            log.warning("snapshot_not_read", snapshot=self._name, error=type(error).__name__)
        finally:
            self._lock.release()

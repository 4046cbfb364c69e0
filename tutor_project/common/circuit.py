"""After a failed attempt to reach a service the next ones are refused for a moment, instead of each waiting in turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

REFUSE_SECONDS = 1.0


class Circuit:
    """Closed while attempts succeed. Open after one has failed: then one attempt a ``refuse_seconds`` is let through.

    So an outage costs one caller at a time the full wait, and the end of it is noticed within a moment.
    """

    def __init__(self, *, refuse_seconds: float = REFUSE_SECONDS) -> None:
        self._refuse_seconds = refuse_seconds
        self._lock = threading.Lock()
        self._open = False
        self._next_try = 0.0

    @contextmanager
    def attempt(self, *, away: tuple[type[Exception], ...], refusal: Exception) -> Iterator[None]:
        """Try to reach the service in the block; raises ``refusal`` at once when one has just failed.

        ``away`` are the errors of the block that mean that the service is not there.
        """
        if not self._admits():
            raise refusal
        try:
            yield
        except away:
            with self._lock:
                self._open, self._next_try = True, time.monotonic() + self._refuse_seconds
            raise
        self._open = False

    def close(self) -> None:
        """Forget what failed."""
        self._open = False

    def _admits(self) -> bool:
        if not self._open:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + self._refuse_seconds  # this caller looks; the others are refused meanwhile
            return True

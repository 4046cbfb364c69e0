"""Argon2 behind a gate: however many strangers log in, hashing takes one core and never all threads of the web."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from tutor_project.accounts.errors import SignInBusy

HASHES_AT_ONCE = 1
PATIENCE_SECONDS = 2.0
RETRY_AFTER_SECONDS = 1


class Turnstile:
    """Lets ``places`` callers in at a time and ``queue`` wait; whoever finds the queue full is sent away at once."""

    def __init__(self, *, places: int, queue: int, patience: float) -> None:
        self._places = threading.Semaphore(places)
        self._room = threading.Semaphore(places + queue)
        self._patience = patience

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Hold a place; raises SignInBusy when there is none and none becomes free in time."""
        if not self._room.acquire(blocking=False):
            raise SignInBusy(retry_after_seconds=RETRY_AFTER_SECONDS)
        try:
            if not self._places.acquire(timeout=self._patience):
                raise SignInBusy(retry_after_seconds=RETRY_AFTER_SECONDS)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._room.release()


# Those who hash and those who wait hold a thread each: half of the threads stay for everybody else.
_gate = Turnstile(
    places=HASHES_AT_ONCE, queue=max(settings.WEB_THREADS // 2 - HASHES_AT_ONCE, 0), patience=PATIENCE_SECONDS
)


class GatedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 46 MiB, one pass and one lane (OWASP, Password Storage): about 80 ms of one core.

    Django's own parameters take four times as long and eight threads, which any stranger may cause. A hash made with
    other parameters stays valid and is renewed when its owner logs in.
    """

    memory_cost = 47_104
    time_cost = 1
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash; raises SignInBusy."""
        with _gate.passing():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether the hash is the password's; raises SignInBusy."""
        with _gate.passing():
            return super().verify(password, encoded)

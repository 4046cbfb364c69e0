"""Typed reading of the runtime settings declared in ``settings.RUNTIME_SETTINGS``.

Values come from a snapshot of the process that is at most ``MAX_AGE_SECONDS`` old, so a read costs no query
and a change in the admin reaches every process within five seconds.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError

from tutor_project.common.errors import DomainError

log = structlog.get_logger(__name__)

MAX_AGE_SECONDS = 3.0


class UnknownSetting(DomainError):
    """404: no runtime setting of this name is declared."""

    code = "setting_unknown"
    status = 404
    detail = "There is no runtime setting {key}. GET /api/v1/config lists them."


class _Snapshot:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.loaded_at = float("-inf")
        self.lock = threading.Lock()

    def read(self, key: str) -> Any:
        if time.monotonic() - self.loaded_at > MAX_AGE_SECONDS:
            self.refresh()
        return self.values[key] if key in self.values else settings.RUNTIME_SETTINGS[key].default

    def refresh(self) -> None:
        if _in_event_loop() or not self.lock.acquire(blocking=False):
            return  # an event loop may not query, and another thread is already reading: the old values serve
        try:
            from constance.backends import database

            self.values = dict(database.DatabaseBackend().mget(list(settings.RUNTIME_SETTINGS)))
            self.loaded_at = time.monotonic()
        except DatabaseError as error:
            self.loaded_at = time.monotonic()
            log.warning("runtime_settings_not_read", error=type(error).__name__)
        finally:
            self.lock.release()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


_snapshot = _Snapshot()


def get(key: str) -> Any:
    """Return the present value of the declared setting ``key``; raises UnknownSetting."""
    if key not in settings.RUNTIME_SETTINGS:
        raise UnknownSetting(key=key)
    return _snapshot.read(key)


def get_int(key: str) -> int:
    """Return an integer setting."""
    return int(get(key))


def get_float(key: str) -> float:
    """Return a numeric setting."""
    return float(get(key))


def get_bool(key: str) -> bool:
    """Return a switch."""
    return bool(get(key))


def get_str(key: str) -> str:
    """Return a text setting."""
    return str(get(key))


def invalidate() -> None:
    """Make the next read of this process load the values again."""
    _snapshot.loaded_at = float("-inf")


def encode(value: Any) -> str:
    """Return the stored form of a value, as constance writes it."""
    from constance.codecs import dumps

    encoded: str = dumps(value)
    return encoded

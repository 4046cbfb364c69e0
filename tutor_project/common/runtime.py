"""Typed reading of the runtime settings declared in ``settings.RUNTIME_SETTINGS``.

Values come from a snapshot of the process, so a read costs no query and a change in the admin reaches every process
within five seconds.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from tutor_project.common.errors import DomainError
from tutor_project.common.snapshots import Snapshot


class UnknownSetting(DomainError):
    """404: no runtime setting of this name is declared."""

    code = "setting_unknown"
    status = 404
    detail = "There is no runtime setting {key}. GET /api/v1/config lists them."


def _load() -> dict[str, Any]:
    from constance.backends import database

    return dict(database.DatabaseBackend().mget(list(settings.RUNTIME_SETTINGS)))


_snapshot: Snapshot[dict[str, Any]] = Snapshot("runtime settings", _load, {})


def get(key: str) -> Any:
    """Return the present value of the declared setting ``key``; raises UnknownSetting."""
    if key not in settings.RUNTIME_SETTINGS:
        raise UnknownSetting(key=key)
    values = _snapshot.read()
    return values[key] if key in values else settings.RUNTIME_SETTINGS[key].default


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
    _snapshot.invalidate()


def encode(value: Any) -> str:
    """Return the stored form of a value, as constance writes it."""
    from constance.codecs import dumps

    encoded: str = dumps(value)
    return encoded

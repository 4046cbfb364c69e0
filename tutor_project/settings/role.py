"""The part of the stack a process plays, and what of the settings follows from it."""

from __future__ import annotations

from typing import Any

from tutor_project.environment import env

ROLE = env.str("TUTOR_ROLE", default="tutor")


def pool_timeout_seconds(role: str) -> float:
    """Return the longest a process waits for a connection.

    People wait for the web, nobody for a worker: there a restart of the server is better waited for than failed by.
    """
    return env.float("DB_POOL_TIMEOUT_SECONDS", default=1.5 if role == "web" else 10.0)


def take(role: str) -> None:
    """Give a process that was forked before it had a part the settings of one; nothing may be connected yet."""
    from django.conf import settings

    settings.ROLE = role
    options: dict[str, Any] = settings.DATABASES["default"]["OPTIONS"]
    options["application_name"] = role
    options["pool"]["timeout"] = pool_timeout_seconds(role)

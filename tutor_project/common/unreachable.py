"""What a request is told while the database or Redis is away: a named 503 that says when to come again."""

from __future__ import annotations

import threading
import time

import redis
import structlog
from django.db import InterfaceError, OperationalError

from tutor_project.common.errors import ServiceUnavailable

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 15
LOG_EVERY_SECONDS = 30.0
NOT_ACCEPTING = frozenset({"57P01", "57P02", "57P03", "53300"})
"""The server shuts down, crashed, starts, or has no connection left (PostgreSQL, appendix A)."""


class DatabaseUnreachable(ServiceUnavailable):
    """503: PostgreSQL does not answer."""

    code = "database_unreachable"
    detail = "The database does not answer. Try again in a moment; if it stays, tell whoever runs this service."


class RedisUnreachable(ServiceUnavailable):
    """503: Redis does not answer, and this request cannot do without."""

    code = "redis_unreachable"
    detail = "Redis does not answer. Try again in a moment; if it stays, tell whoever runs this service."


def unreachable(error: BaseException) -> ServiceUnavailable | None:
    """Return what the caller is told when ``error`` means that a service is away, else None.

    A statement that the database refused or gave up is not that: there the database has answered.
    """
    if isinstance(error, OperationalError | InterfaceError):
        state = getattr(error.__cause__, "sqlstate", None)
        if state is None and isinstance(error, InterfaceError) and "connection" not in str(error):
            return None
        if state is None or state.startswith("08") or state in NOT_ACCEPTING:
            return DatabaseUnreachable(retry_after_seconds=RETRY_AFTER_SECONDS)
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return RedisUnreachable(retry_after_seconds=RETRY_AFTER_SECONDS)
    return None


class _Outages:
    """Logs an outage now and then, with the number of requests it has cost since: never a line for each of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logged_at: dict[str, float] = {}
        self._failed: dict[str, int] = {}

    def note(self, answer: ServiceUnavailable, error: BaseException) -> None:
        with self._lock:
            failed = self._failed[answer.code] = self._failed.get(answer.code, 0) + 1
            if time.monotonic() - self._logged_at.get(answer.code, float("-inf")) < LOG_EVERY_SECONDS:
                return
            self._logged_at[answer.code], self._failed[answer.code] = time.monotonic(), 0
        log.error("request_unserved", code=answer.code, error=type(error).__name__, requests=failed)


outages = _Outages()

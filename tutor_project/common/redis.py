"""Redis clients of the process, synchronous and asynchronous, from the one configured URL."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from tutor_project.common.circuit import Circuit

SILENCE_SECONDS = 1.5
"""A server that says nothing for so long is away."""


class _Client(redis.Redis):
    """Refuses commands for a moment after one has failed, so that a request asks a silent server once and not five times."""

    circuit = Circuit()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run one command; raises redis.ConnectionError or redis.TimeoutError while the server is away."""
        refusal = redis.ConnectionError("the server did not answer a moment ago")
        with self.circuit.attempt(away=(redis.ConnectionError, redis.TimeoutError), refusal=refusal):
            return super().execute_command(*args, **options)


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """Return the process's client (a pool; safe to share between threads)."""
    _Client.circuit.close()
    return _Client.from_url(
        settings.REDIS_URL,
        socket_timeout=SILENCE_SECONDS,
        socket_connect_timeout=SILENCE_SECONDS,
        health_check_interval=30,
        # A connection of the pool may be of the time before a restart. Silence is not asked a second time.
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )


def async_client() -> redis.asyncio.Redis:
    """Return a new client bound to the running event loop; the caller closes it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)

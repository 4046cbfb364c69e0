"""Redis clients of the process, synchronous and asynchronous, from the one configured URL."""

from __future__ import annotations

from functools import lru_cache

import redis
import redis.asyncio
from django.conf import settings


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """Return the process's client (a pool; safe to share between threads)."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2, health_check_interval=30
    )


def async_client() -> redis.asyncio.Redis:
    """Return a new client bound to the running event loop; the caller closes it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)

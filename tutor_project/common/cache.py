"""The TTL cache: JSON values on Redis under one prefix, cleared by pattern. Nothing durable lives here."""

from __future__ import annotations

import json
from typing import Any

import redis
import structlog

from tutor_project.common.errors import InvalidInput
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)

PREFIX = "cache:"
DEFAULT_TTL_SECONDS = 300
MAX_PATTERN_LENGTH = 200


class CachePatternInvalid(InvalidInput):
    """400: the pattern is empty or too long."""

    code = "cache_pattern_invalid"
    detail = "Give a pattern of 1 to 200 characters, for example session:*."


def get(key: str) -> Any | None:
    """Return the value of ``key``, or None when it is absent, expired or Redis is away."""
    try:
        raw = client().get(PREFIX + key)
    except redis.RedisError as error:
        log.debug("cache_not_read", error=type(error).__name__)
        return None
    return json.loads(raw) if raw is not None else None  # type: ignore[arg-type]


def put(key: str, value: Any, *, ttl_seconds: float = DEFAULT_TTL_SECONDS) -> None:
    """Keep a JSON value for ``ttl_seconds``; a missing Redis only costs the speed-up."""
    try:
        client().set(PREFIX + key, json.dumps(value), px=max(int(ttl_seconds * 1000), 1))
    except redis.RedisError as error:
        log.debug("cache_not_written", error=type(error).__name__)


def clear(pattern: str) -> int:
    """Delete the keys that match the glob ``pattern``; returns their number. Raises CachePatternInvalid."""
    if not 0 < len(pattern) <= MAX_PATTERN_LENGTH:
        raise CachePatternInvalid(attr="pattern")
    removed = 0
    try:
        for key in client().scan_iter(match=PREFIX + pattern, count=500):
            removed += int(client().unlink(key))  # type: ignore[arg-type]
    except redis.RedisError as error:
        log.warning("cache_not_cleared", pattern=pattern, error=type(error).__name__)
    return removed

"""The one throttle of all doors: log-ins of API and console, passwords asked for again, tokens, password resets.

Failures are counted for an account *from an address*, and for the address: never for the account alone, or anybody
could lock anybody out. Beyond a number that is free each further attempt waits twice as long as the one before. An
attempt counts as failed until it has succeeded, so that parallel guesses are no way round. Success clears what that
account failed from there, and nothing else: who owns an account cannot wash away guesses at others.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import redis
import structlog
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from tutor_project.common import runtime
from tutor_project.common.errors import DomainError, ServiceUnavailable
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)

FIRST_WAIT_MS = 2_000
LONGEST_WAIT_MS = 120_000
REMEMBERED_MS = 900_000
"""Counters end so long after the last failure; nothing of an attempt is kept longer, and names only hashed."""

# KEYS: counters. ARGV: first and longest wait, time remembered (ms), then the failures that are free for each counter.
# Returns the milliseconds to wait, 0 when the attempt may be made; it is counted then.
_KNOCK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
for _, key in ipairs(KEYS) do
  wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or '0') - now)
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  local beyond = redis.call('HINCRBY', key, 'failed', 1) - tonumber(ARGV[3 + i])
  if beyond >= 0 then
    redis.call('HSET', key, 'until', now + math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) * 2 ^ math.min(beyond, 20)))
  end
  redis.call('PEXPIRE', key, ARGV[3])
end
return 0
"""

# KEYS: counters, the account's first. ARGV[1]: 'all' takes back what the first counter holds, 'one' this attempt only.
_TAKE_BACK = """
local count = 1
if ARGV[1] == 'all' then count = tonumber(redis.call('HGET', KEYS[1], 'failed') or '0') end
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    redis.call('HDEL', key, 'until')
    if redis.call('HINCRBY', key, 'failed', -count) <= 0 then redis.call('DEL', key) end
  end
end
return count
"""


class TooManyAttempts(DomainError):
    """429: so many attempts failed that the next has to wait."""

    code = "too_many_attempts"
    status = 429
    detail = "Too many attempts failed. Try again in {retry_after_seconds} s."


class Door(StrEnum):
    """What is tried; each counts for itself. All places that ask for a password are one door."""

    PASSWORD = "password"  # noqa: S105
    TOKEN = "token"  # noqa: S105
    RESET = "reset"


_FREE_FOR_ACCOUNT = {Door.PASSWORD: "THROTTLE_LOGIN", Door.RESET: "THROTTLE_RESET"}
_FREE_FOR_ADDRESS = {
    Door.PASSWORD: "THROTTLE_LOGIN_ADDRESS",
    Door.RESET: "THROTTLE_LOGIN_ADDRESS",
    Door.TOKEN: "THROTTLE_TOKEN",
}


class DoorAttempt:
    """One attempt at a door, counted as failed until it is told otherwise."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = keys

    def succeeded(self) -> None:
        """Clear what this account failed from this address; an attempt that named no account, only itself."""
        self._take_back("all" if len(self._keys) > 1 else "one")

    def withdrawn(self) -> None:
        """Count this attempt no longer: it was never judged."""
        self._take_back("one")

    def _take_back(self, what: str) -> None:
        try:
            client().eval(_TAKE_BACK, len(self._keys), *self._keys, what)
        except redis.RedisError as error:  # the counters end by themselves
            log.warning("attempt_not_cleared", error=type(error).__name__)


def knock(door: Door, *, address: str, account: str | None = None) -> DoorAttempt:
    """Count an attempt; raises TooManyAttempts, and ServiceUnavailable while Redis is away: nothing is guessed uncounted.

    ``account`` is whatever identifies the account tried; None where the attempt names none.
    """
    counters = [(_key(door, address), runtime.get_int(_FREE_FOR_ADDRESS[door]))]
    if account is not None:
        counters.insert(0, (_key(door, address, account), runtime.get_int(_FREE_FOR_ACCOUNT[door])))
    keys, free = [key for key, _ in counters], [count for _, count in counters]
    times = (FIRST_WAIT_MS, LONGEST_WAIT_MS, REMEMBERED_MS)
    try:
        wait_ms: Any = client().eval(_KNOCK, len(keys), *keys, *times, *free)
    except redis.RedisError as error:
        raise ServiceUnavailable from error
    if wait_ms > 0:
        raise TooManyAttempts(retry_after_seconds=-(-int(wait_ms) // 1000))
    return DoorAttempt(keys)


@contextmanager
def attempt(door: Door, *, address: str, account: str | None = None) -> Iterator[DoorAttempt]:
    """Knock, and withdraw the attempt when it could not be judged because of a ServiceUnavailable."""
    made = knock(door, address=address, account=account)
    try:
        yield made
    except ServiceUnavailable:
        made.withdrawn()
        raise


def address_of(request: Any) -> str:
    """Return where a request comes from, behind as many proxies as the settings trust; of IPv6 the network of a site."""
    if request is None:
        return ""
    named = str(BaseThrottle().get_ident(request) or "")
    try:
        address = ipaddress.ip_address(named)
    except ValueError:
        return named
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _key(door: Door, address: str, account: str = "") -> str:
    digest = hashlib.sha256(f"{address}\0{account}".encode(errors="replace")).hexdigest()[:32]
    return cache.make_key(f"door:{door}:{digest}")

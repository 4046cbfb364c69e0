"""Throttles by scope whose rates are runtime settings."""

from __future__ import annotations

import hashlib
from typing import Any

import redis
import structlog
from rest_framework.throttling import ScopedRateThrottle

from tutor_project.common import runtime
from tutor_project.common.errors import ServiceUnavailable
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)


class RuntimeScopedThrottle(ScopedRateThrottle):
    """``throttle_scope`` of a view names the setting ``THROTTLE_<SCOPE>``, requests a minute and caller."""

    default_scope = "default"

    def allow_request(self, request: Any, view: Any) -> bool:
        """Tell whether the caller is below the rate of the view's scope."""
        self.scope = getattr(view, "throttle_scope", None) or self.default_scope
        self.num_requests = runtime.get_int(f"THROTTLE_{self.scope.upper()}")
        self.duration = 60
        # One counter a minute and caller: one round trip, where a list of times grows with the rate.
        self.now = self.timer()
        self.key = f"{self.get_cache_key(request, view)}:{int(self.now // self.duration)}"
        self.used = self._count()
        return self.used <= self.num_requests

    def _count(self) -> int:
        key = self.cache.make_key(self.key)
        try:
            used = int(client().incr(key))  # type: ignore[arg-type]
            if used == 1:
                client().expire(key, self.duration * 2)
        except redis.RedisError as error:
            return self.uncounted(error)
        return used

    def uncounted(self, error: redis.RedisError) -> int:
        """Let the request pass while Redis is away: reading and learning go on without limits."""
        log.warning("throttle_not_counted", scope=self.scope, error=type(error).__name__)
        return 0

    def wait(self) -> float:
        """Return the seconds until the next minute's counter."""
        return self.duration - self.now % self.duration


class LoginThrottle(RuntimeScopedThrottle):
    """Counts attempts on one account from one address, so a guesser slows down without locking others out."""

    def uncounted(self, error: redis.RedisError) -> int:
        """Refuse to log anybody in while attempts cannot be counted: passwords must not be guessed meanwhile."""
        raise ServiceUnavailable from error

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Return the key of the address and the name tried."""
        data = request.data if isinstance(request.data, dict) else {}
        name = str(data.get("username") or data.get("email") or "").lower()
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        return self.cache_format % {"scope": self.scope, "ident": f"{self.get_ident(request)}:{digest}"}

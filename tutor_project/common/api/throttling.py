"""Throttles by scope whose rates are runtime settings."""

from __future__ import annotations

from typing import Any

import redis
import structlog
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import ScopedRateThrottle

from tutor_project.common import runtime
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)


class RuntimeScopedThrottle(ScopedRateThrottle):
    """``throttle_scope`` of a view names the setting ``THROTTLE_<SCOPE>``, requests a minute and caller.

    A scope is of what a view does: its reads count as ``default``, or waiting for a lesson would use up the lessons.
    A view whose requests cost many times a plain one says so: ``throttle_price`` is how many requests one counts for,
    or a function of the request that returns it.
    """

    default_scope = "default"

    def allow_request(self, request: Any, view: Any) -> bool:
        """Tell whether the caller is below the rate of the view's scope."""
        reads = request.method in SAFE_METHODS
        self.scope = self.default_scope if reads else getattr(view, "throttle_scope", None) or self.default_scope
        self.num_requests = runtime.get_int(f"THROTTLE_{self.scope.upper()}")
        self.duration = 60
        # One counter a minute and caller: one round trip, where a list of times grows with the rate.
        self.now = self.timer()
        self.key = f"{self.get_cache_key(request, view)}:{int(self.now // self.duration)}"
        price = getattr(view, "throttle_price", 1)
        self.used = self._count(price(request) if callable(price) else price)
        return self.used <= self.num_requests

    def _count(self, price: int) -> int:
        key = self.cache.make_key(self.key)
        try:
            used = int(client().incrby(key, price))  # type: ignore[arg-type]
            if used == price:
                client().expire(key, self.duration * 2)
        except redis.RedisError as error:
            # Reading and learning go on without limits while Redis is away; doors (common.doors) stay closed.
            log.warning("throttle_not_counted", scope=self.scope, error=type(error).__name__)
            return 0
        return used

    def wait(self) -> float:
        """Return the seconds until the next minute's counter."""
        return self.duration - self.now % self.duration

"""Throttles by scope whose rates are runtime settings."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.throttling import ScopedRateThrottle

from tutor_project.common import runtime


class RuntimeScopedThrottle(ScopedRateThrottle):
    """``throttle_scope`` of a view names the setting ``THROTTLE_<SCOPE>``, requests a minute and caller."""

    default_scope = "default"

    def allow_request(self, request: Any, view: Any) -> bool:
        """Tell whether the caller is below the rate of the view's scope."""
        self.scope = getattr(view, "throttle_scope", None) or self.default_scope
        self.num_requests = runtime.get_int(f"THROTTLE_{self.scope.upper()}")
        self.duration = 60
        # One counter a minute and caller: constant cost, where a list of times grows with the rate.
        self.now = self.timer()
        self.key = f"{self.get_cache_key(request, view)}:{int(self.now // self.duration)}"
        self.cache.add(self.key, 0, self.duration * 2)
        self.used = self.cache.incr(self.key)
        return self.used <= self.num_requests

    def wait(self) -> float:
        """Return the seconds until the next minute's counter."""
        return self.duration - self.now % self.duration


class LoginThrottle(RuntimeScopedThrottle):
    """Counts attempts on one account from one address, so a guesser slows down without locking others out."""

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Return the key of the address and the name tried."""
        data = request.data if isinstance(request.data, dict) else {}
        name = str(data.get("username") or data.get("email") or "").lower()
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        return self.cache_format % {"scope": self.scope, "ident": f"{self.get_ident(request)}:{digest}"}

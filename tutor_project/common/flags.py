"""Feature flags (row E8). The only module that knows waffle."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from waffle import get_waffle_flag_model

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

BUCKETS = 10_000


def rollout_bucket(user_id: object, flag: str) -> int:
    """Return the bucket in [0, 10000) of a user under a flag: the same on every device, worker and restart.

    A user is in a rollout of ``p`` per cent when the bucket is below ``100 * p``; raising ``p`` only adds users.
    """
    digest = hashlib.sha256(f"{flag}:{user_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def is_enabled(flag: str, user: AbstractBaseUser | Any) -> bool:
    """Tell whether ``flag`` is on for ``user`` (anonymous users see only flags that are on for everyone).

    A flag that does not exist is off.
    """
    found = get_waffle_flag_model().get(flag)
    return found.pk is not None and bool(found.is_active_for_user(user))


def flags_for(user: Any) -> dict[str, bool]:
    """Return every flag as it is for ``user``."""
    return {flag.name: bool(flag.is_active_for_user(user)) for flag in get_waffle_flag_model().get_all()}

"""Feature flags. The only module that knows waffle.

Decided from a snapshot of the process, so that asking costs no query and no trip to Redis; a change in the console
reaches every process within five seconds.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from waffle import get_waffle_flag_model

from tutor_project.common.snapshots import Snapshot

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

BUCKETS = 10_000


def rollout_bucket(user_id: object, flag: str) -> int:
    """Return the bucket in [0, 10000) of a user under a flag: the same on every device, worker and restart.

    A user is in a rollout of ``p`` per cent when the bucket is below ``100 * p``; raising ``p`` only adds users.
    """
    digest = hashlib.sha256(f"{flag}:{user_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


@dataclass(frozen=True, slots=True)
class FlagState:
    """A flag as it is decided: ``percent`` in [0, 100], ``people`` are listed themselves or by one of their groups."""

    name: str
    everyone: bool | None
    percent: float
    staff: bool
    superusers: bool
    authenticated: bool
    people: frozenset[UUID]

    def active_for(self, user: Any) -> bool:
        """Tell whether the flag is on for ``user``: everyone overrules, then any of the rules is enough."""
        if self.everyone is not None:
            return self.everyone
        if not user.is_authenticated:
            return False
        return bool(
            self.authenticated
            or (self.staff and user.is_staff)
            or (self.superusers and user.is_superuser)
            or user.pk in self.people
            or (self.percent > 0 and rollout_bucket(user.pk, self.name) < self.percent * 100)
        )


def _load() -> Mapping[str, FlagState]:
    model: Any = get_waffle_flag_model()
    people: dict[int, set[UUID]] = defaultdict(set)
    for flag_id, user_id in model.users.through.objects.values_list("flag_id", "user_id"):
        people[flag_id].add(user_id)
    members = model.groups.through.objects.filter(group__user__isnull=False)
    for flag_id, user_id in members.values_list("flag_id", "group__user"):
        people[flag_id].add(user_id)
    columns = ("pk", "name", "everyone", "percent", "staff", "superusers", "authenticated")
    return {
        name: FlagState(name, everyone, float(percent or 0), staff, superusers, authenticated, frozenset(people[pk]))
        for pk, name, everyone, percent, staff, superusers, authenticated in model.objects.values_list(*columns)
    }


_snapshot: Snapshot[Mapping[str, FlagState]] = Snapshot("feature flags", _load, {})


def is_enabled(flag: str, user: AbstractBaseUser | Any) -> bool:
    """Tell whether ``flag`` is on for ``user`` (anonymous users see only flags that are on for everyone).

    A flag that does not exist is off.
    """
    state = _snapshot.read().get(flag)
    return state is not None and state.active_for(user)


def flags_for(user: Any) -> dict[str, bool]:
    """Return every flag as it is for ``user``."""
    return {name: state.active_for(user) for name, state in _snapshot.read().items()}


def invalidate() -> None:
    """Make the next read of this process load the flags again."""
    _snapshot.invalidate()

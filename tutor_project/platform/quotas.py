"""What one person may use a day: bytes and documents to upload, generations to ask for. Counted exactly, shown with what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from tutor_project.common import runtime
from tutor_project.common.errors import DomainError
from tutor_project.common.privacy import ExportedFile
from tutor_project.platform.models import DailyUse

SETTINGS = {"bytes": "QUOTA_BYTES_DAY", "documents": "QUOTA_DOCUMENTS_DAY", "generations": "QUOTA_GENERATIONS_DAY"}
KEPT_DAYS = 7


class QuotaExceeded(DomainError):
    """429: today's quota does not allow this much more."""

    code = "quota_exceeded"
    status = 429
    detail = "This needs {wanted} {name}, and {left} of {limit} a day are left. There are new ones from {resets_at}."


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota today; ``limit`` and ``left`` are None where there is none."""

    name: str
    used: int
    limit: int | None
    left: int | None


_SPEND = """
INSERT INTO platform_dailyuse AS u (user_id, day, name, used) VALUES (%(user)s, %(day)s, %(name)s, %(wanted)s)
ON CONFLICT (user_id, day, name) DO UPDATE SET used = u.used + excluded.used
WHERE u.used + excluded.used <= %(limit)s
RETURNING used
"""
_NO_LIMIT = 2**62


@transaction.atomic
def quota_spend(*, user_id: UUID, **wanted: int) -> None:
    """Count what the person uses now, by quota (``documents=3, bytes=…``), all or nothing; raises QuotaExceeded."""
    day, resets_at = _today(user_id)
    for name, number in sorted(wanted.items()):  # one order, so that two requests cannot wait for each other
        limit = _limit(name)
        parameters: dict[str, Any] = {
            "user": user_id,
            "day": day,
            "name": name,
            "wanted": number,
            "limit": limit or _NO_LIMIT,
        }
        with connection.cursor() as cursor:
            fits = limit is None or number <= limit
            if fits:
                cursor.execute(_SPEND, parameters)
                fits = cursor.fetchone() is not None
        if not fits:
            used = _used(user_id, day).get(name, 0)
            raise QuotaExceeded(
                wanted=number, name=name, limit=limit, left=max((limit or 0) - used, 0), resets_at=resets_at.isoformat(),
                retry_after_seconds=max(int((resets_at - timezone.now()).total_seconds()), 1),
            )  # fmt: skip


def quotas_today(*, user_id: UUID) -> tuple[date, datetime, list[Quota]]:
    """Return the person's day, when the next one begins, and each quota."""
    day, resets_at = _today(user_id)
    used = _used(user_id, day)
    quotas = []
    for name in SETTINGS:
        limit, spent = _limit(name), used.get(name, 0)
        quotas.append(Quota(name, spent, limit, None if limit is None else max(limit - spent, 0)))
    return day, resets_at, quotas


def quota_days_cleanup() -> int:
    """Delete the counts of days long gone; returns their number."""
    return DailyUse.objects.filter(day__lt=timezone.now().date() - timedelta(days=KEPT_DAYS)).delete()[0]


def export(user_id: UUID) -> Iterator[ExportedFile]:
    """Yield what the person used on the last days."""
    yield "quotas.jsonl", DailyUse.objects.filter(user_id=user_id).values("day", "name", "used")


def erase(user_id: UUID) -> dict[str, int]:
    """Forget what the person used."""
    return {"quotas": DailyUse.objects.filter(user_id=user_id).delete()[0]}


def _limit(name: str) -> int | None:
    return runtime.get_int(SETTINGS[name]) or None


def _used(user_id: UUID, day: date) -> dict[str, int]:
    return dict(DailyUse.objects.filter(user_id=user_id, day=day).values_list("name", "used"))


def _today(user_id: UUID) -> tuple[date, datetime]:
    """Return the day where the person is, and when the next one begins there."""
    users: Any = get_user_model().objects
    zone = ZoneInfo(users.values_list("time_zone", flat=True).get(pk=user_id))
    today = timezone.now().astimezone(zone).date()
    return today, datetime.combine(today + timedelta(days=1), time.min, tzinfo=zone)

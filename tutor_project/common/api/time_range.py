"""``time_range=1h|24h|7d|30d`` or ``from``/``to``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tutor_project.common.errors import DomainError

RANGES = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
LONGEST = timedelta(days=400)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Far enough from the ends of what a time can be that neither a zone nor an earlier period of the same length leaves it."""


class TimeRangeInvalid(DomainError):
    """400: the range is not one the API knows."""

    code = "time_range_invalid"
    detail = "Use time_range=1h, 24h, 7d or 30d, or from and to as ISO-8601 times at most 400 days apart."


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open range of aware UTC times."""

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        """Return the length of the range."""
        return self.end - self.start

    def previous(self) -> TimeRange:
        """Return the range of the same length just before this one."""
        return TimeRange(self.start - self.duration, self.start)


def parse_time_range(
    params: Mapping[str, str], *, default: str = "24h", now: datetime | None = None, open_ended: bool = False
) -> TimeRange:
    """Read a range from query parameters; raises TimeRangeInvalid.

    ``open_ended`` is for filters of lists: a start that lies ahead, with no end, is an empty range and no mistake.
    """
    now = now or timezone.now()
    if "from" in params or "to" in params:
        start = _moment(params.get("from"), attr="from")
        end = _moment(params["to"], attr="to") if params.get("to") else now
        if open_ended and not params.get("to") and start >= now:
            return TimeRange(start, start)
        if not timedelta(0) < end - start <= LONGEST:
            raise TimeRangeInvalid(attr="from")
        return TimeRange(start, end)
    name = params.get("time_range", default)
    if name not in RANGES:
        raise TimeRangeInvalid(attr="time_range")
    return TimeRange(now - RANGES[name], now)


def _moment(text: str | None, *, attr: str) -> datetime:
    try:
        moment = parse_datetime((text or "").replace(" ", "+"))
    except ValueError as error:
        raise TimeRangeInvalid(attr=attr) from error
    if moment is None:
        raise TimeRangeInvalid(attr=attr)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment <= LATEST:
        raise TimeRangeInvalid(attr=attr)
    return moment.astimezone(UTC)

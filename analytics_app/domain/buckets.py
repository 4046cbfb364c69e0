"""Time buckets, and the plan that covers a range by day rollups, hour rollups and raw facts.

All times are aware and in UTC; ranges are half open ``[start, end)``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Source(StrEnum):
    """Where the figures of a stretch of time come from."""

    RAW = "raw"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch ``[start, end)`` read from one source."""

    source: Source
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class RollupCoverage:
    """What the rollups of one fact kind hold.

    Hours before ``closed_until`` are rolled up, except those in ``stale_hours`` (late facts arrived, not yet redone).
    Days that ended by then are too, except those in ``stale_days``. Raw facts exist from ``raw_from`` on: earlier ones
    were dropped by retention and only their rollups remain. ``revision`` is another one after each change of a rollup,
    ``open_marks`` another one after each change of a fact that is not before ``closed_until``.
    """

    closed_until: datetime | None = None
    stale_hours: frozenset[datetime] = frozenset()
    stale_days: frozenset[datetime] = frozenset()
    raw_from: datetime | None = None
    revision: UUID | None = None
    open_marks: int = 0


def common_coverage(coverages: Collection[RollupCoverage]) -> RollupCoverage:
    """What the rollups of all of these fact kinds hold together."""
    closed = [coverage.closed_until for coverage in coverages]
    raw_from = [coverage.raw_from for coverage in coverages if coverage.raw_from is not None]
    return RollupCoverage(
        closed_until=None if None in closed else min(moment for moment in closed if moment is not None),
        stale_hours=frozenset().union(*(coverage.stale_hours for coverage in coverages)),
        stale_days=frozenset().union(*(coverage.stale_days for coverage in coverages)),
        raw_from=max(raw_from, default=None),
    )


def floor_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def floor_day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def ceil_hour(moment: datetime) -> datetime:
    floor = floor_hour(moment)
    return floor if floor == moment else floor + HOUR


def hours_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """Starts of the hours that overlap ``[start, end)``."""
    moment = floor_hour(start)
    while moment < end:
        yield moment
        moment += HOUR


def days_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """Starts of the UTC days that overlap ``[start, end)``."""
    moment = floor_day(start)
    while moment < end:
        yield moment
        moment += DAY


def aligned_range(start: datetime, end: datetime, raw_from: datetime | None) -> tuple[datetime, datetime]:
    """The range widened to full hours where the raw facts of a broken hour no longer exist."""
    if raw_from is not None:
        if start < raw_from:
            start = floor_hour(start)
        if end < raw_from:
            end = ceil_hour(end)
    return start, end


def plan_cover(
    start: datetime, end: datetime, coverage: RollupCoverage, allowed: Collection[Source] = tuple(Source)
) -> list[Segment]:
    """Segments that cover the aligned range exactly once, each from the coarsest allowed source that is right for it.

    Raw facts are always allowed. Neighbouring stretches of one source are joined, so a month costs a handful of
    segments.
    """
    start, end = aligned_range(start, end, coverage.raw_from)
    if end <= start:
        return []
    closed = max((moment for moment in (coverage.closed_until, coverage.raw_from) if moment), default=start)
    if closed <= start:
        return [Segment(Source.RAW, start, end)]
    stale_hours = sorted(hour for hour in coverage.stale_hours if not _raw_is_gone(hour, coverage))
    stale_days = sorted(coverage.stale_days | {floor_day(hour) for hour in coverage.stale_hours})
    segments: list[Segment] = []
    moment = min(ceil_hour(start), end)
    _append(segments, Source.RAW, start, moment)
    last_hour = min(floor_hour(end), floor_hour(closed))
    last_day = floor_day(last_hour)
    while moment < last_hour:
        if Source.DAY in allowed and moment == floor_day(moment):
            until = min(last_day, _next(stale_days, moment))
            if until > moment:
                _append(segments, Source.DAY, moment, until)
                moment = until
                continue
        until = min(last_hour, floor_day(moment) + DAY) if Source.DAY in allowed else last_hour
        source = Source.RAW
        if Source.HOUR in allowed:
            clean_until = min(until, _next(stale_hours, moment))
            source, until = (Source.HOUR, clean_until) if clean_until > moment else (Source.RAW, moment + HOUR)
        _append(segments, source, moment, until)
        moment = until
    _append(segments, Source.RAW, moment, end)
    return segments


def split_closed(segments: Sequence[Segment]) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """``(rolled up, raw)``: the segments whose figures only a rollup changes, and those that any new fact may change."""
    closed = tuple(segment for segment in segments if segment.source is not Source.RAW)
    return closed, tuple(segment for segment in segments if segment.source is Source.RAW)


def _next(stale: list[datetime], moment: datetime) -> datetime:
    """The first stale bucket from ``moment`` on."""
    index = bisect_left(stale, moment)
    return stale[index] if index < len(stale) else datetime.max.replace(tzinfo=UTC)


def _raw_is_gone(moment: datetime, coverage: RollupCoverage) -> bool:
    return coverage.raw_from is not None and moment < coverage.raw_from


def _append(segments: list[Segment], source: Source, start: datetime, end: datetime) -> None:
    if end <= start:
        return
    if segments and segments[-1].source is source and segments[-1].end == start:
        segments[-1] = Segment(source, segments[-1].start, end)
    else:
        segments.append(Segment(source, start, end))


def latest_range(length: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """The last ``length`` up to ``now``; when longer than an hour it begins at a full hour.

    A broken first hour would cost a scan of that hour's facts for every figure and say nothing.
    """
    start = now - length
    return (floor_hour(start) if length > HOUR else start), now


def previous_range(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The range of the same length that ends where this one starts, from the full hour on when longer than an hour."""
    before = start - (end - start)
    return (floor_hour(before) if end - start > HOUR else before), start

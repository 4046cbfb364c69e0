"""Cohort maths over weeks of activity: who was active, and who came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """One cohort: the learners first active in ``week`` and how many of them were active k weeks later."""

    week: date
    size: int
    active: tuple[int, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of the cohort active k weeks later, 0 to 1."""
        return tuple(round(n / self.size, 4) for n in self.active)


def week_of(moment: datetime) -> date:
    """Monday of the ISO week of ``moment`` in UTC."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def retention_rows(counts: Iterable[tuple[date, date, int]], *, last_week: date) -> list[RetentionRow]:
    """Retention by cohort from ``(first week, active week, learners)``, up to ``last_week``; all weeks are Mondays.

    ``active[0]`` is the cohort's size; weeks in which nobody came back count zero.
    """
    cohorts: dict[date, dict[date, int]] = defaultdict(dict)
    for first, week, learners in counts:
        cohorts[first][week] = learners
    rows = []
    for first, by_week in sorted(cohorts.items()):
        if first > last_week:
            continue
        span = (last_week - first).days // 7 + 1
        active = tuple(by_week.get(first + WEEK * k, 0) for k in range(span))
        rows.append(RetentionRow(first, by_week[first], active))
    return rows

"""The figures behind the console's dashboard: headline, series, models, spenders, jobs, queue and alerts of a span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Avg, Count
from django.utils import timezone

from analytics_app.domain.buckets import RollupCoverage, latest_range
from analytics_app.domain.rollups import Measures
from analytics_app.models import SessionAnalytics
from analytics_app.selectors.dashboard import compared, merged_by, range_read, tokens_by_model
from analytics_app.selectors.figures import Figures, coverage_read, figures
from analytics_app.selectors.spenders import top_spenders
from analytics_app.selectors.statements import FigureQuery
from documents_app.selectors.documents import pending_embeddings
from jobs_app.selectors import console as ledger
from sessions_app.selectors import console as learning
from tutor_project.common import runtime
from tutor_project.platform.alerts import alerts_open

STEPS = {timedelta(minutes=5): "five_minutes", timedelta(hours=1): "hour", timedelta(days=1): "day"}
TOP_SPENDERS = 5
CALENDAR_WEEKS = 26
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A choice of the dashboard: ``[start, end)`` in steps of ``step``."""

    name: str
    title: str
    start: datetime
    end: datetime
    step: timedelta

    @property
    def moments(self) -> list[datetime]:
        """The starts of the steps that meet the span."""
        first = self.start - (self.start - EPOCH) % self.step
        count = -((first - self.end) // self.step)
        return [first + index * self.step for index in range(count)]


SPANS = ("hour", "day", "yesterday", "week", "month")


def span_of(name: str, now: datetime | None = None) -> TimeSpan:
    """Return the span of that name, the last day for an unknown one."""
    now = now or timezone.now()
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    hour, day = timedelta(hours=1), timedelta(days=1)
    spans = {
        "hour": TimeSpan("hour", "Last hour", now - hour, now, timedelta(minutes=5)),
        "day": TimeSpan("day", "Last 24 hours", *latest_range(day, now), hour),
        "yesterday": TimeSpan("yesterday", "Yesterday", today - day, today, hour),
        "week": TimeSpan("week", "Last 7 days", *latest_range(7 * day, now), day),
        "month": TimeSpan("month", "Last 30 days", *latest_range(30 * day, now), day),
    }
    return spans.get(name, spans["day"])


MOST_OF_STEP = ((timedelta(minutes=5), timedelta(hours=2)), (timedelta(hours=1), timedelta(days=3)))
"""Up to these lengths a chosen range is shown by the step; longer ones by days."""
LONGEST = timedelta(days=366)


def span_between(start: datetime, end: datetime, now: datetime | None = None) -> TimeSpan:
    """Return a range that somebody chose, widened to whole steps and cut at ``now`` and at a year.

    Raises ValueError where nothing of it has been yet, or where it ends before it begins.
    """
    now = now or timezone.now()
    start, end = max(start, EPOCH), min(end, now)
    if start >= end:
        raise ValueError
    start = max(start, end - LONGEST)
    kept = start >= now - timedelta(days=runtime.get_int("LOG_RETENTION_DAYS"))  # of older hours only the sums are left
    steps = [step for step, most in MOST_OF_STEP[0 if kept else 1 :] if end - start <= most]
    step = steps[0] if steps else timedelta(days=1)
    first = start - (start - EPOCH) % step
    return TimeSpan("chosen", "Chosen range", first, min(end + (EPOCH - end) % step, now), step)


def activity_by_day(coverage: Mapping[str, RollupCoverage]) -> list[tuple[date, int]]:
    """Return the interactions of each day (UTC) of the last half a year, from a Monday on, today last."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    days = 7 * (CALENDAR_WEEKS - 1) + today.isoweekday()
    found = figures(FigureQuery("interaction", today - (days - 1) * day, today + day, by=("day",)), coverage)
    moments = [today - back * day for back in reversed(range(days))]
    return [(moment.date(), found.get((moment,), Measures()).count) for moment in moments]


def console_figures(span: TimeSpan) -> dict[str, Any]:
    """Return everything the dashboard shows about ``span``; rollups for closed hours and days."""
    coverage = coverage_read()
    found = range_read(span.start, span.end, coverage, STEPS[span.step])
    return {
        "headline": compared(found, span.start, span.end, coverage),
        "requests": series(found.requests, span),
        "tokens": series(merged_by(found.tokens, 2), span),
        "interactions": series(found.interactions, span),
        "models": tokens_by_model(found.tokens),
        "spend": spend_by_purpose(found.tokens),
        "spenders": spenders(span, coverage["token_usage"]),
        "activity": activity_by_day(coverage),
        "engagement": engagement(span),
        "mastery": learning.mastery_figures(start=span.start, end=span.end),
        "jobs": ledger.outcomes(start=span.start, end=span.end),
        "pending_embeddings": pending_embeddings().count(),
        "alerts": alerts_open(),
    }


def series(found: Figures, span: TimeSpan) -> list[Measures]:
    """Return the measures of each step of the span, empty ones where nothing happened."""
    return [found.get((moment,), Measures()) for moment in span.moments]


def engagement(span: TimeSpan) -> dict[str, Any]:
    """Return the mean engagement score (0 to 100, None without sessions) and the sessions it is taken over."""
    active = SessionAnalytics.objects.filter(last_activity__gte=span.start, last_activity__lt=span.end)
    return active.aggregate(mean=Avg("engagement_score"), sessions=Count("pk"))


def spend_by_purpose(tokens: Figures) -> list[tuple[str, str, Measures]]:
    """Return (model, purpose, measures), the most expensive first."""
    found = merged_by(tokens, 0, 1)
    return sorted(((m, p, v) for (m, p), v in found.items()), key=lambda row: (-row[2].cost_usd, -row[2].tokens))


def spenders(span: TimeSpan, coverage: RollupCoverage) -> list[tuple[UUID, str, Measures]]:
    """Return (user id, user name, measures) of those who spent most; of the measures only cost, calls and tokens."""
    found = top_spenders(span.start, span.end, coverage, TOP_SPENDERS)
    names = dict(get_user_model().objects.filter(pk__in=[user for user, _ in found]).values_list("pk", "username"))
    return [(user, names.get(user, "deleted account"), spent) for user, spent in found]

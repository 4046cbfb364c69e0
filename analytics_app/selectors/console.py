"""The figures behind the console's dashboard: headline, series, models, spenders, jobs, queue and alerts of a span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Avg, Count
from django.utils import timezone

from analytics_app.domain.buckets import Coverage, latest_range
from analytics_app.domain.rollups import Measures
from analytics_app.models import SessionAnalytics
from analytics_app.selectors.dashboard import compared, merged_by, range_read, tokens_by_model
from analytics_app.selectors.figures import Figures, coverage_read
from analytics_app.selectors.spenders import top_spenders
from documents_app.selectors.documents import pending_embeddings
from jobs_app.selectors import console as ledger
from sessions_app.selectors import console as learning
from tutor_project.platform.alerts import alerts_open

STEPS = {timedelta(minutes=5): "five_minutes", timedelta(hours=1): "hour", timedelta(days=1): "day"}
TOP_SPENDERS = 5
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
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


def span_of(name: str, now: datetime | None = None) -> Span:
    """Return the span of that name, the last day for an unknown one."""
    now = now or timezone.now()
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    hour, day = timedelta(hours=1), timedelta(days=1)
    spans = {
        "hour": Span("hour", "Last hour", now - hour, now, timedelta(minutes=5)),
        "day": Span("day", "Last 24 hours", *latest_range(day, now), hour),
        "yesterday": Span("yesterday", "Yesterday", today - day, today, hour),
        "week": Span("week", "Last 7 days", *latest_range(7 * day, now), day),
        "month": Span("month", "Last 30 days", *latest_range(30 * day, now), day),
    }
    return spans.get(name, spans["day"])


def console_figures(span: Span) -> dict[str, Any]:
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
        "engagement": engagement(span),
        "mastery": learning.mastery_figures(start=span.start, end=span.end),
        "jobs": ledger.outcomes(start=span.start, end=span.end),
        "pending_embeddings": pending_embeddings().count(),
        "alerts": alerts_open(),
    }


def series(found: Figures, span: Span) -> list[Measures]:
    """Return the measures of each step of the span, empty ones where nothing happened."""
    return [found.get((moment,), Measures()) for moment in span.moments]


def engagement(span: Span) -> dict[str, Any]:
    """Return the mean engagement score (0 to 100, None without sessions) and the sessions it is taken over."""
    active = SessionAnalytics.objects.filter(last_activity__gte=span.start, last_activity__lt=span.end)
    return active.aggregate(mean=Avg("engagement_score"), sessions=Count("pk"))


def spend_by_purpose(tokens: Figures) -> list[tuple[str, str, Measures]]:
    """Return (model, purpose, measures), the most expensive first."""
    found = merged_by(tokens, 0, 1)
    return sorted(((m, p, v) for (m, p), v in found.items()), key=lambda row: (-row[2].cost_usd, -row[2].tokens))


def spenders(span: Span, coverage: Coverage) -> list[tuple[UUID, str, Measures]]:
    """Return (user id, user name, measures) of those who spent most; of the measures only cost, calls and tokens."""
    found = top_spenders(span.start, span.end, coverage, TOP_SPENDERS)
    names = dict(get_user_model().objects.filter(pk__in=[user for user, _ in found]).values_list("pk", "username"))
    return [(user, names.get(user, "deleted account"), spent) for user, spent in found]

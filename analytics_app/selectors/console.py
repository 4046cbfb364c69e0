"""The figures behind the console's dashboard: headline, series, models, spenders, jobs, queue and alerts of a span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Avg, Count
from django.utils import timezone

from analytics_app import sql
from analytics_app.domain.buckets import Coverage, latest_range
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.rollups import Measures
from analytics_app.models import SessionAnalytics
from analytics_app.selectors.dashboard import REQUEST, dashboard
from analytics_app.selectors.figures import FigureQuery, coverage_read, figure_parts, figures
from documents_app.selectors import pending_embeddings
from jobs_app import selectors_console as ledger
from sessions_app import selectors_console as learning
from tutor_project.platform.alerts import alerts_open

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
    """Return everything the dashboard shows about ``span``; fewer than 30 queries, rollups for closed hours and days."""
    coverage = coverage_read()
    requests = FigureQuery("performance", span.start, span.end, key1=REQUEST, by_category=True, histogram=True)
    return {
        "headline": dashboard(span.start, span.end, coverage),
        "requests": series(requests, span, coverage),
        "tokens": series(FigureQuery("token_usage", span.start, span.end), span, coverage),
        "interactions": series(FigureQuery("interaction", span.start, span.end), span, coverage),
        "engagement": engagement(span),
        "mastery": learning.mastery_figures(start=span.start, end=span.end),
        "spend": spend_by_purpose(span, coverage),
        "spenders": top_spenders(span, coverage),
        "jobs": ledger.outcomes(start=span.start, end=span.end),
        "pending_embeddings": pending_embeddings().count(),
        "alerts": alerts_open(),
    }


def series(query: FigureQuery, span: Span, coverage: Mapping[str, Coverage]) -> list[Measures]:
    """Return the measures of each step of the span, empty ones where nothing happened."""
    if span.step < timedelta(hours=1):
        found = _short_steps(query, span)
    else:
        by = "hour" if span.step < timedelta(days=1) else "day"
        found = {key[0]: value for key, value in figures(replace(query, by=(by,)), coverage).items()}
    return [found.get(moment, Measures()) for moment in span.moments]


def _short_steps(query: FigureQuery, span: Span) -> dict[datetime, Measures]:
    """Measures by steps shorter than a rollup: from the facts, of one hour only."""
    source = sql.SOURCES[query.fact]
    step = f"date_bin('{int(span.step.total_seconds())} seconds', occurred_at, '2000-01-01 00:00:00+00')"
    where, params = "occurred_at >= %s AND occurred_at < %s", [span.start, span.end]
    if query.key1 is not None:
        where += f" AND {source.key2 if query.by_category else source.key1} = ANY(%s)"
        params.append(list(query.key1))  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {step}, {source.measures()} FROM {source.table} WHERE {where} GROUP BY 1", params)
        found = {row[0]: Measures(**dict(zip(sql.MEASURES, row[1:], strict=True))) for row in cursor.fetchall()}
        if query.histogram:
            cursor.execute(
                f"SELECT step, array_agg(index), array_agg(n) FROM (SELECT {step} AS step, {source.histogram_index}"
                f" AS index, count(*) AS n FROM {source.table} WHERE {where} GROUP BY 1, 2) AS cells"
                " WHERE index IS NOT NULL GROUP BY 1",
                params,
            )
            for moment, indexes, counts in cursor.fetchall():
                found[moment] = replace(found[moment], histogram=Histogram.from_arrays(indexes, counts))
    return found


def engagement(span: Span) -> dict[str, Any]:
    """Return the mean engagement score (0 to 100, None without sessions) and the sessions it is taken over."""
    active = SessionAnalytics.objects.filter(last_activity__gte=span.start, last_activity__lt=span.end)
    return active.aggregate(mean=Avg("engagement_score"), sessions=Count("pk"))


def spend_by_purpose(span: Span, coverage: Mapping[str, Coverage]) -> list[tuple[str, str, Measures]]:
    """Return (model, purpose, measures), the most expensive first."""
    found = figures(FigureQuery("token_usage", span.start, span.end, by=("key1", "key2")), coverage)
    return sorted(((m, p, v) for (m, p), v in found.items()), key=lambda row: (-row[2].cost_usd, -row[2].tokens))


def top_spenders(span: Span, coverage: Mapping[str, Coverage]) -> list[tuple[Any, str, Measures]]:
    """Return (user id, user name, measures) of those who spent most."""
    query = FigureQuery("token_usage", span.start, span.end, by=("user_id",))
    parts, params = figure_parts(query, coverage[query.fact])
    accounts = get_user_model()._meta.db_table
    statement = (
        f"SELECT spent.*, account.username FROM (SELECT user_id, {sql.MERGED_MEASURES} FROM ({parts}) AS parts"
        " WHERE user_id IS NOT NULL GROUP BY user_id"
        " ORDER BY sum(cost_usd) DESC, sum(prompt_tokens + completion_tokens) DESC LIMIT %s) AS spent"
        f" LEFT JOIN {accounts} AS account ON account.id = spent.user_id"
        " ORDER BY spent.cost_usd DESC, spent.prompt_tokens + spent.completion_tokens DESC"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, TOP_SPENDERS])
        return [
            (row[0], row[-1] or "deleted account", Measures(**dict(zip(sql.MEASURES, row[1:-1], strict=True))))
            for row in cursor.fetchall()
        ]

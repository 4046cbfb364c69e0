"""Figures of one session and of one user."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count

from analytics_app.domain.rollups import Measures
from analytics_app.domain.sessions import session_counts
from analytics_app.models import SessionAnalytics
from analytics_app.selectors.dashboard import rate
from analytics_app.selectors.figures import coverage_read, figures
from analytics_app.selectors.statements import FigureQuery


def session_figures(row: SessionAnalytics) -> dict[str, Any]:
    """Row F4; durations and response times in seconds."""
    mean_us = row.response_total_us / row.response_count if row.response_count else None
    return {
        "session_id": row.session_id,
        "user_id": row.user_id,
        "total_interactions": row.total_interactions,
        "total_tokens_used": row.total_tokens_used,
        "average_response_time": None if mean_us is None else round(mean_us / 1_000_000, 6),
        "documents_uploaded": row.documents_uploaded,
        "quiz_attempts": row.quiz_attempts,
        "correct_answers": row.correct_answers,
        "summaries_created": row.summaries_created,
        "session_duration": round(row.session_duration, 3),
        "engagement_score": row.engagement_score,
        "last_activity": row.last_activity,
    }


def user_figures(start: datetime, end: datetime, *, user_id: UUID) -> dict[str, Any]:
    """Row F5: totals over all of a user's sessions in the range, and a series by day.

    ``mean_session_time`` (seconds) and ``mean_engagement`` are over the sessions active in the range.
    """
    coverage = coverage_read()
    by_type = figures(FigureQuery("interaction", start, end, by=("key1",), user_id=user_id), coverage)
    counts = session_counts({key: measures for (key,), measures in by_type.items()})
    answers = sum(measures.judged for measures in by_type.values())
    tokens = figures(FigureQuery("token_usage", start, end, by=("day",), user_id=user_id), coverage)
    sessions = SessionAnalytics.objects.filter(user_id=user_id, started_at__lt=end, last_activity__gte=start)
    means = sessions.aggregate(n=Count("pk"), time=Avg("session_duration"), engagement=Avg("engagement_score"))
    return {
        "user_id": user_id,
        "from": start,
        "to": end,
        "sessions": means["n"],
        "total_interactions": counts.interactions,
        "quiz_attempts": counts.quiz_attempts,
        "answers": answers,
        "correct_answers": counts.correct_answers,
        "accuracy": rate(counts.correct_answers / answers) if answers else None,
        "summaries_created": counts.summaries,
        "total_tokens_used": sum(measures.tokens for measures in tokens.values()),
        "mean_session_time": None if means["time"] is None else round(means["time"], 3),
        "mean_engagement": None if means["engagement"] is None else round(means["engagement"], 2),
        "series": _series(start, end, user_id, tokens),
    }


def _series(
    start: datetime, end: datetime, user_id: UUID, tokens: dict[tuple[Any, ...], Measures]
) -> list[dict[str, Any]]:
    interactions = figures(FigureQuery("interaction", start, end, by=("day",), user_id=user_id))
    nothing = Measures()
    series = []
    for (day,) in sorted({*interactions, *tokens}):
        done, used = interactions.get((day,), nothing), tokens.get((day,), nothing)
        series.append(
            {
                "day": day.date(),
                "interactions": done.count,
                "answers": done.judged,
                "correct_answers": done.ok,
                "accuracy": rate(done.success_rate),
                "total_tokens": used.tokens,
            }
        )
    return series

"""What one session came to, from its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics_app.domain.rollups import Measures, merge_all

QUIZ_ATTEMPTS = frozenset({"quiz_attempt", "mini_quiz"})
SUMMARIES = frozenset({"summary"})


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """The counts that the session's analytics and its engagement score are made of."""

    interactions: int
    quiz_attempts: int
    correct_answers: int
    summaries: int
    last_at: datetime | None


def session_counts(by_type: Mapping[str, Measures]) -> SessionCounts:
    """Counts from the session's interactions by type."""
    everything = merge_all(by_type.values())
    return SessionCounts(
        interactions=everything.count,
        quiz_attempts=sum(by_type[name].count for name in QUIZ_ATTEMPTS if name in by_type),
        correct_answers=everything.ok,
        summaries=sum(by_type[name].count for name in SUMMARIES if name in by_type),
        last_at=everything.last_at,
    )


def session_duration_seconds(started_at: datetime, ended_at: datetime | None, last_at: datetime | None) -> float:
    """Seconds from the session's start to its end, or to its last activity while it is open; never negative."""
    until = ended_at or last_at or started_at
    return max((until - started_at).total_seconds(), 0.0)

"""Cohort figures for staff: who learns, who comes back, what is mastered and missed, what nobody uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from analytics_app.domain.buckets import DAY, floor_day
from analytics_app.domain.cohorts import WEEK, retention_rows, week_of
from analytics_app.domain.errors import UnknownReport
from analytics_app.domain.presence import cohort_counts
from analytics_app.selectors.figures import coverage_read
from analytics_app.selectors.presence import active, active_by_week
from sessions_app.selectors import cohort as selectors_cohort

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
LEARNING = ("interaction",)
MIN_ANSWERS = 5
DAILY_UP_TO = timedelta(days=31)

Rows = list[dict[str, Any]]


def active_learners(start: datetime, end: datetime, folder_id: UUID | None, limit: int) -> Rows:
    """Learners and sessions with an interaction, by day (up to a month) or by ISO week."""
    coverage = coverage_read()
    step = DAY if end - start <= DAILY_UP_TO else WEEK
    moment = floor_day(start) if step == DAY else datetime.combine(week_of(start), datetime.min.time(), UTC)
    rows: Rows = []
    while moment < end and len(rows) < limit:
        found = active(max(moment, start), min(moment + step, end), coverage, LEARNING)
        name = "day" if step == DAY else "week"
        rows.append({name: moment.date(), "learners": found.users, "sessions": found.sessions})
        moment += step
    return rows


def weekly_retention(start: datetime, end: datetime, folder_id: UUID | None, limit: int) -> Rows:
    """One row per cohort week and week since: how many of those who began then were active. All of history counts."""
    counts = cohort_counts(active_by_week(BEGINNING, end, coverage_read(), LEARNING))
    last_week = week_of(end - timedelta(microseconds=1))
    rows = [
        {
            "cohort_week": row.week,
            "learners": row.size,
            "weeks_later": later,
            "active": active_count,
            "retention": share,
        }
        for row in retention_rows(counts, last_week=last_week)
        if row.week >= week_of(start)
        for later, (active_count, share) in enumerate(zip(row.active, row.shares, strict=True))
    ]
    return rows[:limit]


def mastery(start: datetime, end: datetime, folder_id: UUID | None, limit: int) -> Rows:
    """Mastery by concept, weakest first."""
    return selectors_cohort.mastery_by_concept(folder_id=folder_id, limit=limit)


def struggling_learners(start: datetime, end: datetime, folder_id: UUID | None, limit: int) -> Rows:
    """Learners with shaky concepts, the lowest mean probability of mastery first."""
    return [
        {**row, "weakest": "; ".join(row["weakest"])}
        for row in selectors_cohort.learners_struggling(folder_id=folder_id, limit=limit)
    ]


def missed_questions(start: datetime, end: datetime, folder_id: UUID | None, limit: int) -> Rows:
    """Questions missed most among those answered at least ``MIN_ANSWERS`` times."""
    return selectors_cohort.questions_most_missed(folder_id=folder_id, limit=limit, min_answers=MIN_ANSWERS)


def unused_documents(start: datetime, end: datetime, folder_id: UUID | None, limit: int) -> Rows:
    """Processed documents that no published question, lesson or answer stands on."""
    return selectors_cohort.documents_without_use(folder_id=folder_id, limit=limit)


REPORTS: Mapping[str, Callable[[datetime, datetime, UUID | None, int], Rows]] = {
    "active-learners": active_learners,
    "retention": weekly_retention,
    "mastery": mastery,
    "struggling-learners": struggling_learners,
    "missed-questions": missed_questions,
    "unused-documents": unused_documents,
}


def cohort_report(name: str, start: datetime, end: datetime, *, folder_id: UUID | None, limit: int) -> Rows:
    """The rows of one report; raises ``UnknownReport`` or ``FolderNotFound``."""
    report = REPORTS.get(name)
    if report is None:
        raise UnknownReport(report=name, known=", ".join(REPORTS))
    return report(start, end, folder_id, limit)

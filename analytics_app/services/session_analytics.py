"""Session analytics: one row per session, kept when its facts are gone.

A row is computed from the session's rollups and its live tail, so computing it at any time, on request or by the
15-minute batch, gives the same result. The batch touches only sessions that have new facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from analytics_app.domain.rollups import Measures
from analytics_app.domain.sessions import session_counts, session_duration_seconds
from analytics_app.models import SessionAnalytics
from analytics_app.selectors.figures import coverage_read, figures
from analytics_app.selectors.statements import FigureQuery
from documents_app.selectors.documents import document_counts
from sessions_app.domain.engagement import EngagementWeights, engagement_score
from sessions_app.errors import SessionNotFound
from sessions_app.selectors.cohort import SessionSpan, session_spans
from sessions_app.selectors.sessions import session_ids_of
from tutor_project.common import runtime

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
BATCH = 500


def engagement_weights() -> EngagementWeights:
    """The five numbers of the engagement score, as operators set them."""
    return EngagementWeights(
        interaction=runtime.get_float("ENGAGEMENT_INTERACTION"),
        quiz_attempt=runtime.get_float("ENGAGEMENT_QUIZ_ATTEMPT"),
        correct_answer=runtime.get_float("ENGAGEMENT_CORRECT_ANSWER"),
        summary=runtime.get_float("ENGAGEMENT_SUMMARY"),
        divisor=runtime.get_float("ENGAGEMENT_DIVISOR"),
    )


def session_analytics_update(*, session_id: UUID) -> SessionAnalytics:
    """Compute and store one session's row now; raises ``SessionNotFound``."""
    with transaction.atomic():
        rows = _computed([session_id])
        if not rows:
            raise SessionNotFound
        _store(rows)
        return rows[0]


def session_analytics_of_user(*, user_id: UUID) -> None:
    """Bring the rows of one user's sessions up to date."""
    wanted = session_ids_of(owner_id=user_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wanted FROM unnest(%s::uuid[]) AS wanted WHERE EXISTS"
            " (SELECT 1 FROM analytics_stale_session AS stale WHERE stale.session_id = wanted)"
            " OR NOT EXISTS (SELECT 1 FROM analytics_session AS known WHERE known.session_id = wanted)",
            [wanted],
        )
        stale = [session_id for (session_id,) in cursor.fetchall()]
    for index in range(0, len(stale), BATCH):
        with transaction.atomic():
            _store(_computed(stale[index : index + BATCH]))


def session_analytics_batch(*, checkpoint: Callable[[], None] = lambda: None) -> int:
    """Compute the rows of all sessions with new facts; returns how many. A killed run loses nothing.

    ``checkpoint`` is called between batches.
    """
    updated = 0
    while session_ids := _stale_sessions(BATCH):
        checkpoint()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM analytics_stale_session WHERE session_id = ANY(%s)", [session_ids])
            rows = _computed(session_ids)
            _store(rows)
        updated += len(rows)
    return updated


def _stale_sessions(limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT session_id FROM analytics_stale_session ORDER BY session_id LIMIT %s", [limit])
        return [session_id for (session_id,) in cursor.fetchall()]


def _computed(session_ids: Sequence[UUID]) -> list[SessionAnalytics]:
    now = datetime.now(UTC)
    coverage = coverage_read()
    wanted = tuple(session_ids)
    spans = session_spans(session_ids=wanted)
    documents = document_counts(session_ids=wanted)
    by_type = figures(
        FigureQuery("interaction", BEGINNING, now, by=("session_id", "key1"), session_ids=wanted, times=True), coverage
    )
    tokens = figures(FigureQuery("token_usage", BEGINNING, now, by=("session_id",), session_ids=wanted), coverage)
    responses = figures(
        FigureQuery(
            "performance", BEGINNING, now, by=("session_id",), session_ids=wanted, key1=("request",), by_category=True
        ),
        coverage,
    )
    types: dict[UUID, dict[str, Measures]] = {}
    for (session_id, interaction_type), measures in by_type.items():
        types.setdefault(session_id, {})[interaction_type] = measures
    nothing = Measures()
    return [
        _row(
            span,
            types.get(span.session_id, {}),
            tokens.get((span.session_id,), nothing),
            responses.get((span.session_id,), nothing),
            documents.get(span.session_id, 0),
            now,
        )
        for span in spans
    ]


def _row(
    span: SessionSpan,
    by_type: dict[str, Measures],
    tokens: Measures,
    responses: Measures,
    documents: int,
    now: datetime,
) -> SessionAnalytics:
    counts = session_counts(by_type)
    last_activity = max(filter(None, (counts.last_at, span.last_activity_at)))
    score = engagement_score(
        interactions=counts.interactions,
        quiz_attempts=counts.quiz_attempts,
        correct_answers=counts.correct_answers,
        summaries=counts.summaries,
        weights=engagement_weights(),
    )
    return SessionAnalytics(
        session_id=span.session_id,
        user_id=span.owner_id,
        total_interactions=counts.interactions,
        total_tokens_used=tokens.tokens,
        response_count=responses.timed,
        response_total_us=responses.total_us,
        documents_uploaded=documents,
        quiz_attempts=counts.quiz_attempts,
        correct_answers=counts.correct_answers,
        summaries_created=counts.summaries,
        session_duration=session_duration_seconds(span.started_at, span.ended_at, last_activity),
        engagement_score=score,
        started_at=span.started_at,
        last_activity=last_activity,
        computed_at=now,
    )


def _store(rows: list[SessionAnalytics]) -> None:
    fields = [field.name for field in SessionAnalytics._meta.concrete_fields if not field.primary_key]
    SessionAnalytics.objects.bulk_create(rows, update_conflicts=True, unique_fields=["session"], update_fields=fields)

"""Single facts: the interactions of a session and generic events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from analytics_app.models import EventFact, InteractionFact
from analytics_app.selectors.figures import figures
from analytics_app.selectors.statements import FigureQuery


def interaction_list(
    *, session_id: UUID, interaction_type: str | None, since: datetime | None, until: datetime | None
) -> QuerySet[InteractionFact]:
    """The kept interactions of one session, newest first."""
    interactions = InteractionFact.objects.filter(session_id=session_id)
    if interaction_type:
        interactions = interactions.filter(interaction_type=interaction_type)
    return _between(interactions, since, until)


def event_list(
    *,
    user_id: UUID | None,
    event_type: str | None,
    session_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
) -> QuerySet[EventFact]:
    """The kept events, newest first, of one user or of everybody."""
    events = EventFact.objects.all()
    for name, value in (("user_id", user_id), ("event_type", event_type), ("session_id", session_id)):
        if value is not None:
            events = events.filter(**{name: value})
    return _between(events, since, until)


def _between(facts: QuerySet[Any], since: datetime | None, until: datetime | None) -> QuerySet[Any]:
    if since is not None:
        facts = facts.filter(occurred_at__gte=since)
    if until is not None:
        facts = facts.filter(occurred_at__lt=until)
    return facts.order_by("-occurred_at", "-id")


def event_counts(
    start: datetime,
    end: datetime,
    *,
    step: str | None,
    user_id: UUID | None,
    event_type: str | None,
    session_ids: Sequence[UUID] | None,
) -> list[dict[str, Any]]:
    """Numbers of events per type, and per hour or day when ``step`` says so."""
    by = ("key1", step) if step else ("key1",)
    query = FigureQuery(
        "event",
        start,
        end,
        by=by,
        user_id=user_id,
        session_ids=None if session_ids is None else tuple(session_ids),
        key1=(event_type,) if event_type else None,
    )
    rows = [
        {"event_type": key[0], **({"start": key[1]} if step else {}), "count": measures.count}
        for key, measures in figures(query).items()
    ]
    return sorted(rows, key=lambda row: (row.get("start", start), -row["count"], row["event_type"]))

"""Readiness for an exam: expected share of marks, per concept, and the reviews that lie before it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sessions_app.domain.concepts import concept_key, concept_name
from sessions_app.domain.readiness import ConceptOutlook, memory_on_day, readiness
from sessions_app.engine.exams import forecast
from sessions_app.models import LearningSession, ReviewCard
from sessions_app.selectors import practice as selectors_practice
from sessions_app.services.mastery import beliefs
from tutor_project.common import runtime

FORECAST_DAYS = 14
"""Days of the workload without an exam ahead."""
LONGEST_FORECAST_DAYS = 120
MOST_CARDS = 3000


def session_readiness(*, session: LearningSession) -> dict[str, Any]:
    """Return how ready the learner is for the session's exam, or for one today where no date lies ahead."""
    zone = selectors_practice.learner_zone(owner_id=session.owner_id)
    today = selectors_practice.learner_today(owner_id=session.owner_id)
    ahead = session.exam_on is not None and session.exam_on >= today
    exam_on = session.exam_on if ahead and session.exam_on is not None else today
    rows = selectors_practice.review_cards(owner_id=session.owner_id).filter(session_id=session.pk)
    cards = list(rows.order_by("due_at", "id")[:MOST_CARDS])
    states = {str(card.pk): selectors_practice.calendar_card(card, zone) for card in cards}
    horizon = exam_on if ahead and exam_on > today else today + timedelta(days=FORECAST_DAYS)
    horizon = min(horizon, today + timedelta(days=LONGEST_FORECAST_DAYS))
    ahead_of_it = forecast(
        states,
        today,
        horizon,
        exam_on,
        cap=runtime.get_int("REVIEW_DAILY_CAP"),
        retention=float(runtime.get("REVIEW_DESIRED_RETENTION")),
    )
    recall = _recall_by_concept(cards, ahead_of_it.recall)
    outlooks = [
        ConceptOutlook(
            b.concept, b.mastery.probability, b.mastery.low, b.mastery.high, recall.get(concept_key(b.concept), 1.0)
        )
        for b in beliefs(session_id=session.pk, owner_id=session.owner_id)
    ]
    overall = readiness(outlooks)
    return {
        "exam_on": session.exam_on,
        "days_left": max(0, (session.exam_on - today).days) if session.exam_on is not None else None,
        "expected_share": overall.expected_share,
        "low": overall.low,
        "high": overall.high,
        "by_concept": [
            {"concept": outlook.concept, "expected_share": round(outlook.expected_share, 4)} for outlook in outlooks
        ],
        "workload": [{"date": day, "reviews": number} for day, number in sorted(ahead_of_it.load.items())],
    }


def _recall_by_concept(cards: list[ReviewCard], on_day: dict[str, float]) -> dict[str, float]:
    """What reviews leave of each concept in memory, for concepts with cards."""
    usual = float(runtime.get("REVIEW_DESIRED_RETENTION"))
    found: dict[str, list[float]] = defaultdict(list)
    for card in cards:
        if card.review_count:
            found[concept_key(concept_name(card.question.concept, card.question.related_section))].append(
                on_day[str(card.pk)]
            )
    return {key: memory_on_day(recalls, usual) for key, recalls in found.items()}

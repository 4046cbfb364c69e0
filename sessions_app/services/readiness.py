"""Readiness for an exam: expected share of marks, per concept, and the reviews that lie before it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sessions_app.domain.concepts import concept_key, concept_name
from sessions_app.domain.exam_plan import ExamCard, exam_days
from sessions_app.domain.readiness import ConceptOutlook, readiness
from sessions_app.engine import scheduling
from sessions_app.engine.scheduling import CardDocument, ReviewRating
from sessions_app.models import LearningSession, ReviewCard
from sessions_app.selectors import practice as selectors_practice
from sessions_app.services.mastery import beliefs
from tutor_project.common import runtime

FORECAST_DAYS = 14
"""Days of the workload without an exam ahead."""
LONGEST_FORECAST_DAYS = 120
MOST_CARDS = 3000
RELEARNT = 0.8
"""Recall on the day of what was forgotten in its last review and learned anew."""


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
    load, on_day = _forecast(states, today, horizon, exam_on)
    recall = _recall_by_concept(cards, on_day)
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
        "workload": [{"date": day, "reviews": number} for day, number in sorted(load.items())],
    }


def _recall_by_concept(cards: list[ReviewCard], on_day: dict[str, float]) -> dict[str, float]:
    """The mean recall of each concept's cards on the day, over the recall at which reviews are due."""
    usual = float(runtime.get("REVIEW_DESIRED_RETENTION"))
    found: dict[str, list[float]] = defaultdict(list)
    for card in cards:
        key = concept_key(concept_name(card.question.concept, card.question.related_section))
        if card.review_count:
            found[key].append(on_day[str(card.pk)] / usual)
    return {key: min(1.0, sum(shares) / len(shares)) for key, shares in found.items()}


def _forecast(
    states: dict[str, CardDocument], today: date, horizon: date, exam_on: date
) -> tuple[dict[date, int], dict[str, float]]:
    """Return the reviews a day until ``horizon``, and each card's expected recall on the exam's day, when every review before it
    is done on its day within the cap and recalled."""
    cap = runtime.get_int("REVIEW_DAILY_CAP")
    retention = float(runtime.get("REVIEW_DESIRED_RETENTION"))
    cards = {identity: _exam_card(identity, state, exam_on) for identity, state in states.items()}
    on_day = {identity: card.recall_on_day for identity, card in cards.items()}
    load: dict[date, int] = {}
    for day in (today + timedelta(days=n) for n in range((horizon - today).days + 1)):
        planned = exam_days(list(cards.values()), day, exam_on, cap)
        due = sorted((identity for identity, on in planned.items() if on <= day), key=lambda i: (planned[i], i))[:cap]
        load[day] = len(due)
        for identity in due:
            now = scheduling.clock(day)
            recalled = scheduling.retrievability(states[identity], now)
            after = scheduling.review_answer(states[identity], ReviewRating.GOOD, now, desired_retention=retention)
            states[identity] = after
            cards[identity] = _exam_card(identity, after, exam_on)
            if day < exam_on:
                on_day[identity] = (recalled + (1 - recalled) * RELEARNT) * cards[identity].recall_on_day
    return load, on_day


def _exam_card(identity: str, state: CardDocument, exam_on: date) -> ExamCard:
    last = state.get("last_review")
    return ExamCard(
        id=identity,
        due=scheduling.due_at(state).date(),
        last_review=date.fromisoformat(last[:10]) if last else None,
        lapsed=scheduling.lapsed_last(state),
        stability=scheduling.stability_days(state) or 0.0,
        recall_on_day=scheduling.retrievability(state, scheduling.clock(exam_on)),
    )

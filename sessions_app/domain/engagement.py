"""The weighted engagement score of a session."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngagementWeights:
    """The five numbers of the score; the defaults are those of the product."""

    interaction: float = 10
    quiz_attempt: float = 15
    correct_answer: float = 20
    summary: float = 25
    divisor: float = 10


MAX_SCORE = 100.0
_DEFAULT = EngagementWeights()


def engagement_score(
    *,
    interactions: int,
    quiz_attempts: int,
    correct_answers: int,
    summaries: int,
    weights: EngagementWeights = _DEFAULT,
) -> float:
    """Return the score in [0, 100], rounded to two places.

    ``(10·interactions + 15·quiz_attempts + 20·correct_answers + 25·summaries) / 10`` with the default weights, at most 100.
    Raises ValueError for a negative count or a divisor that is not positive.
    """
    if min(interactions, quiz_attempts, correct_answers, summaries) < 0:
        raise ValueError("counts must not be negative")
    if weights.divisor <= 0:
        raise ValueError("the divisor must be positive")
    points = (
        weights.interaction * interactions
        + weights.quiz_attempt * quiz_attempts
        + weights.correct_answer * correct_answers
        + weights.summary * summaries
    )
    return round(min(MAX_SCORE, max(0.0, points / weights.divisor)), 2)

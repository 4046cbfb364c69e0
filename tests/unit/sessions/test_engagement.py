"""The weighted engagement score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.engagement import EngagementWeights, engagement_score

counts = st.integers(0, 500)


def test_the_score_is_the_weighted_sum_by_ten() -> None:
    assert engagement_score(interactions=3, quiz_attempts=1, correct_answers=1, summaries=1) == 9.0
    assert engagement_score(interactions=0, quiz_attempts=0, correct_answers=0, summaries=0) == 0.0


def test_the_score_ends_at_a_hundred() -> None:
    assert engagement_score(interactions=1000, quiz_attempts=0, correct_answers=0, summaries=0) == 100.0


def test_the_five_numbers_can_be_set() -> None:
    weights = EngagementWeights(interaction=1, quiz_attempt=2, correct_answer=3, summary=4, divisor=1)
    assert engagement_score(interactions=1, quiz_attempts=1, correct_answers=1, summaries=1, weights=weights) == 10.0


def test_negative_counts_and_a_divisor_of_nought_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        engagement_score(interactions=-1, quiz_attempts=0, correct_answers=0, summaries=0)
    with pytest.raises(ValueError, match="divisor"):
        engagement_score(
            interactions=1, quiz_attempts=0, correct_answers=0, summaries=0, weights=EngagementWeights(divisor=0)
        )


@given(counts, counts, counts, counts)
def test_more_activity_never_lowers_the_score(i: int, q: int, c: int, s: int) -> None:
    base = engagement_score(interactions=i, quiz_attempts=q, correct_answers=c, summaries=s)
    assert 0.0 <= base <= 100.0
    assert engagement_score(interactions=i + 1, quiz_attempts=q, correct_answers=c + 1, summaries=s) >= base

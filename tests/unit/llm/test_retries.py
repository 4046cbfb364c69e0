"""Row E1: three tries, 1 s doubling to at most 5 s, hotter each time, and only for what a retry can cure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tutor_project.llm.errors import (
    LLMAuthFailed,
    LLMInvalidOutput,
    LLMRateLimited,
    LLMRefused,
    LLMRequestRejected,
    LLMTimeout,
    LLMUnavailable,
    SpendCapReached,
)
from tutor_project.llm.retries import (
    LEARNERS_PATIENCE,
    LLM_RETRY,
    RetryPolicy,
    Try,
    policy_for,
    spread,
    with_retries,
)


def run(*outcomes: object, policy: RetryPolicy = LLM_RETRY) -> tuple[object, list[Try], list[float]]:
    left, attempts, pauses = list(outcomes), [], []

    def call(attempt: Try) -> object:
        attempts.append(attempt)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    try:
        result: object = with_retries(call, policy=policy, sleep=pauses.append)
    except Exception as failure:
        result = failure
    return result, attempts, pauses


def test_three_tries_one_and_two_seconds_apart() -> None:
    failures = [LLMInvalidOutput("first"), LLMTimeout(), LLMInvalidOutput("third")]
    result, attempts, pauses = run(*failures)
    assert result is failures[2]
    assert [attempt.number for attempt in attempts] == [1, 2, 3]
    assert pauses == [1.0, 2.0]


def test_delay_never_exceeds_five_seconds() -> None:
    _, _, pauses = run(*[LLMTimeout() for _ in range(6)], policy=RetryPolicy(tries=6))
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_temperature_rises_a_tenth_a_try_and_stays_legal() -> None:
    assert [Try(number).temperature(0.2) for number in (1, 2, 3)] == [0.2, 0.3, 0.4]
    assert Try(3).temperature(0.95) == 1.0
    assert Try(3).temperature(1.4) == 1.4
    assert Try(3).temperature(None) is None


@pytest.mark.parametrize(
    "failure", [LLMInvalidOutput("x"), LLMRefused(), LLMTimeout(), LLMRateLimited(), LLMUnavailable()]
)
def test_what_a_retry_can_cure_is_tried_again(failure: Exception) -> None:
    result, attempts, _ = run(failure, "fine")
    assert (result, len(attempts)) == ("fine", 2)


@pytest.mark.parametrize("failure", [LLMAuthFailed(), LLMRequestRejected(), SpendCapReached(), ValueError("bug")])
def test_everything_else_fails_at_once(failure: Exception) -> None:
    result, attempts, pauses = run(failure, "fine")
    assert result is failure
    assert (len(attempts), pauses) == (1, [])


def test_rate_limit_is_waited_for_as_asked_within_bounds() -> None:
    assert run(LLMRateLimited(retry_after_seconds=12.5), "fine")[2] == [12.5]
    assert run(LLMRateLimited(retry_after_seconds=0.1), "fine")[2] == [1.0]
    result, attempts, _ = run(LLMRateLimited(retry_after_seconds=3600.0), "fine")
    assert isinstance(result, LLMRateLimited)
    assert len(attempts) == 1


def test_model_is_shown_the_last_unusable_reply_even_after_a_time_out() -> None:
    unusable = LLMInvalidOutput("no number")
    _, attempts, _ = run(unusable, LLMTimeout(), "fine")
    assert [attempt.to_repair for attempt in attempts] == [None, unusable, unusable]


def test_waits_are_spread_by_up_to_a_quarter() -> None:
    waits = {spread(2.0) for _ in range(50)}
    assert len(waits) > 1
    assert all(2.0 <= wait <= 2.5 for wait in waits)


def test_no_try_begins_after_the_patience_of_a_learner_who_waits() -> None:
    calls: list[int] = []

    def slow(attempt: Try) -> str:
        calls.append(attempt.number)
        raise LLMTimeout()

    tired = replace(policy_for("interaction"), patience=-1.0)
    with pytest.raises(LLMTimeout):
        with_retries(slow, policy=tired, sleep=lambda seconds: None)
    assert calls == [1]
    assert policy_for("generation") == LLM_RETRY
    assert policy_for("interaction").patience == LEARNERS_PATIENCE

"""The retry rule of model calls (row E1).

Three tries, 1 s then 2 s between them (factor 2, at most 5 s), temperature +0.1 a try. Only malformed or
unusable output, time-outs and rate limits are tried again; every other failure is final at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from tutor_project.llm.errors import LLMRateLimited, LLMTimeout, LLMUnusableReply

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays in seconds. A provider that asks for more than ``longest_retry_after`` is not waited for."""

    tries: int = 3
    first_delay: float = 1.0
    max_delay: float = 5.0
    factor: float = 2.0
    temperature_step: float = 0.1
    longest_retry_after: float = 20.0

    def delay_after(self, attempt_number: int, failure: BaseException | None = None) -> float:
        """Return the pause after the 1-based attempt, at least what a rate limit asked for."""
        delay = min(self.first_delay * self.factor ** (attempt_number - 1), self.max_delay)
        if isinstance(failure, LLMRateLimited) and failure.retry_after_seconds is not None:
            return max(delay, failure.retry_after_seconds)
        return delay

    def allows_retry(self, failure: BaseException) -> bool:
        """Say whether another try may cure ``failure``."""
        if isinstance(failure, LLMRateLimited):
            return (failure.retry_after_seconds or 0.0) <= self.longest_retry_after
        return isinstance(failure, (LLMUnusableReply, LLMTimeout))


LLM_RETRY = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: its 1-based number and the last unusable reply before it, to be shown to the model."""

    number: int
    to_repair: LLMUnusableReply | None = None

    def temperature(self, base: float | None, policy: RetryPolicy = LLM_RETRY) -> float | None:
        """Return the temperature of this try: base + 0.1 for each try before it, at most 1."""
        if base is None:
            return None
        return min(round(base + policy.temperature_step * (self.number - 1), 4), max(base, 1.0))


def retry_on_json_error(
    call: Callable[[Attempt], T], *, policy: RetryPolicy = LLM_RETRY, sleep: Callable[[float], None] = time.sleep
) -> T:
    """Return the first result of ``call(attempt)``; re-raises the last failure when the tries are used up."""

    def pause(state: tenacity.RetryCallState) -> float:
        return policy.delay_after(state.attempt_number, state.outcome.exception() if state.outcome else None)

    to_repair: LLMUnusableReply | None = None
    tries = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(policy.tries),
        wait=pause,
        retry=tenacity.retry_if_exception(policy.allows_retry),
        sleep=sleep,
        reraise=True,
    )
    for attempt in tries:
        with attempt:
            return call(Attempt(attempt.retry_state.attempt_number, to_repair))
        failure = attempt.retry_state.outcome.exception() if attempt.retry_state.outcome else None
        to_repair = failure if isinstance(failure, LLMUnusableReply) else to_repair
    raise AssertionError("unreachable: tenacity re-raises the last failure")

"""The retry rule of model calls.

Three tries, 1 s then 2 s between them (factor 2, at most 5 s) and up to a quarter more by chance, so that many callers
do not come back at once; temperature +0.1 a try. Tried again are malformed or unusable output, time-outs, rate limits,
server errors and dropped connections; every other failure is final at once, and so is a reply given twice.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from tutor_project.llm.errors import LLMRateLimited, LLMTimeout, LLMUnavailable, LLMUnusableReply

T = TypeVar("T")


def spread(seconds: float) -> float:
    """Return ``seconds`` and up to a quarter more by chance: callers that failed together do not come back together."""
    return seconds * random.uniform(1.0, 1.25)  # noqa: S311  a spread, not a secret


def sleep_spread(seconds: float) -> None:
    """Wait ``spread(seconds)``."""
    time.sleep(spread(seconds))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays in seconds. A provider that asks for more than ``longest_retry_after`` is not waited for."""

    tries: int = 3
    first_delay: float = 1.0
    max_delay: float = 5.0
    factor: float = 2.0
    temperature_step: float = 0.1
    longest_retry_after: float = 20.0
    patience: float = math.inf
    """Seconds from the beginning after which no further try begins."""

    def delay_after(self, attempt_number: int, failure: BaseException | None = None) -> float:
        """Return the pause after the 1-based attempt, at least what a rate limit asked for."""
        delay = min(self.first_delay * self.factor ** (attempt_number - 1), self.max_delay)
        if isinstance(failure, LLMRateLimited) and failure.retry_after_seconds is not None:
            delay = max(delay, failure.retry_after_seconds)
        return delay

    def allows_retry(self, failure: BaseException) -> bool:
        """Say whether another try may cure ``failure``."""
        if isinstance(failure, LLMRateLimited):
            return (failure.retry_after_seconds or 0.0) <= self.longest_retry_after
        return isinstance(failure, (LLMUnusableReply, LLMTimeout, LLMUnavailable))


LLM_RETRY = RetryPolicy()
LEARNERS_PATIENCE = 60.0
"""Seconds after which somebody who waits for a reply is better served by the built-in engine than by one more try."""


def policy_for(phase: str, policy: RetryPolicy = LLM_RETRY) -> RetryPolicy:
    """Return the rule for a call: while a learner waits for it, no try begins after their patience has ended."""
    return replace(policy, patience=LEARNERS_PATIENCE) if phase == "interaction" else policy


@dataclass(frozen=True, slots=True)
class Try:
    """One try: its 1-based number and the last unusable reply before it, to be shown to the model."""

    number: int
    to_repair: LLMUnusableReply | None = None

    def temperature(self, base: float | None, policy: RetryPolicy = LLM_RETRY) -> float | None:
        """Return the temperature of this try: base + 0.1 for each try before it, at most 1."""
        if base is None:
            return None
        return min(round(base + policy.temperature_step * (self.number - 1), 4), max(base, 1.0))


class Tries:
    """The tries of one call, for callers that wait in their own way: by a thread or on an event loop."""

    def __init__(self, policy: RetryPolicy = LLM_RETRY) -> None:
        self._policy = policy
        self._started = time.monotonic()
        self.attempt = Try(1)

    def after(self, failure: Exception) -> float:
        """Go on to the next try and return the seconds to wait before it; raises ``failure`` when there is none."""
        attempt = self.attempt
        last = attempt.number >= self._policy.tries or time.monotonic() - self._started > self._policy.patience
        if last or not self._policy.allows_retry(failure) or _said_again(failure, attempt.to_repair):
            raise failure
        to_repair = failure if isinstance(failure, LLMUnusableReply) else attempt.to_repair
        self.attempt = Try(attempt.number + 1, to_repair)
        return self._policy.delay_after(attempt.number, failure)


def with_retries(
    call: Callable[[Try], T], *, policy: RetryPolicy = LLM_RETRY, sleep: Callable[[float], None] = sleep_spread
) -> T:
    """Return the first result of ``call(attempt)``; raises the last failure when the tries are used up.

    What is tried again is for the policy to say: replies that cannot be used, time-outs, servers that are busy or away.
    """
    tries = Tries(policy)
    while True:
        try:
            return call(tries.attempt)
        except Exception as failure:  # noqa: BLE001  raised again unless another try is allowed
            pause = tries.after(failure)
        sleep(pause)


def _said_again(failure: Exception, before: LLMUnusableReply | None) -> bool:
    """Say whether the model repeats, word for word, a reply it was shown to be wrong: asking on changes nothing."""
    if before is None or not isinstance(failure, LLMUnusableReply):
        return False
    return bool(failure.reply.strip()) and failure.reply.split() == before.reply.split()

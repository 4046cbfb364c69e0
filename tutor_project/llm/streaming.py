"""The state of one streamed reply, shared by the synchronous and the asynchronous gateway."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from tutor_project.llm.accounting import ProviderCall
from tutor_project.llm.errors import LLMError, LLMInvalidOutput, LLMRefused, LLMStreamInterrupted
from tutor_project.llm.pace import Pace
from tutor_project.llm.prompts import Prompt
from tutor_project.llm.retries import RetryPolicy, Try
from tutor_project.llm.types import NO_USAGE, ChatDelta, FinishReason, StreamDelta, StreamEnd, Usage

_OPEN = re.compile(r"<(think|thinking|reasoning|reflection|analysis)>", re.IGNORECASE)
_LONGEST_OPENING = 20


class ReasoningFilter:
    """Removes leading reasoning blocks, and the white space around them, from text that arrives in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._closing: str | None = None
        self._passing = False
        self._thought = False

    @property
    def thought(self) -> bool:
        """Whether a reasoning block stood before the text."""
        return self._thought

    def feed(self, text: str) -> str:
        """Return what of the text so far may be shown now."""
        if self._passing:
            return text
        self._held += text
        while not self._passing:
            if self._closing is not None:
                end = self._held.lower().find(self._closing)
                if end < 0:
                    self._held = self._held[-len(self._closing) :]
                    return ""
                self._held, self._closing = self._held[end + len(self._closing) :], None
            self._held = self._held.lstrip()
            if opening := _OPEN.match(self._held):
                self._held, self._closing = self._held[opening.end() :], f"</{opening.group(1).lower()}>"
                self._thought = True
            elif not self._held or self._may_still_open():
                return ""
            else:
                self._passing = True
        return self.flush()

    def flush(self) -> str:
        """Return what was held back at the end of the stream; reasoning that never ended stays hidden."""
        held, self._held = self._held, ""
        return "" if self._closing is not None else held

    def _may_still_open(self) -> bool:
        return self._held[0] == "<" and ">" not in self._held and len(self._held) < _LONGEST_OPENING


class StreamState:
    """What is known while a reply streams: text, usage, tries; and what to do when it breaks."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._started = time.monotonic()
        self._first_delta_ms: float | None = None
        self._spent = NO_USAGE
        self._last_failure: LLMError | None = None
        self.attempt_number = 1
        self._begin_try()

    def _begin_try(self) -> None:
        self._text: list[str] = []
        self._shown = False
        self._reported: Usage | None = None
        self._finish_reason: FinishReason | None = None
        self._filter = ReasoningFilter()

    def temperature(self, base: float | None) -> float | None:
        """Return the temperature of this try."""
        return Try(self.attempt_number).temperature(base, self._policy)

    def take(self, delta: ChatDelta) -> Iterator[StreamDelta]:
        """Note a piece of the provider's stream and yield what of it is to be shown."""
        if delta.usage is not None:
            # Some servers send counts in several pieces, some running totals: the largest is right for both.
            known = self._reported or delta.usage
            self._reported = Usage(
                max(known.prompt_tokens, delta.usage.prompt_tokens),
                max(known.completion_tokens, delta.usage.completion_tokens),
                measured=True,
                cached_prompt_tokens=max(known.cached_prompt_tokens, delta.usage.cached_prompt_tokens),
            )
        self._finish_reason = delta.finish_reason or self._finish_reason
        if delta.text:
            self._text.append(delta.text)
            yield from self._show(self._filter.feed(delta.text))

    def finish(self) -> Iterator[StreamDelta]:
        """Yield what was held back; raises when the stream ended without an end, empty or refused."""
        if self._finish_reason is None:
            raise LLMStreamInterrupted()
        if self._finish_reason == "content_filter":
            raise LLMRefused()
        yield from self._show(self._filter.flush())
        if not self._shown:
            raise LLMInvalidOutput("The reply was empty.")

    def _show(self, text: str) -> Iterator[StreamDelta]:
        if text.strip() or (text and self._shown):
            if self._first_delta_ms is None:
                self._first_delta_ms = (time.monotonic() - self._started) * 1000
            self._shown = True
            yield StreamDelta(text)

    def close(self, call: ProviderCall, failure: BaseException | None) -> tuple[Usage, str]:
        """Return what the provider call of this try used, and how it ended."""
        text = "".join(self._text)
        if failure is None or (self._finish_reason is not None and self._reported is not None):
            usage = call.usage_of_reply(self._reported, text)
        elif text or self._reported or isinstance(failure, (GeneratorExit, LLMStreamInterrupted)):
            usage = call.usage_so_far(self._reported, text)
        else:
            usage = call.usage_after_failure(failure)
        self._spent = self._spent + usage
        return usage, _outcome(failure)

    def pace(self, usage: Usage) -> Pace:
        """Return how fast the server was at a stream that came whole at the first try; nothing for all others."""
        if self._first_delta_ms is None or self.attempt_number > 1 or self._filter.thought:
            return Pace()
        return Pace.of_stream(usage, self._first_delta_ms / 1000, time.monotonic() - self._started)

    def raise_unless_retryable(self, failure: BaseException) -> None:
        """Raise ``failure`` in its final form unless another try is allowed."""
        if not isinstance(failure, LLMError):
            raise failure
        if self._shown:
            raise LLMStreamInterrupted() from failure
        # A stream that ended without text and without an end is a malformed reply like any other.
        retryable = self._policy.allows_retry(failure) or isinstance(failure, LLMStreamInterrupted)
        tired = time.monotonic() - self._started > self._policy.patience
        if not retryable or tired or self.attempt_number >= self._policy.tries:
            raise failure
        self._last_failure = failure

    def next_try(self) -> float:
        """Start the next try and return how many seconds to wait before it."""
        delay = self._policy.delay_after(self.attempt_number, self._last_failure)
        self.attempt_number += 1
        self._begin_try()
        return delay

    def end(self, model: str, prompt: Prompt) -> StreamEnd:
        """Return the last item of the stream."""
        return StreamEnd(
            usage=self._spent,
            latency_ms=(time.monotonic() - self._started) * 1000,
            first_delta_ms=self._first_delta_ms,
            finish_reason=self._finish_reason or "other",
            model=model,
            prompt_id=prompt.id,
            prompt_version=prompt.version,
            prompt_hash=prompt.content_hash,
            retries=self.attempt_number - 1,
        )


def _outcome(failure: BaseException | None) -> str:
    if failure is None:
        return "ok"
    if isinstance(failure, LLMError):
        return failure.code
    return "aborted"

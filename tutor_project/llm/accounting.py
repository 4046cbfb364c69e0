"""One provider call, from reservation to settlement, with exactly one token-usage fact."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import structlog

from tutor_project.llm.errors import BudgetUnavailable, LLMError
from tutor_project.llm.ports import FactSink, SpendPort, SpendQuote
from tutor_project.llm.prompts import Prompt
from tutor_project.llm.types import NO_USAGE, ChatMessage, PromptCall, Usage
from tutor_project.llm.usage import estimate_prompt_tokens, estimate_tokens

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class ProviderCall:
    """A call to be paid for. ``open`` before it, then exactly one ``close``; a second one does nothing."""

    spend: SpendPort
    facts: FactSink
    request: PromptCall
    prompt: Prompt
    model: str
    messages: Sequence[ChatMessage]
    max_output_tokens: int
    attempt: int
    streamed: bool = False
    call_id: UUID = field(default_factory=uuid4)
    _reservation: Any = None
    _started: float = 0.0
    _closed: bool = False

    @property
    def estimated_prompt_tokens(self) -> int:
        """What the prompt is estimated to cost."""
        return estimate_prompt_tokens(self.messages)

    def open(self) -> None:
        """Reserve the most the call can cost; raises ``SpendCapReached`` or ``BudgetUnavailable``."""
        request = self.request
        quote = SpendQuote(
            call_id=self.call_id, user_id=request.user_id, folder_id=request.folder_id,
            session_id=request.session_id, model=self.model, phase=request.phase, feature=request.feature,
            prompt_tokens=self.estimated_prompt_tokens, max_output_tokens=self.max_output_tokens,
        )  # fmt: skip
        unreachable = False
        try:
            self._reservation = self.spend.reserve(quote)
        except LLMError:
            raise
        except Exception as failure:  # noqa: BLE001  logged; unsure means: do not spend, or unsettled
            log.error("spend_reserve_failed", error_class=type(failure).__name__, call_id=str(self.call_id))
            unreachable = True
        if unreachable:
            raise BudgetUnavailable()
        self._started = time.monotonic()

    def usage_after_failure(self, failure: BaseException) -> Usage:
        """Return what to book for a call that gave no reply: nothing, or its ceiling if it may be billed."""
        if isinstance(failure, LLMError) and not failure.may_be_billed:
            return NO_USAGE
        return Usage(self.estimated_prompt_tokens, self.max_output_tokens, measured=False)

    def usage_of_reply(self, reported: Usage | None, text: str) -> Usage:
        """Return the provider's count of a whole reply, or the estimate when it gave none or half of one."""
        if reported is not None and reported.prompt_tokens > 0:
            return reported
        return self.usage_so_far(reported, text)

    def usage_so_far(self, reported: Usage | None, text: str) -> Usage:
        """Return the usage of a reply that was cut: counts that came early are lower bounds only."""
        prompt = reported.prompt_tokens if reported and reported.prompt_tokens else self.estimated_prompt_tokens
        completion = max(estimate_tokens(text), reported.completion_tokens if reported else 0)
        return Usage(prompt, completion, measured=False)

    def close(self, usage: Usage, *, outcome: str) -> None:
        """Settle the reservation and record the fact; ``outcome`` is ``ok``, ``aborted`` or an error code.

        Never raises for the ledger: the reply is paid for already, and the unsettled reservation stays
        booked at its ceiling.
        """
        if self._closed:
            return
        self._closed = True
        latency_ms = (time.monotonic() - self._started) * 1000
        settled = True
        try:
            self.spend.settle(self._reservation, usage)
        except Exception as failure:  # noqa: BLE001  logged; unsure means: do not spend, or unsettled
            settled = False
            log.error("spend_settle_failed", error_class=type(failure).__name__, call_id=str(self.call_id))
        request, prompt = self.request, self.prompt
        self.facts(
            "token_usage",
            call_id=str(self.call_id), model=self.model, phase=request.phase, feature=request.feature,
            user_id=request.user_id, session_id=request.session_id, folder_id=request.folder_id,
            prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens, measured=usage.measured,
            latency_ms=latency_ms, success=outcome == "ok", outcome=outcome, attempt=self.attempt,
            streamed=self.streamed, settled=settled,
            prompt_id=prompt.id, prompt_version=prompt.version, prompt_hash=prompt.content_hash,
        )  # fmt: skip

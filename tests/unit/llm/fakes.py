"""Stand-ins for the gateway's surroundings: a scripted model, a ledger and a fact sink in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from tutor_project.llm.gateway import Gateway
from tutor_project.llm.ports import SpendQuote
from tutor_project.llm.prompts import parse_prompt
from tutor_project.llm.types import (
    ChatDelta,
    ChatMessage,
    ChatReply,
    CompletionRequest,
    PromptCall,
    UntrustedText,
    Usage,
)

PROMPT = parse_prompt(
    "---\nid: test.prompt\nversion: 3\nmax_prompt_tokens: 2000\nmax_output_tokens: 100\ntemperature: 0.2\n---\n"
    "# System\nYou add numbers.\n# User\nAdd {{count}} numbers.\n{{documents}}\n"
)


class Answer(BaseModel):
    """The reply the tests ask for."""

    answer: int


@dataclass
class Ledger:
    """Remembers reservations and settlements; raises ``failure`` instead of reserving if set."""

    failure: Exception | None = None
    settle_failure: Exception | None = None
    quotes: list[SpendQuote] = field(default_factory=list)
    settled: list[tuple[Any, Usage]] = field(default_factory=list)

    def reserve(self, quote: SpendQuote) -> Any:
        if self.failure is not None:
            raise self.failure
        self.quotes.append(quote)
        return quote.call_id

    def settle(self, reservation: Any, usage: Usage) -> None:
        if self.settle_failure is not None:
            raise self.settle_failure
        self.settled.append((reservation, usage))


@dataclass
class ScriptedClient:
    """Gives the scripted replies one after the other: a ChatReply, a text, a list of deltas or an exception."""

    script: list[Any]
    calls: list[dict[str, Any]] = field(default_factory=list)
    closed_streams: int = 0
    model: str = "openai:test-model"

    def generate(self, messages: Sequence[ChatMessage], **options: Any) -> ChatReply:
        item = self._next(messages, options)
        return ChatReply(item, Usage(10, 5, measured=True), "stop") if isinstance(item, str) else item

    async def agenerate(self, messages: Sequence[ChatMessage], **options: Any) -> ChatReply:
        return self.generate(messages, **options)

    def stream(self, messages: Sequence[ChatMessage], **options: Any) -> Generator[ChatDelta, None, None]:
        items = self._next(messages, options)
        try:
            for item in items:
                if isinstance(item, BaseException):
                    raise item
                yield ChatDelta(item) if isinstance(item, str) else item
        finally:
            self.closed_streams += 1

    async def astream(self, messages: Sequence[ChatMessage], **options: Any) -> AsyncGenerator[ChatDelta, None]:
        for item in self.stream(messages, **options):
            yield item

    def _next(self, messages: Sequence[ChatMessage], options: dict[str, Any]) -> Any:
        self.calls.append({"messages": tuple(messages), **options})
        item = self.script.pop(0)
        if isinstance(item, BaseException):
            raise item
        return item


@dataclass
class Bench:
    """A gateway with everything around it in reach of the test."""

    client: ScriptedClient
    ledger: Ledger = field(default_factory=Ledger)
    facts: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    releases: list[int] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        return Gateway(
            self.client,
            prompts={"test.prompt": PROMPT}.__getitem__,
            spend=lambda: self.ledger,
            facts=lambda kind, **fields: self.facts.append({"kind": kind, **fields}),
            sleep=self.pauses.append,
            release_connections=lambda: self.releases.append(len(self.client.calls)),
        )


def bench(*script: Any) -> Bench:
    """Return a bench whose model says ``script``."""
    return Bench(ScriptedClient(list(script)))


def asking(document: str = "1 and 2", **changes: Any) -> CompletionRequest[Answer]:
    """Return the request the tests send."""
    fields: dict[str, Any] = {
        "prompt_id": "test.prompt", "schema": Answer, "phase": "analysis", "feature": "analysis",
        "variables": {"count": 2}, "documents": [UntrustedText("D1", document)],
        "user_id": "u1", "session_id": "s1", "folder_id": "f1",
    }  # fmt: skip
    return CompletionRequest(**{**fields, **changes})


def streaming(**changes: Any) -> PromptCall:
    """Return the streamed request the tests send."""
    fields: dict[str, Any] = {
        "prompt_id": "test.prompt", "phase": "interaction", "feature": "answer", "variables": {"count": 2},
        "documents": [UntrustedText("D1", "1 and 2")], "user_id": "u1", "session_id": "s1",
    }  # fmt: skip
    return PromptCall(**{**fields, **changes})


END = ChatDelta("", Usage(20, 4, measured=True), "stop")

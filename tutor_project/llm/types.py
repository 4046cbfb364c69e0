"""The typed requests and replies of the gateway, and the narrow shape every provider is brought to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypedDict, TypeVar

from pydantic import BaseModel

Phase = Literal["analysis", "planning", "generation", "interaction"]
FinishReason = Literal["stop", "length", "content_filter", "other"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call (or the sum of several). ``measured`` is True when the provider counted them.

    ``cached_prompt_tokens`` are those of the prompt that the provider took from its cache.
    """

    prompt_tokens: int
    completion_tokens: int
    measured: bool
    cached_prompt_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        """Sum; the sum is measured only if both parts are."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.measured and other.measured,
            self.cached_prompt_tokens + other.cached_prompt_tokens,
        )


NO_USAGE = Usage(0, 0, measured=True)


@dataclass(frozen=True, slots=True)
class UntrustedText:
    """Text written by people outside the project (documents, learners); always sent fenced.

    ``label`` is how the prompt and the reply refer to it: server-made, letters, digits, space, ``_-``.
    """

    label: str
    text: str


class CallerIds(TypedDict):
    """The fields of a ``PromptCall`` that say on whose behalf it is made."""

    user_id: str | None
    session_id: str | None
    folder_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """On whose behalf a model is called: ids for the ledger and the facts."""

    user_id: str | None = None
    session_id: str | None = None
    folder_id: str | None = None

    def ids(self) -> CallerIds:
        """Return the fields of a ``PromptCall`` that name the caller."""
        return {"user_id": self.user_id, "session_id": self.session_id, "folder_id": self.folder_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCall:
    """One use of a prompt file.

    ``variables`` are trusted server-side values (numbers, enum words); whatever people wrote belongs in
    ``documents``. ``max_output_tokens`` and ``temperature`` default to the prompt file's front matter.
    """

    prompt_id: str
    phase: Phase
    feature: str
    variables: Mapping[str, str | int | float] = field(default_factory=dict)
    documents: Sequence[UntrustedText] = ()
    user_id: str | None = None
    session_id: str | None = None
    folder_id: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest(PromptCall, Generic[ReplyT]):
    """A prompt whose reply is one JSON object that fits ``schema``.

    ``accept`` may raise ``LLMInvalidOutput`` with a sentence for the model when a well-formed reply is wrong
    for other reasons (quotes that are not in the material); that costs a repair try like any other fault.
    """

    schema: type[ReplyT]
    accept: Callable[[ReplyT], None] | None = None


@dataclass(frozen=True, slots=True)
class CompletionReply(Generic[ReplyT]):
    """The validated value and what it took: usage and ``latency_ms`` are over all tries."""

    value: ReplyT
    usage: Usage
    latency_ms: float
    model: str
    prompt_id: str
    prompt_version: int
    prompt_hash: str
    retries: int


@dataclass(frozen=True, slots=True)
class StreamDelta:
    """A piece of the model's text as it arrives, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The last item of a stream. ``first_delta_ms`` is None when the model said nothing."""

    usage: Usage
    latency_ms: float
    first_delta_ms: float | None
    finish_reason: FinishReason
    model: str
    prompt_id: str
    prompt_version: int
    prompt_hash: str
    retries: int


StreamItem = StreamDelta | StreamEnd


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of the conversation sent to a provider."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A provider's whole reply; ``usage`` is None when the provider did not report it.

    ``schema_refused`` says that the server rejected the JSON schema, so the reply was asked for without it.
    """

    text: str
    usage: Usage | None
    finish_reason: FinishReason
    refusal: str | None = None
    schema_refused: bool = False


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a provider's stream; text, usage and finish reason come in any combination."""

    text: str
    usage: Usage | None = None
    finish_reason: FinishReason | None = None


class ChatClient(Protocol):
    """A chat model of some provider. Every method raises only ``LLMError`` for what the provider does.

    ``json_schema`` asks for native structured output where the provider has it; the reply is validated
    by the gateway in any case.
    """

    @property
    def model(self) -> str:
        """The exact name calls are booked under, ``provider:model``."""
        ...

    def generate(
        self,
        messages: Sequence[ChatMessage],
        *,
        temperature: float | None,
        max_output_tokens: int,
        json_schema: Mapping[str, Any] | None,
    ) -> ChatReply:
        """Return the whole reply."""
        ...

    async def agenerate(
        self,
        messages: Sequence[ChatMessage],
        *,
        temperature: float | None,
        max_output_tokens: int,
        json_schema: Mapping[str, Any] | None,
    ) -> ChatReply:
        """Return the whole reply without holding a thread; cancelling closes the connection."""
        ...

    def stream(
        self, messages: Sequence[ChatMessage], *, temperature: float | None, max_output_tokens: int
    ) -> Generator[ChatDelta, None, None]:
        """Yield the reply as it arrives; closing the generator closes the connection."""
        ...

    def astream(
        self, messages: Sequence[ChatMessage], *, temperature: float | None, max_output_tokens: int
    ) -> AsyncGenerator[ChatDelta, None]:
        """Yield the reply as it arrives, without holding a thread."""
        ...

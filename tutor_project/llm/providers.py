"""Chat models of all providers through LangChain, brought to the one narrow shape of ``ChatClient``.

LangChain and the SDKs are imported when the first call is made, never before: they cost seconds and
hundreds of megabytes that a process without a model should not pay.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pydantic import SecretStr

from tutor_project.llm.config import ModelConfig
from tutor_project.llm.errors import LLMRequestRejected
from tutor_project.llm.failures import translate
from tutor_project.llm.http import limited_async_client, limited_client
from tutor_project.llm.pace import Pace
from tutor_project.llm.types import ChatDelta, ChatMessage, ChatReply, FinishReason, Usage
from tutor_project.llm.usage import estimate_prompt_tokens

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage

_FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "tool_use": "stop",
    "length": "length", "max_tokens": "length", "model_context_window_exceeded": "length",
    "content_filter": "content_filter", "refusal": "content_filter",
}  # fmt: skip


_TOOL = "reply"
_OLLAMA_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}


class LangChainClient:
    """A ``ChatClient`` over LangChain; one per process and configuration, safe to share between threads."""

    def __init__(self, config: ModelConfig, *, pace: Callable[[], Pace] = Pace) -> None:
        self._config = config
        self._pace = pace
        self._sync_model: BaseChatModel | None = None
        self._async_models: WeakKeyDictionary[asyncio.AbstractEventLoop, BaseChatModel] = WeakKeyDictionary()

    @property
    def model(self) -> str:
        """The exact name calls are booked under, ``provider:model``."""
        return self._config.model

    def generate(
        self,
        messages: Sequence[ChatMessage],
        *,
        temperature: float | None,
        max_output_tokens: int,
        json_schema: Mapping[str, Any] | None,
    ) -> ChatReply:
        """Return the whole reply; raises ``LLMError``."""
        try:
            return self._whole(messages, self._options(messages, temperature, max_output_tokens, json_schema))
        except LLMRequestRejected as rejected:
            if json_schema is None or not rejected.parameter:
                raise
        # Many servers that speak the protocol reject a schema: the prompt describes it in any case.
        reply = self._whole(messages, self._options(messages, temperature, max_output_tokens, None))
        return replace(reply, schema_refused=True)

    def _whole(self, messages: Sequence[ChatMessage], options: Mapping[str, Any]) -> ChatReply:
        reply: ChatReply = self._guarded(lambda: _whole_reply(self._model().invoke(_to_langchain(messages), **options)))
        return reply

    async def agenerate(
        self,
        messages: Sequence[ChatMessage],
        *,
        temperature: float | None,
        max_output_tokens: int,
        json_schema: Mapping[str, Any] | None,
    ) -> ChatReply:
        """Return the whole reply without holding a thread; raises ``LLMError``; cancelling closes the connection."""
        try:
            return await self._awhole(messages, self._options(messages, temperature, max_output_tokens, json_schema))
        except LLMRequestRejected as rejected:
            if json_schema is None or not rejected.parameter:
                raise
        reply = await self._awhole(messages, self._options(messages, temperature, max_output_tokens, None))
        return replace(reply, schema_refused=True)

    async def _awhole(self, messages: Sequence[ChatMessage], options: Mapping[str, Any]) -> ChatReply:
        error = None
        try:
            return _whole_reply(await self._async_model().ainvoke(_to_langchain(messages), **options))
        except Exception as failure:
            error = translate(failure, model=self.model)
            if error is None:
                raise
        raise error

    def stream(
        self, messages: Sequence[ChatMessage], *, temperature: float | None, max_output_tokens: int
    ) -> Generator[ChatDelta, None, None]:
        """Yield the reply as it arrives; raises ``LLMError``; closing the iterator closes the connection."""
        options = self._options(messages, temperature, max_output_tokens, None)
        chunks = self._guarded(lambda: self._model().stream(_to_langchain(messages), **options))
        with closing(chunks):
            while (chunk := self._guarded(lambda: next(chunks, None))) is not None:
                yield _delta(chunk)

    async def astream(
        self, messages: Sequence[ChatMessage], *, temperature: float | None, max_output_tokens: int
    ) -> AsyncGenerator[ChatDelta, None]:
        """Yield the reply as it arrives, holding no thread; raises ``LLMError``."""
        options = self._options(messages, temperature, max_output_tokens, None)
        chunks = self._guarded(lambda: self._async_model().astream(_to_langchain(messages), **options))
        async with aclosing(chunks):
            while True:
                error = None
                try:
                    chunk = await anext(chunks, None)
                except Exception as failure:
                    error = translate(failure, model=self.model)
                    if error is None:
                        raise
                if error is not None:
                    raise error
                if chunk is None:
                    return
                yield _delta(chunk)

    def _guarded(self, call: Callable[[], Any]) -> Any:
        """Run ``call`` and raise its provider failure as our error, outside of ``except``: the provider's
        exception holds request headers, so it must not travel along as ``__context__``."""
        try:
            return call()
        except Exception as failure:
            error = translate(failure, model=self.model)
            if error is None:
                raise
        raise error

    def _model(self) -> BaseChatModel:
        if self._sync_model is None:
            self._sync_model = build_chat_model(self._config)
        return self._sync_model

    def _async_model(self) -> BaseChatModel:
        # Pooled connections belong to the event loop that opened them.
        loop = asyncio.get_running_loop()
        model = self._async_models.get(loop)
        if model is None:
            model = self._async_models[loop] = build_chat_model(self._config)
        return model

    def _options(
        self,
        messages: Sequence[ChatMessage],
        temperature: float | None,
        max_output_tokens: int,
        json_schema: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        config = self._config
        sent_temperature = temperature if config.takes_temperature else None
        at_most = max_output_tokens + config.thinking_tokens
        if config.provider == "ollama":
            return _ollama_options(config, sent_temperature, at_most, json_schema)
        paced = self._pace().allowed(estimate_prompt_tokens(messages), at_most)
        options: dict[str, Any] = {"max_tokens": at_most, "timeout": max(config.seconds_for(at_most), paced)}
        if sent_temperature is not None:
            options["temperature"] = sent_temperature
        if config.provider == "anthropic":
            return options | _anthropic_options(config, json_schema)
        body: dict[str, Any] = {}
        if config.reasoning_effort is not None:
            body["reasoning_effort"] = config.reasoning_effort
        if json_schema is not None:
            # Through extra_body, because LangChain's own response_format path raises on a reply that was
            # cut and loses its usage.
            form = {"name": "reply", "schema": dict(json_schema), "strict": False}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return options | ({"extra_body": body} if body else {})


def _anthropic_options(config: ModelConfig, json_schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """A tool is this protocol's form of a schema; a model that thinks may be offered one, not made to use it."""
    options: dict[str, Any] = {}
    if config.reasoning_effort is not None:
        options["thinking"] = {"type": "enabled", "budget_tokens": max(config.thinking_tokens, 1024)}
    if json_schema is not None:
        tool = {"name": _TOOL, "description": "Give the reply.", "input_schema": dict(json_schema)}
        choice = {"type": "auto"} if config.reasoning_effort else {"type": "tool", "name": _TOOL}
        options |= {"tools": [tool], "tool_choice": choice}
    return options


def _ollama_options(
    config: ModelConfig, temperature: float | None, max_output_tokens: int, json_schema: Mapping[str, Any] | None
) -> dict[str, Any]:
    # Ollama cuts the prompt silently at its small default context unless num_ctx is given.
    options: dict[str, Any] = {"num_predict": max_output_tokens, "num_ctx": config.context_tokens}
    if temperature is not None:
        options["temperature"] = temperature
    form = {"format": dict(json_schema)} if json_schema is not None else {}
    thinking = {"reasoning": _OLLAMA_EFFORTS[config.reasoning_effort]} if config.reasoning_effort else {}
    return {"options": options, **form, **thinking}


def build_chat_model(config: ModelConfig) -> BaseChatModel:
    """Return the LangChain chat model of ``config``: own HTTP limits, no retries and no tracing of its own."""
    import langsmith

    # Prompts hold learners' texts: no environment variable may send them to a tracing service.
    langsmith.configure(enabled=False)
    if config.provider == "anthropic":
        return _build_anthropic(config)
    if config.provider == "ollama":
        return _build_ollama(config)
    return _build_openai(config)


def _build_openai(config: ModelConfig) -> BaseChatModel:
    import httpx2
    from langchain_openai import ChatOpenAI
    from langchain_openai.chat_models.base import BaseChatOpenAI

    # The base class sends max_tokens, which every compatible server knows; ChatOpenAI sends its successor.
    limits: dict[str, Any] = {"silence": config.timeout_seconds, "private_addresses": config.private_addresses}
    kind = ChatOpenAI if config.provider == "openai" else BaseChatOpenAI
    return kind(
        model=config.name,
        api_key=SecretStr(config.api_key or "none"),
        base_url=config.base_url,
        timeout=config.timeout_seconds,
        max_retries=0,
        stream_usage=True,
        use_responses_api=False,
        http_client=limited_client(httpx2, **limits),
        http_async_client=limited_async_client(httpx2, **limits),
    )


def _build_anthropic(config: ModelConfig) -> BaseChatModel:
    import anthropic
    import httpx2
    from langchain_anthropic import ChatAnthropic

    model = ChatAnthropic(
        model_name=config.name,
        api_key=SecretStr(config.api_key),
        base_url=config.base_url,
        timeout=config.timeout_seconds,
        max_retries=0,
        stop=None,
    )
    # ChatAnthropic takes no HTTP client; its two cached clients are replaced before their first use.
    shared: dict[str, Any] = {"api_key": config.api_key, "base_url": config.base_url, "max_retries": 0}
    limits: dict[str, Any] = {"silence": config.timeout_seconds, "private_addresses": config.private_addresses}
    seconds = config.timeout_seconds
    model.__dict__["_client"] = anthropic.Client(
        **shared, timeout=seconds, http_client=limited_client(httpx2, **limits)
    )
    model.__dict__["_async_client"] = anthropic.AsyncClient(
        **shared, timeout=seconds, http_client=limited_async_client(httpx2, **limits)
    )
    return model


def _build_ollama(config: ModelConfig) -> BaseChatModel:
    import httpx
    from langchain_ollama import ChatOllama

    headers = {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
    model = ChatOllama(model=config.name, base_url=config.base_url, client_kwargs={"headers": headers})
    # Ollama streams in any case, so silences are short; its client takes no time-out with a call.
    limits: dict[str, Any] = {
        "silence": config.timeout_seconds, "total": config.seconds_for(config.context_tokens),
        "private_addresses": config.private_addresses,
    }  # fmt: skip
    for client, limited in (
        (model._client, limited_client(httpx, **limits)),
        (model._async_client, limited_async_client(httpx, **limits)),
    ):
        limited.base_url, limited.headers = client._client.base_url, client._client.headers
        client._client = limited
    return model


def _to_langchain(messages: Sequence[ChatMessage]) -> list[BaseMessage]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    kinds: dict[str, Callable[[str], BaseMessage]] = {
        "system": SystemMessage, "user": HumanMessage, "assistant": AIMessage,
    }  # fmt: skip
    return [kinds[message.role](message.text) for message in messages]


def _whole_reply(message: AIMessage) -> ChatReply:
    given = next((call["args"] for call in message.tool_calls if call["name"] == _TOOL), None)
    return ChatReply(
        text=str(message.text) if given is None else json.dumps(given, ensure_ascii=False),
        usage=_usage(message),
        finish_reason=_finish_reason(message) or "other",
        refusal=message.additional_kwargs.get("refusal") or None,
    )


def _delta(chunk: AIMessage) -> ChatDelta:
    return ChatDelta(text=str(chunk.text), usage=_usage(chunk), finish_reason=_finish_reason(chunk))


def _finish_reason(message: AIMessage) -> FinishReason | None:
    metadata = message.response_metadata
    reason = metadata.get("finish_reason") or metadata.get("stop_reason") or metadata.get("done_reason")
    return None if reason is None else _FINISH_REASONS.get(str(reason), "other")


def _usage(message: AIMessage) -> Usage | None:
    reported = message.usage_metadata
    if not reported or not (reported["input_tokens"] or reported["output_tokens"]):
        return None
    cached = (reported.get("input_token_details") or {}).get("cache_read") or 0
    return Usage(reported["input_tokens"], reported["output_tokens"], measured=True, cached_prompt_tokens=cached)

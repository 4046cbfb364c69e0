"""The one way to a language model: typed request in, validated reply out, every call accounted for.

A call reserves its ceiling, gives the database connection back, asks the provider, validates, settles and
leaves one token-usage fact, whatever happens in between. Unusable replies get bounded repair tries in which
the model is shown what was wrong; after them the failure is honest: nothing is filled in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from tutor_project.common import waits
from tutor_project.llm.accounting import ProviderCall
from tutor_project.llm.config import ModelConfig
from tutor_project.llm.connections import release_database_connections
from tutor_project.llm.errors import LLMError, LLMPromptTooLarge, LLMTooSlow, LLMUnusableReply
from tutor_project.llm.fencing import fence
from tutor_project.llm.pace import Pace
from tutor_project.llm.ports import FactSink, SpendPort, record_fact, spend_port
from tutor_project.llm.profiles import Task, profile_for
from tutor_project.llm.prompts import Prompt, get_prompt
from tutor_project.llm.retries import (
    LLM_RETRY,
    RetryPolicy,
    Tries,
    Try,
    policy_for,
    sleep_spread,
    spread,
    with_retries,
)
from tutor_project.llm.standing import ServerStanding
from tutor_project.llm.streaming import StreamState
from tutor_project.llm.structured import parse_chat_reply, schema_instructions
from tutor_project.llm.types import (
    ChatClient,
    ChatDelta,
    ChatMessage,
    ChatReply,
    CompletionReply,
    CompletionRequest,
    PromptCall,
    ReplyT,
    StreamItem,
    UntrustedText,
    Usage,
)
from tutor_project.llm.usage import estimate_prompt_tokens

T = TypeVar("T")

_MAX_REPAIR_CHARS = 6000
_ESTIMATE_SLACK = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to be sent: the prompt file, the messages and the effective limits."""

    prompt: Prompt
    messages: tuple[ChatMessage, ...]
    max_output_tokens: int
    temperature: float | None


@dataclass(slots=True)
class _Asked(Generic[ReplyT]):
    """A completion under way: what was asked, and what its tries have used. ``usage`` is that of the present reply."""

    request: CompletionRequest[ReplyT]
    prepared: Prepared
    started: float = field(default_factory=time.monotonic)
    spent: list[Usage] = field(default_factory=list)
    usage: Usage | None = None

    def answered(self, value: ReplyT, model: str) -> CompletionReply[ReplyT]:
        """Return the reply with what it took."""
        prompt = self.prepared.prompt
        return CompletionReply(
            value=value,
            usage=sum(self.spent[1:], self.spent[0]),
            latency_ms=(time.monotonic() - self.started) * 1000,
            model=model,
            prompt_id=prompt.id,
            prompt_version=prompt.version,
            prompt_hash=prompt.content_hash,
            retries=len(self.spent) - 1,
        )


class Gateway:
    """Calls one chat model; one instance serves a process and is safe to share between threads.

    ``spend`` is looked up for each call, so a ledger registered later is used. ``sleep`` waits between
    tries (seconds); ``release_connections`` runs right before the wait for the provider.
    """

    def __init__(
        self,
        client: ChatClient,
        *,
        context_tokens: int = 32_000,
        standing: ServerStanding | None = None,
        prompts: Callable[[str], Prompt] = get_prompt,
        spend: Callable[[], SpendPort] = spend_port,
        facts: FactSink = record_fact,
        policy: RetryPolicy = LLM_RETRY,
        sleep: Callable[[float], None] = sleep_spread,
        release_connections: Callable[[], None] = release_database_connections,
    ) -> None:
        self._client = client
        self._configured_context = context_tokens
        self._standing = standing
        self._prompts = prompts
        self._spend = spend
        self._facts = facts
        self._policy = policy
        self._sleep = sleep
        self._release_connections = release_connections

    @property
    def model(self) -> str:
        """The exact name calls are booked under, ``provider:model``."""
        return self._client.model

    @property
    def context_tokens(self) -> int:
        """What fits into one request of the model, prompt and reply together."""
        return self._configured_context if self._standing is None else self._standing.context_tokens

    @property
    def pace(self) -> Pace:
        """How fast the model's server reads and writes, as far as it was measured."""
        return Pace() if self._standing is None else self._standing.pace

    def _close(self, call: ProviderCall, usage: Usage, outcome: str, failure: BaseException | None = None) -> None:
        call.close(usage, outcome=outcome)
        if self._standing is not None:
            self._standing.learn(outcome, failure)

    def complete(self, request: CompletionRequest[ReplyT]) -> CompletionReply[ReplyT]:
        """Return the validated reply; raises ``LLMError`` (see ``errors``) and ``ModelCallInTransaction``.

        The usage and latency of the reply are the sums over all tries.
        """
        self._release_connections()
        asked = _Asked(request, self.prepare(request, schema_instructions(request.schema)))

        def one_try(attempt: Try) -> ReplyT:
            options = self._options(asked, attempt)
            call = self._begin(asked, attempt)
            try:
                with waits.elsewhere():
                    reply = self._client.generate(call.messages, **options)
                return self._take(asked, call, reply)
            except BaseException as failure:
                self._give_up(asked, call, failure)
                raise

        return asked.answered(
            with_retries(one_try, policy=policy_for(request.phase, self._policy), sleep=self._sleep), self.model
        )

    async def acomplete(self, request: CompletionRequest[ReplyT]) -> CompletionReply[ReplyT]:
        """Do what ``complete`` does without holding a thread while the model thinks; cancelling closes the connection."""
        from asgiref.sync import sync_to_async

        await sync_to_async(self._release_connections)()
        asked = _Asked(request, self.prepare(request, schema_instructions(request.schema)))
        tries = Tries(policy_for(request.phase, self._policy))
        while True:
            options = self._options(asked, tries.attempt)
            call = await sync_to_async(self._begin)(asked, tries.attempt)
            try:
                reply = await self._client.agenerate(call.messages, **options)
                value = await sync_to_async(self._released)(self._take, asked, call, reply)
                return asked.answered(value, self.model)
            except BaseException as failure:
                # Shielded: the account is closed also when the task is cancelled because the client left.
                await asyncio.shield(sync_to_async(self._released)(self._give_up, asked, call, failure))
                if not isinstance(failure, Exception):
                    raise
                pause = tries.after(failure)
            await asyncio.sleep(spread(pause))

    def _options(self, asked: _Asked[ReplyT], attempt: Try) -> dict[str, Any]:
        """Return what the provider is told beside the messages."""
        takes_schema = self._standing is None or self._standing.takes_schema
        return {
            "temperature": attempt.temperature(asked.prepared.temperature, self._policy),
            "max_output_tokens": asked.prepared.max_output_tokens,
            "json_schema": asked.request.schema.model_json_schema() if takes_schema else None,
        }

    def _begin(self, asked: _Asked[ReplyT], attempt: Try) -> ProviderCall:
        messages = (*asked.prepared.messages, *_repair_messages(attempt.to_repair))
        call = self.new_call(asked.request, asked.prepared, messages, attempt.number)
        self._open_and_release(call)
        return call

    def _take(self, asked: _Asked[ReplyT], call: ProviderCall, reply: ChatReply) -> ReplyT:
        """Return the value of a reply, and close its account; raises ``LLMUnusableReply`` and leaves it open."""
        asked.usage = call.usage_of_reply(reply.usage, reply.text)
        if reply.schema_refused and self._standing is not None:
            self._standing.schema_refused()
        value = parse_chat_reply(reply, asked.request.schema)
        _accept(asked.request, value, reply.text)
        self._close_and_note(asked, call, asked.usage, "ok", None)
        return value

    def _give_up(self, asked: _Asked[ReplyT], call: ProviderCall, failure: BaseException) -> None:
        outcome = failure.code if isinstance(failure, LLMError) else "interrupted"
        self._close_and_note(asked, call, asked.usage or call.usage_after_failure(failure), outcome, failure)

    def _close_and_note(
        self, asked: _Asked[ReplyT], call: ProviderCall, usage: Usage, outcome: str, failure: BaseException | None
    ) -> None:
        asked.spent.append(usage)
        asked.usage = None
        self._close(call, usage, outcome, failure)

    def _released(self, step: Callable[..., T], *arguments: Any) -> T:
        """Carry out a step of a call in a thread that idles afterwards, and give back the connection it took."""
        try:
            return step(*arguments)
        finally:
            self._release_connections()

    def stream(self, request: PromptCall) -> Generator[StreamItem, None, None]:
        """Yield the model's text as it arrives and one ``StreamEnd`` at the end; raises as ``complete``.

        Failures before the first text are tried again by the same rule; a break after it raises
        ``LLMStreamInterrupted``. Closing the iterator closes the connection; the call is settled and
        recorded all the same. Nothing happens before the first item is asked for.
        """
        self._release_connections()
        prepared = self.prepare(request)
        state = StreamState(policy_for(request.phase, self._policy))
        while True:
            call = self.new_call(request, prepared, prepared.messages, state.attempt_number, streamed=True)
            self._open_and_release(call)
            try:
                deltas = self._client.stream(
                    prepared.messages,
                    temperature=state.temperature(prepared.temperature),
                    max_output_tokens=prepared.max_output_tokens,
                )
                with closing(deltas):
                    while (delta := self._next_of(deltas)) is not None:
                        yield from state.take(delta)
                yield from state.finish()
                self._close_stream(state, call, None)
                break
            except BaseException as failure:  # noqa: BLE001  recorded, then raised or tried again
                self._close_stream(state, call, failure)
                state.raise_unless_retryable(failure)
            self._sleep(state.next_try())
        yield state.end(self.model, prepared.prompt)

    @staticmethod
    def _next_of(deltas: Iterator[ChatDelta]) -> ChatDelta | None:
        with waits.elsewhere():
            return next(deltas, None)

    async def astream(self, request: PromptCall) -> AsyncGenerator[StreamItem, None]:
        """Do what ``stream`` does without holding a thread while the model thinks.

        The ledger, the facts and the database connection are dealt with in a thread, as Django asks.
        """
        from asgiref.sync import sync_to_async

        await sync_to_async(self._release_connections)()
        prepared = self.prepare(request)
        state = StreamState(policy_for(request.phase, self._policy))
        while True:
            call = self.new_call(request, prepared, prepared.messages, state.attempt_number, streamed=True)
            await sync_to_async(self._open_and_release)(call)
            try:
                deltas = self._client.astream(
                    prepared.messages,
                    temperature=state.temperature(prepared.temperature),
                    max_output_tokens=prepared.max_output_tokens,
                )
                async with aclosing(deltas):
                    async for delta in deltas:
                        for item in state.take(delta):
                            yield item
                for item in state.finish():
                    yield item
                await sync_to_async(self._close_and_release)(state, call, None)
                break
            except BaseException as failure:  # noqa: BLE001  recorded, then raised or tried again
                # Shielded: the account is closed also when the task is cancelled because the client left.
                await asyncio.shield(sync_to_async(self._close_and_release)(state, call, failure))
                state.raise_unless_retryable(failure)
            await asyncio.sleep(spread(state.next_try()))
        yield state.end(self.model, prepared.prompt)

    def _open_and_release(self, call: ProviderCall) -> None:
        call.open()
        self._release_connections()

    def _close_and_release(self, state: StreamState, call: ProviderCall, failure: BaseException | None) -> None:
        """Close the account of a stream and give back the connection that took: its thread idles from here on.

        Kept, it would be one of the pool's while the rest of the request asks for a second one: streams that end
        together would wait for each other.
        """
        try:
            self._close_stream(state, call, failure)
        finally:
            self._release_connections()

    def _close_stream(self, state: StreamState, call: ProviderCall, failure: BaseException | None) -> None:
        usage, outcome = state.close(call, failure)
        self._close(call, usage, outcome, failure)
        if failure is None and self._standing is not None:
            self._standing.learn_pace(state.pace(usage))

    def room_for_documents(self, request: PromptCall, schema: type[BaseModel] | None = None) -> int:
        """Return how many (estimated) tokens of documents fit into ``request``, given its other parts."""
        empty = replace(request, documents=[UntrustedText("X", "")])
        prompt, messages, max_output_tokens = self._compose(empty, schema_instructions(schema) if schema else "")
        left = self._prompt_limit(prompt, max_output_tokens) - estimate_prompt_tokens(messages)
        readable = self.pace.readable(request.phase)
        return max(left - _ESTIMATE_SLACK if readable is None else min(left - _ESTIMATE_SLACK, readable), 0)

    def prepare(self, request: PromptCall, instructions: str = "") -> Prepared:
        """Return the messages and limits of ``request``.

        Raises ``LLMPromptTooLarge`` above the feature's budget, ``LLMTooSlow`` where the server would take too long.
        """
        prompt, messages, max_output_tokens = self._compose(request, instructions)
        limit, estimated = self._prompt_limit(prompt, max_output_tokens), estimate_prompt_tokens(messages)
        if estimated > limit:
            raise LLMPromptTooLarge(estimated_tokens=estimated, limit=limit)
        if self.pace.too_slow(request.phase, estimated, max_output_tokens):
            raise LLMTooSlow
        temperature = prompt.temperature if request.temperature is None else request.temperature
        return Prepared(prompt, messages, max_output_tokens, temperature)

    def _compose(self, request: PromptCall, instructions: str) -> tuple[Prompt, tuple[ChatMessage, ...], int]:
        prompt = self._prompts(request.prompt_id)
        fenced = fence(request.documents)
        system = "\n\n".join(part for part in (prompt.system, instructions, fenced.rules) if part)
        user = prompt.render_user(request.variables, fenced.body)
        messages = (ChatMessage("system", system), ChatMessage("user", user))
        wanted = request.max_output_tokens or prompt.max_output_tokens
        return prompt, messages, min(wanted, self.context_tokens // 3)  # leaves a small model room to read

    def _prompt_limit(self, prompt: Prompt, max_output_tokens: int) -> int:
        room = self.context_tokens - max_output_tokens - self._thinking_tokens
        return room if prompt.max_prompt_tokens is None else min(prompt.max_prompt_tokens, room)

    @property
    def _thinking_tokens(self) -> int:
        return 0 if self._standing is None else self._standing.thinking_tokens

    def new_call(
        self,
        request: PromptCall,
        prepared: Prepared,
        messages: tuple[ChatMessage, ...],
        attempt: int,
        *,
        streamed: bool = False,
    ) -> ProviderCall:
        """Return the unopened account of one provider call."""
        return ProviderCall(
            spend=self._spend(), facts=self._facts, request=request, prompt=prepared.prompt, model=self.model,
            messages=messages, max_output_tokens=prepared.max_output_tokens + self._thinking_tokens,
            attempt=attempt, streamed=streamed,
        )  # fmt: skip


def _accept(request: CompletionRequest[ReplyT], value: ReplyT, said: str) -> None:
    if request.accept is None:
        return
    try:
        request.accept(value)
    except LLMUnusableReply as refused:
        refused.reply = refused.reply or said
        raise


def _repair_messages(failure: LLMUnusableReply | None) -> tuple[ChatMessage, ...]:
    """Return what is added after an unusable reply: the reply itself and what is wrong with it."""
    if failure is None:
        return ()
    said = failure.reply[:_MAX_REPAIR_CHARS] or "(nothing)"
    asked = f"That reply cannot be used. {failure.problem} Answer the task again with the corrected JSON object only."
    return (ChatMessage("assistant", said), ChatMessage("user", asked))


def get_gateway(task: Task = "strong") -> Gateway:
    """Return this process's gateway to the model that serves ``task``; raises ``LLMNotConfigured``, ``LLMMisconfigured``."""
    return gateway_to(profile_for(task).config)


@lru_cache(maxsize=16)
def gateway_to(config: ModelConfig) -> Gateway:
    """Return this process's gateway to the model of ``config``."""
    from tutor_project.llm.providers import LangChainClient

    standing = ServerStanding(config)
    client = LangChainClient(config, pace=lambda: standing.pace)
    return Gateway(client, context_tokens=config.context_tokens, standing=standing)

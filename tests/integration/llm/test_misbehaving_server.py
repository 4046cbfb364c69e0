"""The real LangChain client against a server that does everything wrong a model server can do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.llm.conftest import KEY, Stack
from tests.support import openai_server as serve
from tests.unit.llm.fakes import PROMPT, Ledger, asking, streaming
from tutor_project.llm.config import parse_model_config
from tutor_project.llm.errors import LLMError, LLMTimeout
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.providers import LangChainClient
from tutor_project.llm.standing import ProcessStanding, ServerStanding
from tutor_project.llm.types import StreamDelta, Usage

GOOD = {"answer": 3}


def failure_of(stack: Stack, *behaviours: serve.Behaviour) -> LLMError:
    stack.server.script(*behaviours)
    with pytest.raises(LLMError) as failed:
        stack.gateway.complete(asking())
    return failed.value


def test_request_is_what_the_protocol_asks_for(stack: Stack) -> None:
    stack.server.script(serve.reply(GOOD))
    reply = stack.gateway.complete(asking("numbers 1 and 2"))
    (request,) = stack.server.requests
    assert reply.value.answer == 3
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.payload["model"] == "test-model"
    assert request.payload["max_tokens"] == 100
    assert request.payload["temperature"] == 0.2
    (system_role, system), (user_role, user) = request.messages
    assert (system_role, user_role) == ("system", "user")
    assert "numbers 1 and 2" in user
    assert "numbers 1 and 2" not in system
    assert KEY not in str(request.payload)


def test_usage_is_the_servers_count(stack: Stack) -> None:
    stack.server.script(serve.reply(GOOD))
    reply = stack.gateway.complete(asking())
    counted = serve.usage_of(stack.server.requests[0].payload, '{"answer": 3}')
    assert reply.usage == Usage(counted["prompt_tokens"], counted["completion_tokens"], measured=True)


@pytest.mark.parametrize(
    "behaviour",
    [
        serve.fenced(GOOD),
        serve.reply('<think>{"answer": 1}</think>{"answer": 3}'),
        serve.reply('{"answer": 3,}'),
        serve.reply(GOOD, usage=False),
        serve.reply(GOOD, finish=None),
    ],
)
def test_wrapped_replies_are_understood_at_once(stack: Stack, behaviour: serve.Behaviour) -> None:
    stack.server.script(behaviour)
    assert stack.gateway.complete(asking()).value.answer == 3
    assert len(stack.server.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (serve.truncated({"answer": 3, "explanation": "x" * 50}), "cut off"),
        (serve.reply({"answer": "three"}), "answer"),
        (serve.reply({"result": 3}), "answer"),
        (serve.refusal(), "declined"),
        (serve.reply("I'm sorry, I can't do that."), "declined"),
        (serve.empty(), "empty"),
        (serve.html_page(), "protocol"),
        (serve.raw_json({"choices": None}), "protocol"),
        (serve.raw_json({"choices": []}), "protocol"),
        (serve.raw_json({"error": {"message": "overloaded"}}), "protocol"),
    ],
)
def test_unusable_reply_is_repaired_once_the_model_is_told(stack: Stack, behaviour: serve.Behaviour, told: str) -> None:
    stack.server.script(behaviour, serve.reply(GOOD))
    reply = stack.gateway.complete(asking())
    assert (reply.value.answer, reply.retries) == (3, 1)
    first, second = stack.server.requests
    assert told in second.messages[-1][1]
    assert (first.payload["temperature"], second.payload["temperature"]) == (0.2, 0.3)
    assert len(stack.facts) == len(stack.ledger.settled) == 2


@pytest.mark.parametrize(
    ("behaviour", "code", "status", "requests"),
    [
        (serve.truncated(GOOD), "llm_invalid_output", 502, 2),  # the same reply again ends the repairs
        (serve.reply({"answer": []}), "llm_invalid_output", 502, 2),
        (serve.empty(), "llm_invalid_output", 502, 3),
        (serve.refusal(), "llm_refused", 502, 2),
        (serve.rate_limited(), "llm_rate_limited", 503, 3),
        (serve.rate_limited("120"), "llm_rate_limited", 503, 1),
        (serve.failing(429, "insufficient_quota"), "llm_quota_exhausted", 503, 1),
        (serve.server_error(), "llm_unavailable", 503, 3),
        (serve.server_error(529), "llm_unavailable", 503, 3),
        (serve.server_error(503), "llm_unavailable", 503, 3),
        (serve.dropped(), "llm_unavailable", 503, 3),
        (serve.unauthorized_naming_the_key(), "llm_auth_failed", 502, 1),
        (serve.failing(403), "llm_auth_failed", 502, 1),
        (serve.failing(404, "model_not_found"), "llm_request_rejected", 502, 1),
        (serve.failing(400, "context_length_exceeded", "context_length_exceeded"), "llm_context_too_large", 502, 1),
    ],
)
def test_lasting_failure_is_honest_and_bounded(
    stack: Stack, behaviour: serve.Behaviour, code: str, status: int, requests: int
) -> None:
    failure = failure_of(stack, behaviour)
    assert (failure.code, failure.status) == (code, status)
    assert len(stack.server.requests) == requests, "the client's own retries must be off"
    assert len(stack.facts) == len(stack.ledger.settled) == len(stack.ledger.quotes) == requests
    assert {fact["outcome"] for fact in stack.facts} == {code}


def test_retry_after_is_honoured(stack: Stack) -> None:
    stack.server.script(serve.rate_limited("4"), serve.reply(GOOD))
    assert stack.gateway.complete(asking()).retries == 1
    assert stack.pauses == [4.0]


@pytest.mark.parametrize("behaviour", [serve.slow(20), serve.dripping(0.05)])
def test_slow_and_dripping_replies_time_out_as_a_whole(
    make_stack: Callable[..., Stack], behaviour: serve.Behaviour
) -> None:
    stack = make_stack(timeout_seconds=0.3)
    failure = failure_of(stack, behaviour)
    assert (failure.code, failure.status) == ("llm_timeout", 504)
    assert len(stack.server.requests) == 3
    assert all(fact["completion_tokens"] == 100 and not fact["measured"] for fact in stack.facts)


def test_nobody_listening_costs_nothing(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(base_url="http://127.0.0.1:9/v1")
    with pytest.raises(LLMError) as failed:
        stack.gateway.complete(asking())
    assert failed.value.code == "llm_unavailable"
    assert stack.ledger.settled[0][1].total_tokens == 0


def test_redirects_are_not_followed(stack: Stack) -> None:
    with serve.OpenAIServer() as elsewhere:
        elsewhere.script(serve.reply(GOOD))
        failure = failure_of(stack, serve.redirecting(elsewhere.base_url + "/chat/completions"))
        assert failure.code == "llm_misconfigured"
        assert elsewhere.requests == []


def test_key_is_in_no_error_and_no_log(stack: Stack, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    failure = failure_of(stack, serve.unauthorized_naming_the_key())
    link: BaseException | None = failure
    while link is not None:
        assert KEY not in f"{link!r} {link.args} {vars(link)}"
        link = link.__cause__ or link.__context__
    output = capsys.readouterr()
    assert KEY not in caplog.text + output.out + output.err + str(stack.facts)


def test_no_prompt_is_logged_above_debug(stack: Stack, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    caplog.set_level(logging.INFO)
    stack.server.script(serve.reply("nonsense"), serve.reply(GOOD))
    stack.gateway.complete(asking("private words of a learner"))
    output = capsys.readouterr()
    assert "private words" not in caplog.text + output.out + output.err


# Streams ------------------------------------------------------------------------------------------------


def streamed(stack: Stack) -> tuple[str, Any]:
    items = list(stack.gateway.stream(streaming()))
    return "".join(item.text for item in items if isinstance(item, StreamDelta)), items[-1]


def test_stream_gives_text_and_measured_usage(stack: Stack) -> None:
    stack.server.script(serve.reply("three small words"))
    text, end = streamed(stack)
    assert text == "three small words"
    assert end.usage.measured
    assert end.usage.completion_tokens == 3
    assert stack.server.requests[0].payload["stream_options"] == {"include_usage": True}


def test_stream_without_usage_is_estimated(stack: Stack) -> None:
    stack.server.script(serve.reply("three small words", usage=False))
    _, end = streamed(stack)
    assert not end.usage.measured
    assert end.usage.completion_tokens >= 3


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (serve.broken_stream("one ", "two "), "llm_unavailable"),
        (serve.stream_error("one ", "two "), "llm_unavailable"),
        (serve.unfinished_stream("one ", "two "), "llm_stream_interrupted"),
    ],
)
def test_broken_stream_keeps_what_was_shown_and_is_named(
    stack: Stack, behaviour: serve.Behaviour, outcome: str
) -> None:
    stack.server.script(behaviour)
    stream = stack.gateway.stream(streaming())
    shown = [next(stream).text, next(stream).text]
    with pytest.raises(LLMError) as failed:
        next(stream)
    assert failed.value.code == "llm_stream_interrupted"
    assert "".join(shown) == "one two "
    (fact,) = stack.facts
    assert (fact["outcome"], fact["measured"], fact["streamed"]) == (outcome, False, True)
    assert fact["completion_tokens"] == 2
    assert len(stack.server.requests) == len(stack.ledger.settled) == 1


def test_stream_is_tried_again_before_its_first_word(stack: Stack) -> None:
    stack.server.script(serve.rate_limited("2"), serve.unfinished_stream(), serve.reply("at last"))
    text, end = streamed(stack)
    assert (text, end.retries) == ("at last", 2)
    assert stack.pauses == [2.0, 2.0]
    assert len(stack.facts) == 3


def test_endless_stream_ends_at_the_deadline(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(timeout_seconds=0.4)
    stack.server.script(serve.endless_stream())
    with pytest.raises(LLMError) as failed:
        streamed(stack)
    assert failed.value.code == "llm_stream_interrupted"
    assert stack.facts[0]["outcome"] == "llm_timeout"


def test_leaving_a_stream_closes_the_connection_and_settles(stack: Stack) -> None:
    stack.server.script(serve.endless_stream())
    stream = stack.gateway.stream(streaming())
    next(stream)
    stream.close()
    assert stack.server.client_left.wait(5), "the server still thinks somebody listens"
    assert [fact["outcome"] for fact in stack.facts] == ["aborted"]
    assert len(stack.ledger.settled) == 1


async def test_asynchronous_streams_share_one_thread(stack: Stack) -> None:
    import asyncio

    async def one() -> str:
        items = [item async for item in stack.gateway.astream(streaming())]
        return "".join(item.text for item in items if isinstance(item, StreamDelta))

    stack.server.script(serve.slow(0.2, serve.reply("a b c")))
    texts = await asyncio.gather(*[one() for _ in range(20)])
    assert texts == ["a b c"] * 20
    assert len(stack.facts) == len(stack.ledger.settled) == 20


async def test_leaving_an_asynchronous_stream_closes_the_connection(stack: Stack) -> None:
    stack.server.script(serve.endless_stream())
    stream = stack.gateway.astream(streaming())
    await anext(stream)
    await stream.aclose()
    assert stack.server.client_left.wait(5)
    assert [fact["outcome"] for fact in stack.facts] == ["aborted"]


def test_asynchronous_streams_work_in_one_event_loop_after_another(stack: Stack) -> None:
    import asyncio

    async def one() -> int:
        return len([item async for item in stack.gateway.astream(streaming())])

    stack.server.script(serve.reply("a b"))
    assert [asyncio.run(one()), asyncio.run(one())] == [3, 3]


def test_time_allowed_grows_with_the_reply_that_may_come(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(timeout_seconds=0.2, seconds_per_token=0.01)  # 0.2 s + 100 tokens = 1.2 s
    stack.server.script(serve.slow(0.5, serve.reply(GOOD)))
    assert stack.gateway.complete(asking()).retries == 0
    with pytest.raises(LLMTimeout):
        stack.gateway.complete(asking(max_output_tokens=5))


def test_a_server_that_rejects_schemas_is_asked_once_more_without_and_never_again_with_one(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack()
    config = parse_model_config("openai:test-model", base_url=stack.server.base_url, api_key=KEY)
    stack.gateway._standing = ServerStanding(config, ProcessStanding())

    def picky(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        refuse = serve.failing(400, "bad_parameter", "response_format is not supported")
        (refuse if "response_format" in payload else serve.reply(GOOD))(handler, payload)

    stack.server.script(picky)
    assert stack.gateway.complete(asking()).value.answer == 3
    assert stack.gateway.complete(asking()).value.answer == 3
    assert ["response_format" in request.payload for request in stack.server.requests] == [True, False, False]
    assert len(stack.facts) == 2


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "the request exceeds the available context size. try increasing the context size (4096)"),
        (400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens."),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (500, "input length exceeds the context length of 4096 tokens"),
        (400, "Trying to keep the first 9000 tokens: the number of tokens to keep from the initial prompt is greater"),
    ],
)
def test_every_server_s_words_for_a_prompt_that_is_too_long_are_known(stack: Stack, status: int, said: str) -> None:
    failure = failure_of(stack, serve.failing(status, "error", said))
    assert failure.code == "llm_context_too_large"
    assert len(stack.server.requests) == 1


def test_what_the_server_says_of_its_context_bounds_the_next_prompt(server: serve.OpenAIServer) -> None:
    config = parse_model_config("openai:small-context", base_url=server.base_url, api_key=KEY)
    gateway = Gateway(
        LangChainClient(config), standing=ServerStanding(config, ProcessStanding()), prompts=lambda prompt_id: PROMPT, spend=Ledger,
        facts=lambda kind, **fields: None, release_connections=lambda: None,
    )  # fmt: skip
    server.script(serve.failing(400, "error", "the maximum context length is 2048 tokens"))
    assert gateway.context_tokens == 32_000
    with pytest.raises(LLMError):
        gateway.complete(asking())
    assert gateway.context_tokens == 2048

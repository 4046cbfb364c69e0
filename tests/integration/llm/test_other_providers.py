"""Anthropic and Ollama through the same gateway: their protocols, their counts, their failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.llm.conftest import KEY, Stack
from tests.support import openai_server as serve
from tests.unit.llm.fakes import asking, streaming
from tutor_project.llm.errors import LLMError
from tutor_project.llm.types import StreamDelta, Usage


def anthropic_reply(text: str, stop_reason: str = "end_turn") -> serve.Behaviour:
    """Say a text by the Anthropic messages protocol, streamed when asked."""
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test", "stop_sequence": None,
        "content": [{"type": "text", "text": text}], "stop_reason": stop_reason,
        "usage": {"input_tokens": 12, "output_tokens": 7},
    }  # fmt: skip

    def behave(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        if not payload.get("stream"):
            handler.send_json(200, message)
            return
        opening = {**message, "content": [], "stop_reason": None, "usage": {"input_tokens": 12, "output_tokens": 1}}
        delta = {"type": "text_delta", "text": text}
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": opening},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop_reason}, "usage": message["usage"]},
            {"type": "message_stop"},
        ]
        body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        handler.send_body(200, body.encode(), "text/event-stream")

    return behave


def ollama_reply(text: str, done_reason: str = "stop") -> serve.Behaviour:
    """Say a text by the Ollama chat protocol: a line of JSON for each piece."""

    def behave(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        lines: list[dict[str, Any]] = [
            {"message": {"role": "assistant", "content": piece}, "done": False} for piece in serve.pieces_of(text)
        ]
        counts = {"prompt_eval_count": 12, "eval_count": 7, "total_duration": 1}
        ending = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": done_reason}
        lines.append({**ending, **counts})
        common = {"model": payload["model"], "created_at": "2026-01-01T00:00:00Z"}
        body = "".join(json.dumps({**common, **line}) + "\n" for line in lines)
        handler.send_body(200, body.encode(), "application/x-ndjson")

    return behave


@pytest.fixture(params=["anthropic", "ollama"])
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def stack(make_stack: Callable[..., Stack], server: serve.OpenAIServer, provider: str) -> Stack:
    return make_stack(f"{provider}:test-model", timeout_seconds=2.0, base_url=f"http://127.0.0.1:{server.port}")


SAY = {"anthropic": anthropic_reply, "ollama": ollama_reply}
USAGE = Usage(12, 7, measured=True)


def test_completion_is_parsed_and_counted(stack: Stack, provider: str) -> None:
    stack.server.script(SAY[provider]('{"answer": 3}'))
    reply = stack.gateway.complete(asking())
    assert (reply.value.answer, reply.usage, reply.model) == (3, USAGE, f"{provider}:test-model")


def test_limits_reach_the_provider(stack: Stack, provider: str) -> None:
    stack.server.script(SAY[provider]('{"answer": 3}'))
    stack.gateway.complete(asking())
    (request,) = stack.server.requests
    if provider == "anthropic":
        assert (request.payload["max_tokens"], request.payload["temperature"]) == (100, 0.2)
        assert request.headers["authorization"] == f"Bearer {KEY}"
    else:
        options = request.payload["options"]
        assert (options["num_predict"], options["temperature"], options["num_ctx"]) == (100, 0.2, 32_000)
        assert request.payload["format"]["properties"]["answer"]


def test_reply_cut_at_the_limit_is_repaired(stack: Stack, provider: str) -> None:
    reason = {"anthropic": "max_tokens", "ollama": "length"}[provider]
    stack.server.script(SAY[provider]('{"ans', reason), SAY[provider]('{"answer": 3}'))
    assert stack.gateway.complete(asking()).retries == 1
    assert "cut off" in str(stack.server.requests[1].payload["messages"][-1]["content"])


def test_stream_is_counted_once(stack: Stack, provider: str) -> None:
    stack.server.script(SAY[provider]("two words"))
    items = list(stack.gateway.stream(streaming()))
    assert "".join(item.text for item in items if isinstance(item, StreamDelta)) == "two words"
    assert items[-1].usage == USAGE


async def test_asynchronous_stream_is_counted_once(stack: Stack, provider: str) -> None:
    stack.server.script(SAY[provider]("two words"))
    items = [item async for item in stack.gateway.astream(streaming())]
    assert "".join(item.text for item in items if isinstance(item, StreamDelta)) == "two words"
    assert items[-1].usage == USAGE


@pytest.mark.parametrize(
    ("behaviour", "code", "requests"),
    [
        (serve.failing(401), "llm_auth_failed", 1),
        (serve.failing(429), "llm_rate_limited", 3),
        (serve.server_error(), "llm_unavailable", 3),
        (serve.dropped(), "llm_unavailable", 3),
        (serve.slow(20), "llm_timeout", 3),
        (serve.dripping(0.1), "llm_timeout", 3),
        (serve.redirecting("http://127.0.0.1:9/"), "llm_misconfigured", 1),
    ],
)
def test_failures_have_the_same_names(
    make_stack: Callable[..., Stack],
    server: serve.OpenAIServer,
    provider: str,
    behaviour: serve.Behaviour,
    code: str,
    requests: int,
) -> None:
    base_url = f"http://127.0.0.1:{server.port}"
    stack = make_stack(f"{provider}:test-model", timeout_seconds=0.4, base_url=base_url)
    server.script(behaviour)
    with pytest.raises(LLMError) as failed:
        stack.gateway.complete(asking())
    assert failed.value.code == code
    assert len(server.requests) == requests
    assert len(stack.facts) == requests


def test_anthropic_is_asked_by_a_tool_and_its_input_is_the_reply(
    make_stack: Callable[..., Stack], server: serve.OpenAIServer
) -> None:
    stack = make_stack("anthropic:test-model", base_url=f"http://127.0.0.1:{server.port}", reasoning_effort="")
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test", "stop_sequence": None,
        "content": [{"type": "tool_use", "id": "t1", "name": "reply", "input": {"answer": 3}}],
        "stop_reason": "tool_use", "usage": {"input_tokens": 12, "output_tokens": 7, "cache_read_input_tokens": 8},
    }  # fmt: skip
    server.script(serve.raw_json(message))
    reply = stack.gateway.complete(asking())
    assert reply.value.answer == 3
    assert reply.usage.cached_prompt_tokens == 8
    asked = server.requests[0].payload
    assert asked["tool_choice"] == {"type": "tool", "name": "reply"}
    assert asked["tools"][0]["input_schema"]["required"] == ["answer"]


@pytest.mark.parametrize(
    ("provider", "sent"),
    [
        ("anthropic", {"thinking": {"type": "enabled", "budget_tokens": 4000}, "max_tokens": 4100}),
        ("openai", {"reasoning_effort": "low", "max_tokens": 4100}),
        ("ollama", {"think": "low"}),
    ],
)
def test_reasoning_models_are_told_their_effort_and_think_outside_the_budget(
    make_stack: Callable[..., Stack], server: serve.OpenAIServer, provider: str, sent: dict[str, Any]
) -> None:
    say = {**SAY, "openai": lambda text: serve.reply(text)}[provider]
    stack = make_stack(f"{provider}:test-model", base_url=f"http://127.0.0.1:{server.port}", reasoning_effort="low")
    server.script(say('{"answer": 3}'))
    stack.gateway.complete(asking())
    asked = server.requests[0].payload
    assert {name: asked[name] for name in sent} == sent

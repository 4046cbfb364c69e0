"""A streamed reply: order, usage of cut streams, retries before the first word, reasoning kept out of sight."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.llm.fakes import END, Bench, bench, streaming
from tutor_project.llm.errors import (
    LLMAuthFailed,
    LLMError,
    LLMInvalidOutput,
    LLMRateLimited,
    LLMRefused,
    LLMStreamInterrupted,
    LLMTimeout,
    LLMUnavailable,
)
from tutor_project.llm.streaming import ReasoningFilter
from tutor_project.llm.types import ChatDelta, StreamDelta, StreamEnd, Usage


def texts(items: list[Any]) -> str:
    return "".join(item.text for item in items if isinstance(item, StreamDelta))


def test_deltas_come_in_order_and_the_end_carries_the_usage() -> None:
    setup = bench(["one ", "two", END])
    items = list(setup.gateway.stream(streaming()))
    assert texts(items) == "one two"
    end = items[-1]
    assert isinstance(end, StreamEnd)
    assert (end.usage, end.finish_reason, end.retries) == (Usage(20, 4, measured=True), "stop", 0)
    assert end.first_delta_ms is not None
    assert end.first_delta_ms <= end.latency_ms
    assert [fact["outcome"] for fact in setup.facts] == ["ok"]
    assert setup.facts[0]["streamed"] is True


def test_nothing_is_reserved_before_the_first_item_is_asked_for() -> None:
    setup = bench(["one", END])
    stream = setup.gateway.stream(streaming())
    assert setup.ledger.quotes == []
    next(stream)
    assert len(setup.ledger.quotes) == 1


def test_client_that_leaves_is_accounted_for_and_the_connection_closed() -> None:
    setup = bench(["one ", "two ", "three ", END])
    stream = setup.gateway.stream(streaming())
    next(stream)
    stream.close()
    (fact,) = setup.facts
    assert (fact["outcome"], fact["measured"]) == ("aborted", False)
    assert fact["completion_tokens"] >= 1
    assert fact["prompt_tokens"] == setup.ledger.quotes[0].prompt_tokens
    assert len(setup.ledger.settled) == 1
    assert setup.client.closed_streams == 1


def test_stream_that_breaks_after_text_is_interrupted_not_retried() -> None:
    setup = bench(["one ", "two ", LLMUnavailable(may_be_billed=True)])
    stream = setup.gateway.stream(streaming())
    shown = [next(stream), next(stream)]
    with pytest.raises(LLMStreamInterrupted):
        next(stream)
    assert texts(shown) == "one two "
    assert len(setup.client.calls) == 1
    (fact,) = setup.facts
    assert (fact["outcome"], fact["completion_tokens"], fact["measured"]) == ("llm_unavailable", 2, False)


def test_stream_without_an_end_is_interrupted() -> None:
    setup = bench(["one "])
    with pytest.raises(LLMStreamInterrupted):
        list(setup.gateway.stream(streaming()))
    assert setup.facts[0]["outcome"] == "llm_stream_interrupted"


@pytest.mark.parametrize("failure", [LLMTimeout(), LLMRateLimited(retry_after_seconds=2.0)])
def test_failure_before_the_first_word_is_tried_again(failure: LLMError) -> None:
    setup = bench([failure], ["fine", END])
    items = list(setup.gateway.stream(streaming()))
    assert texts(items) == "fine"
    assert items[-1].retries == 1
    assert [call["temperature"] for call in setup.client.calls] == [0.2, 0.3]
    assert len(setup.facts) == len(setup.ledger.settled) == 2


def test_final_failure_before_the_first_word_is_raised_as_it_is() -> None:
    with pytest.raises(LLMAuthFailed):
        list(bench([LLMAuthFailed()]).gateway.stream(streaming()))


def test_empty_and_filtered_streams_fail_honestly_after_three_tries() -> None:
    for script, error in (
        ([END], LLMInvalidOutput),
        ([ChatDelta("", None, "content_filter")], LLMRefused),
        ([], LLMStreamInterrupted),
    ):
        setup = bench(script, script, script)
        with pytest.raises(error):
            list(setup.gateway.stream(streaming()))
        assert len(setup.client.calls) == 3
        assert setup.pauses == [1.0, 2.0]


def test_text_that_was_filtered_halfway_is_interrupted() -> None:
    setup = bench(["one ", ChatDelta("", None, "content_filter")])
    with pytest.raises(LLMStreamInterrupted):
        list(setup.gateway.stream(streaming()))
    assert setup.facts[0]["outcome"] == "llm_refused"


def test_usage_in_several_pieces_or_as_running_totals_is_counted_once() -> None:
    pieces = [
        ChatDelta("", Usage(20, 1, measured=True)),
        ChatDelta("a ", Usage(20, 2, measured=True)),
        ChatDelta("b", Usage(0, 6, measured=True), "stop"),
    ]
    items = list(bench(pieces).gateway.stream(streaming()))
    assert items[-1].usage == Usage(20, 6, measured=True)


def test_counts_that_came_before_a_break_are_only_a_lower_bound() -> None:
    setup = bench([ChatDelta("", Usage(33, 1, measured=True)), "some words here ", LLMUnavailable()])
    with pytest.raises(LLMStreamInterrupted):
        list(setup.gateway.stream(streaming()))
    assert setup.facts[0]["prompt_tokens"] == 33
    assert setup.facts[0]["completion_tokens"] >= 3
    assert setup.facts[0]["measured"] is False


def shown_by_filter(pieces: list[str]) -> str:
    reasoning = ReasoningFilter()
    return "".join([*(reasoning.feed(piece) for piece in pieces), reasoning.flush()])


@given(st.lists(st.integers(1, 6), max_size=40), st.sampled_from(["think", "reasoning", "THINK"]))
def test_reasoning_is_hidden_however_it_is_cut(cuts: list[int], tag: str) -> None:
    text = f" <{tag}>the key < is > 4</{tag}>\n\nThe answer is 4 < 5."
    pieces, position = [], 0
    for cut in cuts:
        pieces.append(text[position : position + cut])
        position += cut
    pieces.append(text[position:])
    assert shown_by_filter(pieces) == "The answer is 4 < 5."


@given(st.lists(st.text(alphabet="<>/ab \n", max_size=5), max_size=10))
def test_text_without_reasoning_passes_unchanged(pieces: list[str]) -> None:
    assert shown_by_filter(pieces) == "".join(pieces).lstrip()


def test_reasoning_that_never_ends_is_never_shown() -> None:
    setup = bench(*[["<think>the answer key ", "is B", END]] * 3)
    with pytest.raises(LLMInvalidOutput):
        list(setup.gateway.stream(streaming()))


async def collected(setup: Bench) -> list[Any]:
    return [item async for item in setup.gateway.astream(streaming())]


async def test_asynchronous_stream_gives_the_same() -> None:
    setup = bench(["one ", "two", END])
    items = await collected(setup)
    assert texts(items) == "one two"
    assert items[-1].usage == Usage(20, 4, measured=True)
    assert [fact["outcome"] for fact in setup.facts] == ["ok"]


async def test_asynchronous_stream_that_breaks_is_interrupted() -> None:
    setup = bench(["one ", LLMUnavailable()])
    with pytest.raises(LLMStreamInterrupted):
        await collected(setup)
    assert setup.facts[0]["outcome"] == "llm_unavailable"


async def test_asynchronous_client_that_leaves_is_accounted_for() -> None:
    setup = bench(["one ", "two ", END])
    stream = setup.gateway.astream(streaming())
    await anext(stream)
    await stream.aclose()
    assert [fact["outcome"] for fact in setup.facts] == ["aborted"]
    assert len(setup.ledger.settled) == 1


async def test_cancelled_task_settles_its_call() -> None:
    setup = bench()
    waiting = asyncio.Event()

    async def stuck(*args: Any, **options: Any) -> Any:
        yield ChatDelta("one ")
        waiting.set()
        await asyncio.sleep(60)

    setup.client.astream = stuck  # type: ignore[method-assign]
    task = asyncio.create_task(collected(setup))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [fact["outcome"] for fact in setup.facts] == ["aborted"]
    assert len(setup.ledger.settled) == 1

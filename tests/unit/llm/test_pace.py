"""How fast a server is, and what follows from it."""

from __future__ import annotations

import pytest

from tests.unit.llm.fakes import PROMPT, Answer, Ledger, ScriptedClient
from tutor_project.llm.config import parse_model_config
from tutor_project.llm.errors import LLMTooSlow
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.pace import READ_AT_LEAST, Pace
from tutor_project.llm.providers import LangChainClient
from tutor_project.llm.standing import ProcessStanding, ServerStanding
from tutor_project.llm.types import ChatDelta, ChatMessage, CompletionRequest, PromptCall, UntrustedText, Usage

CONFIG = parse_model_config("openai:slow", base_url="http://127.0.0.1:1/v1", api_key="none", timeout_seconds=30)
SLOW = Pace(reads=20.0, writes=4.0)


def gateway(client: ScriptedClient, pace: Pace) -> tuple[Gateway, ServerStanding]:
    standing = ServerStanding(CONFIG, ProcessStanding())
    standing.learn_pace(pace)
    made = Gateway(
        client, standing=standing, prompts=lambda _: PROMPT, spend=Ledger, facts=lambda kind, **fields: None,
        release_connections=lambda: None,
    )  # fmt: skip
    return made, standing


def call(phase: str = "interaction", **more: object) -> PromptCall:
    return PromptCall(prompt_id="test.prompt", phase=phase, feature="f", variables={"count": 2}, **more)  # type: ignore[arg-type]


def test_a_server_nobody_measured_is_fast_enough_for_everything() -> None:
    unknown = Pace()
    assert unknown.readable("interaction") is None
    assert unknown.allowed(10_000, 10_000) == 0
    assert not unknown.too_slow("generation", 10_000, 10_000)
    assert unknown.items_in(60, 150, 12) == 12


def test_a_slow_server_reads_less_writes_less_at_a_time_and_is_given_longer() -> None:
    assert SLOW.readable("interaction") == READ_AT_LEAST
    assert SLOW.readable("generation") == 1200
    assert SLOW.items_in(60, 150, 12) == 1
    assert Pace(writes=10).items_in(60, 150, 12) == 4
    assert SLOW.seconds(400, 40) == pytest.approx(30)
    assert SLOW.allowed(400, 40) > SLOW.seconds(400, 40)
    assert SLOW.too_slow("analysis", 1000, 4000) and not SLOW.too_slow("interaction", 1000, 4000)


def test_a_stream_shows_the_pace_and_short_or_unmeasured_ones_show_nothing() -> None:
    assert Pace.of_stream(Usage(400, 50, measured=True), 10, 20) == Pace(40.0, 5.0)
    assert Pace.of_stream(Usage(400, 50, measured=True, cached_prompt_tokens=380), 10, 20).reads is None
    assert Pace.of_stream(Usage(400, 50, measured=False), 10, 20) == Pace()


def test_only_what_differs_is_remembered_and_half_of_the_way() -> None:
    assert Pace(100, 10).with_newer(Pace(110, 12)) == {}
    assert Pace(100, 10).with_newer(Pace(20, None)) == {"tokens_read_per_second": 60}
    assert Pace().with_newer(Pace(20, 5)) == {"tokens_read_per_second": 20, "tokens_per_second": 5}


def test_documents_for_a_slow_server_are_cut_and_what_takes_minutes_is_not_asked() -> None:
    client = ScriptedClient([])
    slow, _ = gateway(client, Pace(reads=1.0, writes=0.1))
    fast, _ = gateway(client, Pace())
    wide = call(documents=[UntrustedText("TEXT", "")])
    assert slow.room_for_documents(wide) == READ_AT_LEAST < fast.room_for_documents(wide)
    with pytest.raises(LLMTooSlow):
        slow.complete(CompletionRequest(schema=Answer, **_fields(call("analysis"))))
    assert client.calls == []


def _fields(call: PromptCall) -> dict[str, object]:
    return {name: getattr(call, name) for name in PromptCall.__dataclass_fields__}


def test_the_pace_of_a_whole_stream_is_learnt() -> None:
    usage = ChatDelta("", usage=Usage(100_000, 50_000, measured=True), finish_reason="stop")
    model, standing = gateway(ScriptedClient([["one ", "two", usage]]), Pace())
    list(model.stream(call()))
    assert standing.pace.reads and standing.pace.writes


def test_a_call_may_take_as_long_as_the_pace_says() -> None:
    messages = [ChatMessage("user", "word " * 2000)]
    seconds = [
        LangChainClient(CONFIG, pace=lambda pace=pace: pace)._options(messages, None, 1000, None)["timeout"]  # type: ignore[misc]
        for pace in (Pace(), SLOW)
    ]
    assert seconds[0] == CONFIG.seconds_for(1000)
    assert seconds[1] == pytest.approx(SLOW.allowed(2006, 1000), rel=0.1)

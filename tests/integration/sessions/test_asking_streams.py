"""Streams of answers: framed, resumable at the exact character."""

from __future__ import annotations

from typing import Any

from sessions_app.services.asking import reply_stream
from tutor_project.common.api.sse import StreamEvent

SHOWN = {"message_id": "m", "answer": "Light is  absorbed by\nchlorophyll.", "citations": [{"text": "x"}]}


async def collect(after: int) -> list[StreamEvent]:
    return [event async for event in reply_stream(SHOWN, after=after)]


def text_of(events: list[StreamEvent]) -> str:
    return "".join(event.data["text"] for event in events if event.event == "token")


async def test_a_stream_spells_the_answer_and_ends_with_done() -> None:
    events = await collect(0)
    assert text_of(events) == SHOWN["answer"]
    assert [event.event for event in events[-2:]] == ["citation", "done"]
    assert events[-1].data == SHOWN


async def test_a_stream_resumes_after_any_event_without_gap_or_overlap() -> None:
    events = await collect(0)
    answer: Any = SHOWN["answer"]
    for seen, event in enumerate(events):
        after = int(str(event.id).partition(":")[2])
        already = text_of(events[: seen + 1])
        assert already + text_of(await collect(after)) == answer


async def test_an_answer_that_is_kept_nowhere_has_a_name_of_its_own() -> None:
    names = set()
    for _ in range(2):
        ids = [event.id async for event in reply_stream({**SHOWN, "message_id": None})]
        names.add(str(ids[0]).partition(":")[0])
        assert len({str(name).partition(":")[0] for name in ids}) == 1
    assert len(names) == 2 and "None" not in names


async def test_a_place_before_the_beginning_is_the_beginning() -> None:
    words = [event.data["text"] async for event in reply_stream(SHOWN, after=-5) if event.event == "token"]
    assert "".join(words) == SHOWN["answer"]

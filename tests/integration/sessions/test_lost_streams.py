"""A stream that broke is taken up again for a minute: nothing is said twice, no turn is taken twice, and then its call ends."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from sessions_app.models import Message
from tests.integration.sessions.test_waiting_for_models import Request, application, model, studied
from tests.support import openai_server as serve
from tests.support.course_model import course_model
from tests.support.fixtures import client_for
from tutor_project.common.api.live import is_live, live, taken_up
from tutor_project.common.api.sse import StreamEvent
from tutor_project.serving import Application

__all__ = ["application", "model", "studied"]
pytestmark = pytest.mark.django_db(transaction=True)
STREAM = {"accept": "text/event-stream"}
QUESTION = {"question": "How does chlorophyll absorb light and reflect green light?"}


class Halting:
    """A model that says all lines but the last, and that one when it is told to."""

    def __init__(self) -> None:
        self.go_on, self.lost = threading.Event(), threading.Event()

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        if not payload.get("stream"):
            serve.reply(course_model(payload))(handler, payload)
            return
        *lines, last = str(course_model(payload)).split("\n")
        handler.start_stream()
        handler.send_pieces(payload, ["".join(f"{line}\n" for line in lines)])
        while not self.go_on.wait(0.05):
            if serve.caller_left(handler):
                self.lost.set()
                return
        handler.send_pieces(payload, [last])
        handler.end_stream(payload, "", finish="stop", usage=False)


def events_of(request: Request) -> list[dict[str, Any]]:
    raw = b"".join(message.get("body", b"") for message in request.sent).decode()
    frames = [
        dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
        for frame in raw.split("\n\n")[:-1]
    ]
    return [{**frame, "data": json.loads(frame["data"])} for frame in frames if frame]


def words(events: list[dict[str, Any]]) -> str:
    return "".join(event["data"]["text"] for event in events if event["event"] == "token")


async def spoken(request: Request) -> None:
    for _ in range(600):
        if words(events_of(request)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing was said: {request.sent}")


async def broken(application: Application, path: str, token: str, body: Any) -> tuple[str, str]:
    """Begin a stream, lose it after its first words; those and the last id seen."""
    request = Request(application, "POST", path, token, body, **STREAM)
    await spoken(request)
    await request.leave()
    seen = events_of(request)
    return words(seen), [event["id"] for event in seen if "id" in event][-1]


async def test_a_broken_answer_goes_on_where_it_was(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application
) -> None:
    session, token = studied
    halting = Halting()
    model.script(halting)
    path = f"/api/v1/sessions/{session}/ask"
    begun, seen = await broken(application, path, token, QUESTION)
    assert not halting.lost.is_set()
    rest = Request(application, "POST", path, token, QUESTION, **STREAM, last_event_id=seen)
    await asyncio.sleep(0.2)
    halting.go_on.set()
    await asyncio.wait_for(rest.task, 60)
    events = events_of(rest)
    assert events[-1]["event"] == "done"
    assert begun + words(events) == events[-1]["data"]["answer"]
    assert await Message.objects.filter(session=session, role=Message.Role.TUTOR).acount() == 1


async def test_a_broken_turn_is_taken_once(
    studied: tuple[str, str],
    learner: Any,
    model: serve.OpenAIServer,
    application: Application,
    run_jobs: Callable[[], int],
) -> None:
    session, token = studied
    path = f"/api/v1/sessions/{session}/interact"

    def lesson() -> None:
        client = client_for(learner)
        client.post(f"/api/v1/sessions/{session}/lesson")
        run_jobs()

    await sync_to_async(lesson, thread_sensitive=False)()
    turn = {"type": "question", "data": QUESTION}
    whole = Request(application, "POST", path, token, turn, **STREAM)
    await asyncio.wait_for(whole.task, 60)
    events = events_of(whole)
    first = next(at for at, event in enumerate(events) if event["event"] == "token")
    seen = events[first]["id"]
    rest = Request(application, "POST", path, token, turn, **STREAM, last_event_id=seen)
    await asyncio.wait_for(rest.task, 60)
    assert words(events[: first + 1]) + words(events_of(rest)) == words(events)
    assert events_of(rest)[-1] == events[-1]
    kept = [message.role async for message in Message.objects.filter(session=session).order_by("turn_no")]
    assert kept == [Message.Role.LEARNER, Message.Role.TUTOR]
    from tutor_project.common.api import live as streams

    streams._streams.clear()  # as in another process, or a minute later
    status, body = await Request(application, "POST", path, token, turn, **STREAM, last_event_id=seen).answer()
    assert (status, body["errors"][0]["code"]) == (409, "turn_taken")


async def test_a_stream_nobody_takes_up_ends_with_its_call() -> None:
    ended = asyncio.Event()

    async def events() -> AsyncGenerator[StreamEvent, None]:
        try:
            yield StreamEvent("token", {"text": "one"}, "m:3")
            await asyncio.sleep(60)
        finally:
            ended.set()

    reading = live("here", events(), patience=0.3)
    assert (await anext(aiter(reading))).data == {"text": "one"}
    await reading.aclose()  # type: ignore[attr-defined]
    assert is_live("here", "m:3") and not is_live("elsewhere", "m:3") and not ended.is_set()
    await asyncio.wait_for(ended.wait(), 10)
    assert not is_live("here", "m:3")


async def test_a_stream_without_an_id_ends_with_its_reader() -> None:
    ended = asyncio.Event()

    async def events() -> AsyncGenerator[StreamEvent, None]:
        try:
            yield StreamEvent("progress", {"stage": "retrieval"})
            await asyncio.sleep(60)
        finally:
            ended.set()

    reading = live("here", events())
    await anext(aiter(reading))
    await reading.aclose()  # type: ignore[attr-defined]
    assert ended.is_set()


async def test_who_comes_back_is_sent_what_it_missed_and_citations_again() -> None:
    async def events() -> AsyncGenerator[StreamEvent, None]:
        yield StreamEvent("token", {"text": "one "}, "m:4")
        yield StreamEvent("citation", {"text": "x"}, "m:4")
        yield StreamEvent("token", {"text": "two"}, "m:7")
        yield StreamEvent("done", {}, "m:7")

    reading = live("here", events())
    assert [event.event async for event in reading] == ["token", "citation", "token", "done"]
    assert [event.event async for event in taken_up("here", "m:4")] == ["citation", "token", "done"]

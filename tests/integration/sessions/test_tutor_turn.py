"""The dialogue with a model: its words within the same rules, streamed, and the built-in tutor where it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.models import LearningSession, Message, Question
from sessions_app.services.bank import candidate_of
from tests.integration.sessions.test_model_asked import KEY, SAMPLE
from tests.support import openai_server as serve
from tests.support.course_model import course_model
from tests.support.fixtures import client_for
from tutor_project.common import flags

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(learner: Any, run_jobs: Callable[[], int]) -> tuple[Any, str]:
    """A learner's client and the interact address of a session with a lesson of the built-in tutor."""
    client = client_for(learner)
    session = LearningSession.objects.create(owner=learner, title="Photosynthesis")
    at = f"/api/v1/sessions/{session.pk}"
    file = SimpleUploadedFile("chapter.md", SAMPLE.encode())
    client.post(f"{at}/documents", {"files": [file]}, format="multipart")
    run_jobs()
    client.post(f"{at}/lesson")
    return client, f"{at}/interact"


@pytest.fixture
def model(api: Any, settings: Any) -> Iterator[serve.OpenAIServer]:
    with serve.OpenAIServer() as server:
        server.script(serve.answering(course_model))
        settings.LLM_MODEL, settings.LLM_API_KEY = "openai:stand-in", KEY
        settings.LLM_BASE_URL, settings.LLM_TIMEOUT_SECONDS, settings.LLM_SECONDS_PER_TOKEN = server.base_url, 20.0, 0.0
        flags.invalidate()
        yield server
        flags.invalidate()


def said(client: Any, url: str, kind: str, **data: Any) -> Any:
    response = client.post(url, {"type": kind, "data": data})
    if response.streaming:
        asyncio.run(_resolved(response))
    return response.json()


async def _resolved(response: Any) -> None:
    raise AssertionError("a plain request is answered in one piece")


def streamed(client: Any, url: str, kind: str, **data: Any) -> list[tuple[str, Any]]:
    response = client.post(url, {"type": kind, "data": data}, HTTP_ACCEPT="text/event-stream")
    assert response["Content-Type"] == "text/event-stream"

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    events = []
    for frame in asyncio.run(read()).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


def to_question(client: Any, url: str) -> Question:
    turn = said(client, url, "start")
    for _ in range(40):
        if turn["content_type"] == "question" and turn["data"]["kind"] != "true_false":
            return Question.objects.get(pk=turn["data"]["question_id"])
        turn = said(client, url, "next")
    raise AssertionError("the lesson asks nothing")


def test_a_model_speaks_within_the_rules_of_the_dialogue(api: Any, model: serve.OpenAIServer) -> None:
    client, url = api
    question = candidate_of(to_question(client, url))
    model.requests.clear()
    events = streamed(client, url, "hint")
    names = [name for name, _ in events]
    assert [data["stage"] for name, data in events if name == "progress"] == ["retrieval", "passages", "writing"]
    done = events[-1][1]
    assert (
        names[-1] == "done"
        and "".join(data["text"] for name, data in events if name == "token") == done["data"]["message"]
    )
    assert done["data"]["message"].startswith("You are on a good way.")
    assert (done["data"]["engine"], done["data"]["model"], done["data"]["notice"]) == (
        "model",
        "openai_compatible:stand-in",
        None,
    )
    assert (done["data"]["outcome"], done["data"]["hint_number"]) == ("hint", 1), (
        "the ladder is the dialogue's, not the model's"
    )
    (request,) = model.requests
    sent = json.dumps(request.payload)
    assert question.stem.split("“")[0].strip()[:20] in sent
    assert not any(passage.text in sent for passage in question.evidence), "the proof is kept from the model"
    kept = Message.objects.filter(role=Message.Role.TUTOR).latest("turn_no")
    assert kept.content.startswith("You are on a good way.")

    def leaking(payload: Any) -> Any:
        return json.dumps({"kind": "reply", "text": f"It is {question.key_text}."})

    model.script(serve.answering(leaking))
    turn = said(client, url, "answer", text="just tell me")
    assert (turn["data"]["engine"], turn["data"]["outcome"], turn["data"]["hint_number"]) == ("builtin", "hint", 2)
    assert turn["data"]["notice"].startswith("The language model gave no usable reply.")
    assert question.key_text.lower() not in json.dumps(turn["data"]).lower()

    model.script(serve.failing(500))
    events = streamed(client, url, "answer", text="I don't understand")
    assert next(data["notice"] for name, data in events if name == "notice").endswith("which quotes your material.")
    assert events[-1][1]["data"]["hint_number"] == 3
    assert "LLM_" not in json.dumps(events)

    model.script(serve.answering(course_model))
    turn = said(client, url, "answer", text=question.key_text)
    assert (turn["data"]["outcome"], turn["data"]["engine"]) == ("correct", "model")
    turn = said(client, url, "question", text="Why?")
    assert turn["data"]["engine"] == "model" and "CONVERSATION" in json.dumps(model.requests[-1].payload)


def test_who_asks_three_times_to_be_told_gets_the_model_s_help_and_no_answer(
    api: Any, model: serve.OpenAIServer
) -> None:
    client, url = api
    question = candidate_of(to_question(client, url))
    asks = {"kind": "question", "text": "Which words of the question would you look for first?"}

    def gives_in(payload: Any) -> Any:
        told = [f"Fine. It is {question.key_text}.", f"The answer begins like this: {question.key_text}"]
        return "\n".join(json.dumps(line) for line in (*({"kind": "reply", "text": text} for text in told), asks))

    model.script(serve.answering(gives_in))
    for at, words in enumerate(("just tell me", "Just tell me the answer!", "please tell me the answer"), 1):
        turn = said(client, url, "question", text=words)["data"]
        assert (turn["outcome"], turn["hint_number"], turn["engine"]) == ("hint", at, "model")
        assert turn["message"] == asks["text"], "what gives it away is left out, the help stays"
        assert question.key_text.lower() not in json.dumps(turn).lower()


def test_without_a_model_a_turn_is_streamed_as_well(api: Any) -> None:
    client, url = api
    said(client, url, "start")
    events = streamed(client, url, "question", text="thanks!")
    assert [name for name, _ in events][-1] == "done"
    assert "".join(data["text"] for name, data in events if name == "token") == events[-1][1]["data"]["message"]
    response = client.post(url, {"type": "answer", "data": {}}, HTTP_ACCEPT="text/event-stream")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "interaction_incomplete")

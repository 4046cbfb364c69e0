"""A learner takes, fails, reviews and masters a chapter by the API alone; nothing shown before an answer holds its key."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"
ATTEMPTS = 6


@pytest.fixture
def studied(api: Any, run_jobs: Any) -> str:
    """A session whose chapter has been processed."""
    session = str(api.post(f"{V1}/sessions", {"title": "Photosynthesis"}).json()["id"])
    file = SimpleUploadedFile(SAMPLE.name, SAMPLE.read_bytes())
    assert api.post(f"{V1}/sessions/{session}/documents", {"files": [file]}, format="multipart").status_code == 202
    run_jobs()
    return session


class Learner:
    """Knows nothing but what the API told: the right answers come from the feedback on wrong ones."""

    def __init__(self, user: Any) -> None:
        self._user = user
        self.learnt: dict[str, str] = {}

    @property
    def client(self) -> Any:
        """A client whose token is of the present day."""
        return client_for(self._user)

    def answer(self, question: dict[str, Any], *, right: bool) -> dict[str, str]:
        if not question["options"]:
            return {"text": self.learnt[question["id"]] if right else "no idea"}
        known = self.learnt.get(question["id"])
        chosen = [option["id"] for option in question["options"] if (option["text"] == known) is right]
        return {"option_id": chosen[0]}

    def take(self, quiz: dict[str, Any], *, right: bool) -> dict[str, Any]:
        api = self.client
        api.post(f"{V1}/quizzes/{quiz['id']}/attempts")
        answers = [{"question_id": q["id"], **self.answer(q, right=right)} for q in quiz["questions"]]
        response = api.post(f"{V1}/quizzes/{quiz['id']}/submit", {"answers": answers})
        assert response.status_code == 200, response.json()
        for item in response.json()["feedback_items"]:
            self.learnt[item["question_id"]] = item["correct_option"]
        return dict(response.json())

    def due(self) -> list[dict[str, Any]]:
        return list(self.client.get(f"{V1}/reviews/due").json()["results"])

    def mastery(self, session: str) -> dict[str, Any]:
        return dict(self.client.get(f"{V1}/sessions/{session}/mastery").json())


def test_a_chapter_is_taken_failed_reviewed_and_practised_by_the_api_alone(
    api: Any, learner: Any, studied: str
) -> None:
    person = Learner(learner)
    with time_machine.travel(MONDAY, tick=False):
        quiz = person.client.post(f"{V1}/sessions/{studied}/quiz", {"question_count": 6}).json()
        person.take(quiz, right=False)
        failed = person.take(quiz, right=False)
        assert (failed["passed"], failed["score_percentage"]) == (False, 0.0)
        assert failed["suggested_study_topics"]
        after_failure = person.mastery(studied)
        assert after_failure["mastered_concepts"] == 0
        assert person.due() == []
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        due = person.due()
        assert {row["question"]["id"] for row in due} == {question["id"] for question in quiz["questions"]}
        for row in due:
            reply = person.client.post(f"{V1}/reviews/{row['id']}/answer", person.answer(row["question"], right=True))
            assert reply.json()["is_correct"] is True, reply.json()
        assert person.due() == []
        reviewed = person.mastery(studied)
        assert reviewed["overall"] > after_failure["overall"]
        assert reviewed["mastered_concepts"] == 0
    for day in range(2, 2 + ATTEMPTS):
        with time_machine.travel(MONDAY + timedelta(days=day), tick=False):
            passed = person.take(quiz, right=True)
            assert (passed["passed"], passed["score_percentage"]) == (True, 100.0)
            state = person.mastery(studied)
    asked = [row for row in state["concepts"] if row["answers"]]
    assert asked
    assert all(row["probability"] > row["low"] > 0 for row in asked)
    assert state["overall"] > reviewed["overall"]
    assert state["mastered_concepts"] == 0, "right answers to questions whose answers were shown are practice, no proof"


SEALED = {
    "key",
    "correct_option",
    "correct_option_id",
    "explanation",
    "evidence",
    "is_correct",
    "accepted",
    "citation",
    "answer",
}


def questions_in(payload: Any) -> Iterator[dict[str, Any]]:
    """Every question inside a payload: what has options, or a kind and a stem."""
    if isinstance(payload, dict):
        if "options" in payload or {"kind", "question"} <= set(payload):
            yield payload
        for value in payload.values():
            yield from questions_in(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from questions_in(value)


def secrets_of(session: str) -> dict[str, str]:
    """What nobody may read before answering, by what it is: explanations, accepted texts, and keys as they are stored."""
    from sessions_app.models import Question

    found = {}
    for question in Question.objects.filter(session=session):
        found[f"explanation of {question.pk}"] = question.explanation
        found[f"key of {question.pk}"] = json.dumps(question.key)[1:-1]
    return found


def payloads(api: Any, session: str, run_jobs: Any) -> Iterator[tuple[str, str]]:
    """Every payload a learner can get that carries questions, as text, before anything was answered."""
    base = f"{V1}/sessions/{session}"
    asked = api.post(f"{base}/quiz", {"question_count": 4}, HTTP_PREFER="respond-async")
    assert asked.status_code == 202, asked.json()
    run_jobs()
    made = api.post(f"{base}/quiz", {"question_count": 4})
    assert made.status_code == 201, made.json()
    quiz = made.json()["id"]
    yield "quiz", made.content.decode()
    yield "lesson", api.post(f"{base}/lesson", {}).content.decode()
    for action in ("start", "next", "next", "next", "next", "previous"):
        reply = api.post(f"{base}/interact", {"type": action, "data": {}})
        yield f"interact {action}", reply.content.decode()
    yield "attempt", api.post(f"{V1}/quizzes/{quiz}/attempts").content.decode()
    for path in (
        f"{base}/quiz", f"{base}/quizzes", f"{V1}/quizzes/{quiz}", f"{V1}/quizzes/{quiz}/attempts", f"{base}/lesson",
        f"{base}/plan", f"{base}/messages", f"{base}/interactions", f"{base}/mastery", f"{V1}/reviews/due", f"{V1}/jobs",
        asked["Location"], f"{base}/session-analysis", base,
    ):  # fmt: skip
        yield path, api.get(path).content.decode()
    events = api.get(f"{asked['Location']}/events", HTTP_ACCEPT="text/event-stream")
    yield "events of the job", streamed(events)
    for name in ("csv", "anki", "qti"):
        yield f"export {name}", unpacked(api.get(f"{base}/questions/export?format={name}").content)


def streamed(response: Any) -> str:
    """The text of a stream that has ended; a refusal has a body of its own."""
    if not response.streaming:
        return str(response.content.decode())
    if response.is_async:
        import asyncio

        async def read() -> str:
            return "".join([part.decode() async for part in response.streaming_content])

        return asyncio.run(read())
    return "".join(part.decode() for part in response.streaming_content)


def unpacked(content: bytes) -> str:
    """The text of an export, archives opened."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8-sig", "replace")
    archive = zipfile.ZipFile(io.BytesIO(content))
    return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_no_payload_holds_a_key_before_the_answer(api: Any, studied: str, run_jobs: Any) -> None:
    seen = dict(payloads(api, studied, run_jobs))
    secrets = secrets_of(studied)
    assert secrets
    shown = 0
    for name, text in seen.items():
        for what, secret in secrets.items():
            assert secret not in text, f"{name} shows the {what}"
            assert json.dumps(secret)[1:-1] not in text, f"{name} shows the {what}"
        if text.startswith(("{", "[")):
            for question in questions_in(json.loads(text)):
                shown += 1
                assert not SEALED & set(question), f"{name} shows {SEALED & set(question)}"
                assert all(set(option) == {"id", "text"} for option in question.get("options") or [])
    assert shown > 10

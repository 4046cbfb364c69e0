"""Bad input to plans, lessons, quizzes, the dialogue, questions and summaries: a named error, and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "plan": ("plan", {}),
    "lesson": ("lesson", {}),
    "quiz": ("quiz", {"question_count": 2}),
    "start": ("interact", {"type": "start", "data": {}}),
    "question": ("interact", {"type": "question", "data": {"question": "What is chlorophyll?"}}),
    "ask": ("ask", {"question": "What is chlorophyll?"}),
    "summary": ("log/summary", {"section": "Pigments", "summary": "Chlorophyll absorbs light."}),
}
every_action = pytest.mark.parametrize("action", ACTIONS)
every_action_on_material = pytest.mark.parametrize("action", [action for action in ACTIONS if action != "summary"])


@pytest.fixture
def session(api: Any) -> str:
    return str(api.post("/api/v1/sessions", {"title": "Photosynthesis"}).json()["id"])


def upload(api: Any, session: str) -> None:
    file = SimpleUploadedFile(SAMPLE.name, SAMPLE.read_bytes())
    assert api.post(f"/api/v1/sessions/{session}/documents", {"files": [file]}, format="multipart").status_code == 202


@pytest.fixture
def studied(api: Any, session: str, run_jobs: Callable[[], int]) -> str:
    upload(api, session)
    run_jobs()
    return session


def take(client: Any, session: str, action: str, **headers: str) -> tuple[int, str]:
    """The status and the code of the first error."""
    part, body = ACTIONS[action]
    response = client.post(f"/api/v1/sessions/{session}/{part}", body, **headers)
    return response.status_code, response.json()["errors"][0]["code"]


def kept(session: str) -> dict[str, Any]:
    """All that learning leaves behind a session, and the jobs it made."""
    from jobs_app.models import Job
    from sessions_app.models import LearningSession, Lesson, Message, Plan, Question, Quiz, Summary

    rows = {model.__name__: model.objects.filter(session=session).count() for model in (
        Lesson, Message, Plan, Question, Quiz, Summary,
    )}  # fmt: skip
    row = LearningSession.objects.get(pk=session)
    return {**rows, "dialogue": row.dialogue, "turn": row.version, "jobs": Job.objects.count()}


@every_action_on_material
def test_without_a_document_it_is_refused(api: Any, session: str, action: str) -> None:
    before = kept(session)
    assert take(api, session, action) == (409, "no_material")
    assert kept(session) == before


@every_action_on_material
def test_while_documents_are_processed_it_is_refused(api: Any, session: str, action: str) -> None:
    upload(api, session)
    before = kept(session)
    assert take(api, session, action) == (409, "material_processing")
    assert kept(session) == before


def test_a_summary_written_before_the_material_is_judged_once_it_is_there(
    api: Any, session: str, run_jobs: Callable[[], int]
) -> None:
    from jobs_app.models import Job
    from sessions_app.models import Summary

    part, body = ACTIONS["summary"]
    assert api.post(f"/api/v1/sessions/{session}/{part}", body).status_code == 204
    run_jobs()
    upload(api, session)
    run_jobs()
    assert Summary.objects.get(session=session).judgement is None
    api.post(f"/api/v1/sessions/{session}/analyze-session", {})
    run_jobs()
    assert Summary.objects.get(session=session).judgement["score"] > 0
    assert api.post(f"/api/v1/sessions/{session}/{part}", {**body, "summary": "Light is energy."}).status_code == 204
    run_jobs()
    assert not Summary.objects.filter(session=session, judgement=None).exists()
    assert set(Job.objects.values_list("status", flat=True)) == {"completed"}


@every_action
def test_an_ended_session_is_not_continued(api: Any, studied: str, action: str) -> None:
    assert api.post(f"/api/v1/sessions/{studied}/end", {}).status_code == 200
    before = kept(studied)
    assert take(api, studied, action) == (409, "session_ended")
    assert kept(studied) == before


def test_a_mini_quiz_is_not_counted_after_the_end(api: Any, session: str) -> None:
    body = {"question": "?", "selectedOption": "a", "correctOption": "a", "isCorrect": True}
    api.post(f"/api/v1/sessions/{session}/end", {})
    refused = api.post(f"/api/v1/sessions/{session}/log/mini-quiz", body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "session_ended")


@every_action
def test_another_persons_session_is_not_found(api: Any, studied: str, make_user: Any, action: str) -> None:
    before = kept(studied)
    assert take(client_for(make_user("other")), studied, action) == (404, "session_not_found")
    assert kept(studied) == before


@pytest.mark.parametrize("part", ["plan", "lesson"])
def test_a_topic_that_the_material_lacks_is_named(api: Any, studied: str, part: str) -> None:
    before = kept(studied)
    response = api.post(f"/api/v1/sessions/{studied}/{part}", {"topic": "medieval castles"})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["code"], error["attr"]) == (422, "topic_not_in_material", "topic")
    assert "medieval castles" in error["detail"]
    assert kept(studied) == before


@pytest.mark.parametrize(
    ("question", "code"),
    [("", "question_empty"), (" \n\t ", "question_empty"), ("?!", "question_empty"), ("why " * 2_000, "max_length"),
     ("a" * 100_001, "max_length")],
)  # fmt: skip
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_an_empty_or_endless_question_is_refused(api: Any, studied: str, question: str, code: str, accept: str) -> None:
    before = kept(studied)
    response = api.post(f"/api/v1/sessions/{studied}/ask", {"question": question}, HTTP_ACCEPT=accept)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, code)
    assert kept(studied) == before


def test_an_endless_question_of_the_dialogue_is_refused_and_keeps_the_turn(api: Any, studied: str) -> None:
    api.post(f"/api/v1/sessions/{studied}/interact", {"type": "start", "data": {}})
    before = kept(studied)
    body = {"type": "question", "data": {"question": "why " * 2_000}}
    response = api.post(f"/api/v1/sessions/{studied}/interact", body)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "question_too_long")
    assert kept(studied) == before


@pytest.mark.parametrize("action", ["answer", "summary", "question"])
def test_a_turn_without_words_is_refused(api: Any, studied: str, action: str) -> None:
    api.post(f"/api/v1/sessions/{studied}/interact", {"type": "start", "data": {}})
    before = kept(studied)
    response = api.post(f"/api/v1/sessions/{studied}/interact", {"type": action, "data": {}})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "interaction_incomplete")
    assert kept(studied) == before

"""Nobody's request waits behind another's model: the event loop waits, and a client that leaves ends its call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from rest_framework.test import APIClient

from documents_app.services.analysis import analysis_ensure, analysis_request, analysis_state
from sessions_app.api.views import teaching as views
from sessions_app.models import Message
from tests.integration.sessions.test_model_asked import KEY, SAMPLE
from tests.support import openai_server as serve
from tests.support.course_model import course_model
from tests.support.fixtures import client_for
from tutor_project.accounts.services import token_create
from tutor_project.common import flags
from tutor_project.serving import Application

pytestmark = pytest.mark.django_db(transaction=True)

HANGING = 12


@pytest.fixture
def model(settings: Any) -> Iterator[serve.OpenAIServer]:
    with serve.OpenAIServer() as server:
        server.script(serve.answering(course_model))
        settings.LLM_MODEL, settings.LLM_API_KEY = "openai:stand-in", KEY
        settings.LLM_BASE_URL, settings.LLM_TIMEOUT_SECONDS, settings.LLM_SECONDS_PER_TOKEN = server.base_url, 60.0, 0.0
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.SECURE_SSL_REDIRECT = False
        flags.invalidate()
        yield server
        flags.invalidate()


@pytest.fixture
def studied(learner: Any, model: serve.OpenAIServer, run_jobs: Callable[[], int]) -> tuple[str, str]:
    """A session with material, and its owner's token."""
    api: APIClient = client_for(learner)
    session = str(api.post("/api/v1/sessions", {"title": "Photosynthesis"}).json()["id"])
    file = SimpleUploadedFile("photosynthesis.md", SAMPLE.encode())
    assert api.post(f"/api/v1/sessions/{session}/documents", {"files": [file]}, format="multipart").status_code == 202
    run_jobs()
    return session, token_create(user=learner)[1]


class Request:
    """One request to the application, as a server makes it."""

    def __init__(
        self, application: Application, method: str, path: str, token: str, body: Any = None, **more: str
    ) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = [("host", "testserver"), ("authorization", f"Bearer {token}"), ("content-type", "application/json")]
        headers.append(("content-length", str(len(raw))))
        headers += [(name.replace("_", "-"), value) for name, value in more.items()]
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path, "query_string": b"",
            "raw_path": path.encode(), "client": ("127.0.0.1", 4711), "server": ("127.0.0.1", 8000),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }  # fmt: skip
        self.incoming: asyncio.Queue[Any] = asyncio.Queue()
        self.incoming.put_nowait({"type": "http.request", "body": raw, "more_body": False})
        self.sent: list[Any] = []
        self.task = asyncio.create_task(application(scope, self.incoming.get, self._send))  # type: ignore[arg-type]

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    async def answer(self, seconds: float = 90.0) -> tuple[int, Any]:
        """Return status and body."""
        await asyncio.wait_for(self.task, seconds)
        body = b"".join(message.get("body", b"") for message in self.sent)
        return self.sent[0]["status"], json.loads(body) if body else None

    async def leave(self) -> None:
        self.incoming.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, 60.0)


@pytest.fixture
def application() -> Iterator[Application]:
    served = Application(get_wsgi_application(), threads=2)
    yield served
    served.pool.shutdown()


async def arrived(server: serve.OpenAIServer, count: int) -> None:
    await asyncio.to_thread(server.wait_for_requests, count, 60.0)


async def test_many_hanging_models_hold_nobody_else(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application
) -> None:
    session, token = studied
    model.requests.clear()
    model.script(serve.slow(60))
    asked = {"question": "What is a granum?"}
    asking = [Request(application, "POST", f"/api/v1/sessions/{session}/ask", token, asked) for _ in range(HANGING)]
    await arrived(model, HANGING)
    status, _ = await Request(application, "GET", "/livez", token).answer(30)
    assert status == 200
    status, listed = await Request(application, "GET", "/api/v1/sessions", token).answer(30)
    assert (status, len(listed["results"])) == (200, 1)
    assert not any(request.sent for request in asking)
    for request in asking:
        await request.leave()
    assert not any(request.sent for request in asking), "nobody is there to be answered"


async def test_a_caller_who_left_ends_the_model_s_call(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application
) -> None:
    session, token = studied
    model.requests.clear()
    model.script(serve.endless_stream())
    request = Request(application, "POST", f"/api/v1/sessions/{session}/ask", token, {"question": "What is a granum?"})
    await arrived(model, 1)
    await request.leave()
    assert await asyncio.to_thread(model.client_left.wait, 60.0), "the provider's connection is closed"


@pytest.mark.parametrize(
    "behaviour",
    [
        serve.failing(401, "invalid_api_key"), serve.failing(404, "model_not_found"), serve.reply("no JSON, ever"),
        serve.failing(429, "insufficient_quota"), serve.failing(400, "error", "prompt is too long"),
    ],
)  # fmt: skip
async def test_a_model_that_fails_leaves_the_built_in_answer_and_a_sentence(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application, behaviour: serve.Behaviour
) -> None:
    session, token = studied
    model.script(behaviour)
    asked = {"question": "What is a granum?"}
    status, body = await Request(application, "POST", f"/api/v1/sessions/{session}/ask", token, asked).answer(90)
    assert status == 200
    assert (body["engine"], body["model"]) == ("builtin", None)
    assert body["notice"].endswith("built-in tutor, which quotes your material.")
    assert "LLM_" not in json.dumps(body)
    assert body["citations"]


async def test_a_quiz_by_a_model_is_a_job_that_the_event_loop_waits_for(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application, run_jobs: Callable[[], int]
) -> None:
    session, token = studied
    request = Request(application, "POST", f"/api/v1/sessions/{session}/quiz", token, {"question_count": 2})
    await asyncio.sleep(1.0)
    assert not request.sent
    await sync_to_async(run_jobs, thread_sensitive=False)()
    status, quiz = await request.answer()
    assert status == 201
    assert quiz["questions"] and quiz["session_id"] == session


@pytest.mark.parametrize("what", ["quiz", "lesson"])
async def test_a_caller_who_left_alone_cancels_the_job(
    what: str, studied: tuple[str, str], model: serve.OpenAIServer, application: Application
) -> None:
    from jobs_app.models import Job

    session, token = studied
    request = Request(application, "POST", f"/api/v1/sessions/{session}/{what}", token, {})
    await asyncio.sleep(1.0)
    await request.leave()
    job = await Job.objects.aget(job_type=f"{what}_generation")
    assert job.status == "cancelled"


async def test_a_page_loaded_again_and_a_dialogue_get_the_lesson_that_is_being_written(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application
) -> None:
    from jobs_app.models import Job
    from sessions_app.models import LearningSession
    from sessions_app.services.teaching import lesson_open

    session, token = studied
    asking = partial(Request, application, "POST", f"/api/v1/sessions/{session}/lesson", token, {})
    first = asking()
    await asyncio.sleep(1.0)
    again = asking()
    await asyncio.sleep(0.5)
    await first.leave()
    job = await Job.objects.aget(job_type="lesson_generation")
    own = await LearningSession.objects.select_related("owner").aget(pk=session)
    assert (await sync_to_async(lesson_open)(session=own)).written_by == job.pk, "a model is asked for one lesson once"
    await sync_to_async(run_job, thread_sensitive=False)("lesson_generation")
    status, lesson = await again.answer()
    assert (status, lesson["engine"]) == (201, "model")


async def interacted(application: Application, session: str, token: str, action: str) -> Any:
    request = Request(application, "POST", f"/api/v1/sessions/{session}/interact", token, {"type": action, "data": {}})
    status, body = await request.answer()
    assert status == 200
    return body


def run_job(job_type: str) -> None:
    from jobs_app.models import Job
    from jobs_app.runner import job_run

    job = Job.objects.filter(job_type=job_type, status="pending").latest("created_at")
    job_run(job_id=job.pk, worker="test")
    job.refresh_from_db()
    assert job.status == "completed", job.error_code


async def test_a_dialogue_begins_before_the_model_has_written_its_lesson(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, token = studied
    monkeypatch.setattr(views, "LESSON_PATIENCE", 0.1)
    model.requests.clear()
    starting = asyncio.create_task(interacted(application, session, token, "start"))
    await asyncio.sleep(1.0)
    await sync_to_async(run_job, thread_sensitive=False)("lesson_opening")
    started = await starting
    assert started["content_type"] == "explanation"
    assert not model.requests, "nobody waits for the model to begin"

    lesson_of = partial(Request, application, "GET", f"/api/v1/sessions/{session}/lesson", token)
    _, opened = await lesson_of().answer()
    assert (opened["engine"], opened["model"]) == ("builtin", None)
    assert "still writing" in opened["notice"]
    assert started["data"]["notice"] == opened["notice"]
    asked = await interacted(application, session, token, "next")
    assert asked["content_type"] == "question"

    await sync_to_async(run_job, thread_sensitive=False)("lesson_generation")
    _, written = await lesson_of().answer()
    assert (written["engine"], written["notice"]) == ("model", None)
    before, after = (
        [[question["id"] for question in section["check_questions"]] for section in lesson["sections"]]
        for lesson in (opened, written)
    )
    assert asked["data"]["question_id"] in after[0]
    assert after[0] == before[0], "the open one stays"
    assert after[1:] != before[1:], "the model's questions come where nobody was yet"


async def test_a_quick_model_s_lesson_is_waited_for(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application
) -> None:
    session, token = studied
    starting = asyncio.create_task(interacted(application, session, token, "start"))
    await asyncio.sleep(1.0)
    for job_type in ("lesson_opening", "lesson_generation"):
        await sync_to_async(run_job, thread_sensitive=False)(job_type)
    assert (await starting)["data"]["engine"] == "model"
    _, lesson = await Request(application, "GET", f"/api/v1/sessions/{session}/lesson", token).answer()
    assert lesson["engine"] == "model"
    assert "Note that" in (await Message.objects.filter(role=Message.Role.TUTOR).alatest("turn_no")).content


async def test_a_lesson_asked_for_since_is_not_replaced_by_the_one_that_opened_the_dialogue(
    studied: tuple[str, str], model: serve.OpenAIServer
) -> None:
    from jobs_app.models import Job
    from sessions_app.models import LearningSession
    from sessions_app.services.teaching import lesson_generate, lesson_open, lesson_shown

    own = await LearningSession.objects.select_related("owner").aget(pk=studied[0])
    opened = await sync_to_async(lesson_open)(session=own)
    assert "still writing" in (await sync_to_async(lesson_shown)(opened.lesson))["notice"]
    await sync_to_async(lesson_generate)(session=own, topic="thylakoid")
    assert (await Job.objects.aget(job_type="lesson_generation")).status == "cancelled"
    notice = (await sync_to_async(lesson_shown)(opened.lesson))["notice"]
    assert "still writing" not in notice and "broke off" in notice, "nobody writes any more"


async def test_a_session_deleted_while_its_first_turn_waits_is_gone(
    studied: tuple[str, str], model: serve.OpenAIServer, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, token = studied
    monkeypatch.setattr(views, "LESSON_PATIENCE", 2.0)
    body = {"type": "start", "data": {}}
    starting = Request(application, "POST", f"/api/v1/sessions/{session}/interact", token, body)
    await asyncio.sleep(1.0)
    await sync_to_async(run_job, thread_sensitive=False)("lesson_opening")
    assert (await Request(application, "DELETE", f"/api/v1/sessions/{session}", token).answer())[0] == 204
    assert (await starting.answer())[0] == 404


async def test_a_lesson_is_not_opened_twice(studied: tuple[str, str], model: serve.OpenAIServer, learner: Any) -> None:
    from jobs_app.models import Job
    from sessions_app.models import LearningSession
    from sessions_app.services.teaching import lesson_open

    own = await LearningSession.objects.select_related("owner").aget(pk=studied[0])
    first, second = [await sync_to_async(lesson_open)(session=own) for _ in range(2)]
    assert first.lesson.pk == second.lesson.pk
    assert await Job.objects.filter(job_type="lesson_generation").acount() == 1


def test_an_analysis_is_there_before_its_model_answers(learner: Any, model: serve.OpenAIServer) -> None:
    api: APIClient = client_for(learner)
    session_id = UUID(api.post("/api/v1/sessions", {"title": "Photosynthesis"}).json()["id"])
    file = SimpleUploadedFile("photosynthesis.md", SAMPLE.encode())
    api.post(f"/api/v1/sessions/{session_id}/documents", {"files": [file]}, format="multipart")
    run_job("document_ingest")
    model.requests.clear()
    analysis_request(owner_id=learner.pk, session_id=session_id)
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    early = analysis_state(session_id=session_id)
    assert (early["has_analysis"], early["status"], early["analysis"]["engine"]) == (True, "pending", "builtin")
    assert not model.requests
    run_job("session_analysis")
    late = analysis_state(session_id=session_id)
    assert (late["status"], late["analysis"]["engine"]) == ("completed", "model")
    assert len(model.requests) == 1, "a model is asked for one analysis once"

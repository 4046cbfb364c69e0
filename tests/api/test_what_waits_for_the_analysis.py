"""A plan, a lesson, a quiz or a turn that cannot be made yet is a 202 with one job; the same request then gives it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from documents_app.models import SessionAnalysis
from documents_app.services import analysis as analyses
from jobs_app.models import Job
from sessions_app.services import writing
from tests.api.test_main_job import sample, upload
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

REQUESTS = [
    ("plan", {}, 200),
    ("lesson", {}, 201),
    ("quiz", {"question_count": 3}, 201),
    ("interact", {"type": "start", "data": {}}, 200),
]


@pytest.fixture
def session(api: Any) -> str:
    return str(api.post("/api/v1/sessions", {"title": "Photosynthesis"}).json()["id"])


@pytest.fixture
def unread(api: Any, session: str, run_jobs: Any) -> str:
    """A session whose document is searchable, and whose analysis is gone."""
    upload(api, session, sample())
    run_jobs()
    SessionAnalysis.objects.all().delete()
    return session


@pytest.fixture
def no_computing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Fail the test where a request computes an analysis; undone before jobs run."""

    def refuse(*arguments: Any, **named: Any) -> None:
        raise AssertionError("the web computes an analysis")

    monkeypatch.setattr(analyses, "join_digests", refuse)
    monkeypatch.setattr(analyses, "study_ensure", refuse)
    return monkeypatch


@pytest.mark.parametrize(("path", "body", "status"), REQUESTS, ids=[path for path, *_ in REQUESTS])
def test_without_an_analysis_the_answer_is_the_job_that_makes_it(
    api: Any, unread: str, run_jobs: Any, no_computing: pytest.MonkeyPatch, path: str, body: Any, status: int
) -> None:
    url = f"/api/v1/sessions/{unread}/{path}"
    answers = [api.post(url, body, HTTP_IDEMPOTENCY_KEY="one") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {202}
    (job_id,) = {answer.json()["job_id"] for answer in answers}
    assert {answer["Location"] for answer in answers} == {f"/api/v1/jobs/{job_id}"}
    no_computing.undo()
    run_jobs()
    assert api.get(f"/api/v1/jobs/{job_id}").json()["status"] == "completed"
    made = api.post(url, body, HTTP_IDEMPOTENCY_KEY="one")
    assert made.status_code == status, made.json()
    assert "job_id" not in made.json()


def test_a_running_analysis_is_waited_for_and_not_made_twice(api: Any, unread: str) -> None:
    url = f"/api/v1/sessions/{unread}/plan"
    job_id = api.post(url, {}).json()["job_id"]
    Job.objects.filter(pk=job_id).update(status="running", dedupe_key=None)  # as its run leaves it
    SessionAnalysis.objects.update(status="processing")
    assert api.post(url, {}).json()["job_id"] == job_id
    assert Job.objects.filter(job_type="session_analysis", status__in=["pending", "running"]).count() == 1


def test_questions_are_answered_before_there_is_an_analysis(api: Any, unread: str) -> None:
    answer = api.post(f"/api/v1/sessions/{unread}/ask", {"question": "What is chlorophyll?"})
    assert (answer.status_code, answer.json()["declined"]) == (200, False)


def test_a_failed_analysis_is_named_with_its_code_and_can_be_asked_for_again(
    api: Any, unread: str, run_jobs: Any, no_computing: pytest.MonkeyPatch
) -> None:
    url = f"/api/v1/sessions/{unread}/plan"
    job_id = api.post(url, {}).json()["job_id"]
    Job.objects.filter(pk=job_id).delete()
    SessionAnalysis.objects.update(status="failed", error_code="memory_limit_exceeded", error_detail="It is too large.")
    refused = api.post(url, {})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "memory_limit_exceeded")
    assert api.post(f"/api/v1/sessions/{unread}/analysis", {}).status_code == 202
    no_computing.undo()
    run_jobs()
    assert api.post(url, {}).status_code == 200


def test_an_analysis_of_other_documents_is_not_taken(api: Any, unread: str, run_jobs: Any) -> None:
    api.post(f"/api/v1/sessions/{unread}/analysis", {})
    run_jobs()
    assert api.post(f"/api/v1/sessions/{unread}/plan", {}).status_code == 200
    upload(api, unread, ("more.md", b"# Respiration\n\nRespiration is the release of energy from sugar in a cell.\n"))
    while job := Job.objects.filter(status="pending", is_group=False).exclude(job_type="session_analysis").first():
        from jobs_app.runner import job_run

        job_run(job_id=job.pk, worker="test")
    assert api.post(f"/api/v1/sessions/{unread}/plan", {}).status_code == 202


@pytest.mark.parametrize(("path", "body", "status"), REQUESTS, ids=[path for path, *_ in REQUESTS])
def test_long_material_is_written_about_by_one_job(
    api: Any, unread: str, run_jobs: Any, monkeypatch: pytest.MonkeyPatch, path: str, body: Any, status: int
) -> None:
    api.post(f"/api/v1/sessions/{unread}/analysis", {})
    run_jobs()
    monkeypatch.setattr(writing, "AT_ONCE", dict.fromkeys(writing.AT_ONCE, 10))
    url = f"/api/v1/sessions/{unread}/{path}"
    answers = [api.post(url, body) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    (job_id,) = {answer.json()["job_id"] for answer in answers}
    run_jobs()
    made = api.post(url, body)
    assert made.status_code == status, made.json()
    job = Job.objects.get(pk=job_id)
    if path != "interact":
        assert made.json()["id"] in str(job.result)
    again = api.post(url, {**body, "topic": "chlorophyll"} if path != "interact" else body)
    assert again.status_code == (202 if path != "interact" else 200)


def test_a_quiz_that_was_begun_is_not_given_as_a_new_one(
    api: Any, unread: str, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post(f"/api/v1/sessions/{unread}/analysis", {})
    run_jobs()
    monkeypatch.setattr(writing, "AT_ONCE", dict.fromkeys(writing.AT_ONCE, 10))
    url = f"/api/v1/sessions/{unread}/quiz"
    api.post(url, {"question_count": 2})
    run_jobs()
    quiz = api.post(url, {"question_count": 2}).json()["id"]
    api.post(f"/api/v1/quizzes/{quiz}/attempts")
    assert api.post(url, {"question_count": 2}).status_code == 202


def test_what_a_job_refused_is_said_to_the_one_who_asks_again(
    api: Any, unread: str, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post(f"/api/v1/sessions/{unread}/analysis", {})
    run_jobs()
    monkeypatch.setattr(writing, "AT_ONCE", dict.fromkeys(writing.AT_ONCE, 10))
    url = f"/api/v1/sessions/{unread}/lesson"
    assert api.post(url, {"topic": "Byzantine tax law"}).status_code == 202
    run_jobs()
    refused = api.post(url, {"topic": "Byzantine tax law"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "topic_not_in_material")


@pytest.mark.django_db(transaction=True)
def test_callers_at_the_same_time_share_one_job(learner: Any, api: Any, session: str, run_jobs: Any) -> None:
    upload(api, session, sample())
    run_jobs()
    SessionAnalysis.objects.all().delete()
    before = Job.objects.filter(job_type="session_analysis").count()
    clients = [client_for(learner) for _ in range(10)]

    def ask(client: Any) -> str:
        try:
            answer = client.post(f"/api/v1/sessions/{session}/lesson", {})
            assert answer.status_code == 202, answer.json()
            return str(answer.json()["job_id"])
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(ask, clients))) == 1
    assert Job.objects.filter(job_type="session_analysis").count() == before + 1

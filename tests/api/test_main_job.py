"""The main job through the API: upload, analysis, search, quiz, graded answers, deletion."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def session(api: Any) -> str:
    """A session of the learner."""
    return str(api.post("/api/v1/sessions", {"title": "Photosynthesis"}).json()["id"])


def upload(api: Any, session: str, *files: tuple[str, bytes]) -> Any:
    parts = [SimpleUploadedFile(name, data) for name, data in files]
    return api.post(f"/api/v1/sessions/{session}/documents", {"files": parts}, format="multipart")


def sample(name: str = "photosynthesis.md") -> tuple[str, bytes]:
    return name, (SAMPLES / name).read_bytes()


@pytest.fixture
def studied(api: Any, session: str, run_jobs: Any) -> str:
    """A session whose sample document has been processed."""
    response = upload(api, session, sample())
    assert response.status_code == 202, response.json()
    run_jobs()
    return session


def assert_exact(api: Any, citation: dict[str, Any]) -> None:
    """The cited span of the stored text is the quoted text, on the cited pages."""
    content = api.get(f"/api/v1/documents/{citation['document_id']}/content?type=text_only").json()
    assert content["text"][citation["char_start"] : citation["char_end"]] == citation["text"]
    pages = {page["page"]: page for page in content["pages"]}
    assert pages[citation["page_start"]]["char_start"] <= citation["char_start"]


def test_an_upload_answers_at_once_and_ends_searchable(api: Any, session: str, run_jobs: Any) -> None:
    response = upload(api, session, sample(), sample("photosynthesis.pdf"))
    body = response.json()
    assert response.status_code == 202
    assert response["Location"] == f"/api/v1/jobs/{body['job_id']}"
    assert body["files_received"] == ["photosynthesis.md", "photosynthesis.pdf"]
    assert len(body["messages"]) == len(body["documents"]) == 2
    assert body["analysis_status"] == "pending"
    run_jobs()
    job = api.get(f"/api/v1/jobs/{body['job_id']}").json()
    assert job["status"] == "completed", job
    assert job["result"]["total_files"] == job["result"]["processed_files"] == 2
    assert job["result"]["overall_success"] is True
    for document in api.get(f"/api/v1/sessions/{session}/documents").json()["results"]:
        assert (document["status"], document["embedding_status"], document["error"]) == ("completed", "completed", None)
        assert document["timings"]["total_ms"] > 0


def test_base64_uploads_are_accepted_with_either_spelling(api: Any, session: str) -> None:
    name, data = sample()
    entry = {"filename": name, "content": base64.b64encode(data).decode()}
    for extra in ({"mime_type": "text/markdown"}, {"mimeType": "text/markdown"}):
        response = api.post(f"/api/v1/sessions/{session}/documents", {"files": [entry | extra]})
        assert response.status_code == 202, response.json()
    assert response.json()["documents"][0]["duplicate"] is True


def test_the_analysis_holds_concepts_and_terms_with_exact_evidence(api: Any, studied: str) -> None:
    body = api.get(f"/api/v1/sessions/{studied}/analysis").json()
    assert (body["has_analysis"], body["status"]) == (True, "completed")
    analysis = body["analysis"]
    assert len(analysis["key_concepts"]) >= 5
    assert analysis["file_names"] == ["photosynthesis.md"]
    for concept in analysis["concepts"]:
        assert concept["evidence"]
        for citation in concept["evidence"]:
            assert_exact(api, citation)
    for term in analysis["terms"]:
        assert_exact(api, term["citation"])
        assert analysis["key_terms"][term["term"]] == term["definition"]


def test_before_anything_was_uploaded_the_analysis_is_not_found(api: Any, session: str) -> None:
    body = api.get(f"/api/v1/sessions/{session}/analysis").json()
    assert (body["has_analysis"], body["status"], body["analysis"]) == (False, "not_found", None)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_search_finds_the_passage_and_cites_it_exactly(api: Any, studied: str, mode: str) -> None:
    url = f"/api/v1/sessions/{studied}/search"
    hits = api.post(url, {"query": "Where do the light-dependent reactions take place?", "mode": mode}).json()["hits"]
    assert hits
    assert "thylakoid" in " ".join(hit["citation"]["text"] for hit in hits[:3]).lower()
    for hit in hits:
        assert_exact(api, hit["citation"])


def test_an_empty_session_has_no_hits(api: Any, session: str) -> None:
    assert api.post(f"/api/v1/sessions/{session}/search", {"query": "anything"}).json()["hits"] == []


def test_a_quiz_is_sealed_graded_on_the_server_and_explained(api: Any, studied: str) -> None:
    response = api.post(f"/api/v1/sessions/{studied}/quiz", {"questionCount": 5})
    assert response.status_code == 201, response.json()
    quiz = response.json()
    assert 1 <= len(quiz["questions"]) <= 5
    assert_sealed(quiz)
    answers = [{"question_id": q["id"], **any_answer(q)} for q in quiz["questions"]]
    result = api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": answers, "total_time_taken_seconds": 30})
    assert result.status_code == 200, result.json()
    body = result.json()
    assert body["total_questions"] == len(quiz["questions"])
    for item in body["feedback_items"]:
        assert item["explanation"]
        assert item["correct_option"]
        assert_exact(api, item["citation"])
    assert api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": answers}).json() == body
    if any("option_id" in answer for answer in answers):
        changed = [dict(answer) for answer in answers]
        first = next(i for i, q in enumerate(quiz["questions"]) if q["options"])
        options = [option["id"] for option in quiz["questions"][first]["options"]]
        changed[first]["option_id"] = next(o for o in options if o != answers[first]["option_id"])
        again = api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": changed})
        assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "attempt_closed")


def any_answer(question: dict[str, Any]) -> dict[str, str]:
    return {"option_id": question["options"][0]["id"]} if question["options"] else {"text": "something else"}


def assert_sealed(payload: Any) -> None:
    """No name of a key stands anywhere in a payload shown before the answer."""
    sealed = {"key", "correct_option", "explanation", "evidence", "is_correct", "accepted", "answer", "citation"}
    if isinstance(payload, dict):
        assert not sealed & set(payload), sealed & set(payload)
        for value in payload.values():
            assert_sealed(value)
    elif isinstance(payload, list):
        for value in payload:
            assert_sealed(value)


def test_the_right_answers_pass(api: Any, studied: str) -> None:
    from sessions_app.models import Question

    quiz = api.post(
        f"/api/v1/sessions/{studied}/quiz", {"question_count": 3, "question_types": ["multiple_choice"]}
    ).json()
    answers = [
        {"question_id": q["id"], "option_id": Question.objects.get(pk=q["id"]).key["option_id"]}
        for q in quiz["questions"]
    ]
    body = api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": answers}).json()
    assert (body["score_percentage"], body["passed"]) == (100.0, True)
    by_index = [{"question_index": q["index"], "selected_option_index": 0} for q in quiz["questions"]]
    api.post(f"/api/v1/quizzes/{quiz['id']}/attempts")
    indexed = api.post(f"/api/v1/sessions/{studied}/quiz/submit", {"user_answers": by_index})
    assert indexed.status_code == 200, indexed.json()


def test_a_quiz_before_any_document_is_named(api: Any, session: str) -> None:
    response = api.post(f"/api/v1/sessions/{session}/quiz", {})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (409, "no_material")


@pytest.mark.parametrize("count", [0, 51, "many"])
def test_a_quiz_of_no_or_too_many_questions_is_refused(api: Any, session: str, count: Any) -> None:
    assert api.post(f"/api/v1/sessions/{session}/quiz", {"question_count": count}).status_code == 400


def test_plan_lesson_question_and_dialogue_work_without_a_model(api: Any, studied: str) -> None:
    base = f"/api/v1/sessions/{studied}"
    plan = api.post(f"{base}/plan", {})
    assert plan.status_code == 200, plan.json()
    assert api.get(f"{base}/plan").json() == plan.json()
    lesson = api.post(f"{base}/lesson", {})
    assert lesson.status_code == 201, lesson.json()
    assert_sealed([section["check_questions"] for section in lesson.json()["sections"]])
    for section in lesson.json()["sections"]:
        for citation in section["citations"]:
            assert_exact(api, citation)
    reply = api.post(f"{base}/ask", {"question": "What is chlorophyll?"}).json()
    assert not reply["declined"]
    assert_exact(api, reply["citations"][0])
    unknown = api.post(f"{base}/ask", {"question": "Who won the football world cup in 1998?"}).json()
    assert unknown["declined"]
    assert unknown["citations"] == []
    started = api.post(f"{base}/interact", {"type": "start", "data": {}}).json()
    assert started["content_type"] == "explanation", started
    assert set(started) == {"schema_version", "content_type", "data", "user_model_state"}
    messages = api.get(f"{base}/messages").json()
    assert [m["role"] for m in messages][:4] == ["user", "assistant", "user", "assistant"]


def test_a_deleted_document_is_gone_everywhere(api: Any, studied: str, run_jobs: Any) -> None:
    from django.apps import apps
    from django.db import connection

    base = f"/api/v1/sessions/{studied}"
    quiz = api.post(f"{base}/quiz", {"question_count": 3}).json()
    api.post(f"{base}/lesson", {})
    api.post(f"{base}/plan", {})
    api.post(f"{base}/ask", {"question": "What is chlorophyll?"})
    answers = [{"question_id": q["id"], **any_answer(q)} for q in quiz["questions"]]
    api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": answers})
    document = api.get(f"{base}/documents").json()["results"][0]
    assert api.delete(f"/api/v1/documents/{document['id']}").status_code == 204
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', ["%chlorophyll%"])
            if count := cursor.fetchone()[0]:
                found[table] = count
    # What the learner wrote stays: the question that was asked.
    assert found == {"sessions_app_message": 1}
    assert api.post(f"{base}/search", {"query": "chlorophyll"}).json()["hits"] == []
    assert api.get(f"/api/v1/documents/{document['id']}").status_code == 404


def test_the_same_bytes_are_stored_once_and_go_with_their_last_owner(
    api: Any, session: str, make_user: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from django.core.files.storage import default_storage

    from documents_app.models import StoredFile
    from tests.support.fixtures import client_for

    other = client_for(make_user("other"))
    theirs = other.post("/api/v1/sessions", {}).json()["id"]
    upload(api, session, sample())
    upload(other, theirs, sample())
    stored = StoredFile.objects.get()
    for client, owned in ((api, session), (other, theirs)):
        assert default_storage.exists(stored.path)
        with django_capture_on_commit_callbacks(execute=True):
            client.delete(f"/api/v1/sessions/{owned}")
    assert not default_storage.exists(stored.path)
    assert not StoredFile.objects.exists()

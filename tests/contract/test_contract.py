"""The contract as a front end relies on it: shapes, empty states, bad input, and a dialogue that can be answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"

CITATION = {"document_id", "filename", "page_start", "page_end", "char_start", "char_end", "text"}
SHAPES = {
    "quiz": "id session_id title description topic difficulty questions passing_score total_points "
    "estimated_completion_time_minutes requested_count created_at",
    "question": "id index kind question options difficulty related_section points",
    "document": "id session_id filename mime_type size page_count status stage progress embedding_status error duplicate "
    "uploaded_at processed_at timings language warnings",
    "job": "id job_type status progress stage priority attempts created_at scheduled_for started_at completed_at "
    "error_code error_message result metadata",
    "analysis": "analysis_type analysis_text key_concepts key_terms file_names file_metadata vector_store_id concepts "
    "terms objectives difficulty engine",
    "lesson": "id title topic text total_segments sections engine",
    "lesson section": "index title text concepts citations is_last_segment check_questions",
    "feedback": "quiz_title total_questions correct_answers score_percentage passed feedback_items overall_feedback "
    "suggested_study_topics next_steps",
    "feedback item": "question_index question_text user_selected_option is_correct correct_option explanation citation "
    "improvement_suggestion",
    "plan": "topic learning_goal priority relevant_concepts suggested_approach target_mastery initial_difficulty "
    "sections objectives",
    "session figures": "session_id user_id total_interactions total_tokens_used average_response_time "
    "documents_uploaded quiz_attempts correct_answers session_duration engagement_score last_activity",
}


def assert_shape(name: str, body: dict[str, Any]) -> None:
    missing = set(SHAPES[name].split()) - set(body)
    assert not missing, f"{name} lacks {sorted(missing)}"


def wrong_or_right(question: dict[str, Any]) -> dict[str, str]:
    """An answer that somebody gave: what is left blank stays sealed."""
    options = question["options"]
    return {"question_id": question["id"], **({"option_id": options[0]["id"]} if options else {"text": "chlorophyll"})}


def citations(value: Any) -> list[dict[str, Any]]:
    """Every object with a character range, wherever it is."""
    if isinstance(value, dict):
        found = [value] if {"document_id", "char_start"} <= set(value) else []
        return found + [citation for child in value.values() for citation in citations(child)]
    if isinstance(value, list):
        return [citation for child in value for citation in citations(child)]
    return []


def upload(api: Any, session: str, *files: tuple[str, bytes]) -> Any:
    parts = [SimpleUploadedFile(name, data) for name, data in files]
    return api.post(f"/api/v1/sessions/{session}/documents", {"files": parts}, format="multipart")


@pytest.fixture
def session(api: Any) -> str:
    """An empty session of the learner."""
    return str(api.post("/api/v1/sessions", {"title": "Photosynthesis"}).json()["id"])


@pytest.fixture
def studied(api: Any, session: str, run_jobs: Any) -> str:
    """A session whose sample document has been processed."""
    assert upload(api, session, (SAMPLE.name, SAMPLE.read_bytes())).status_code == 202
    run_jobs()
    return session


@pytest.mark.parametrize("path", ["lesson", "quiz", "plan", "session-analysis"])
def test_what_does_not_exist_yet_is_null_in_json(api: Any, session: str, path: str) -> None:
    response = api.get(f"/api/v1/sessions/{session}/{path}")
    assert (response.status_code, response.content) == (200, b"null")
    assert response["Content-Type"] == "application/json"


def test_an_answer_without_content_has_no_body(api: Any, session: str) -> None:
    response = api.delete(f"/api/v1/sessions/{session}")
    assert (response.status_code, response.content) == (204, b"")


def test_a_body_nested_without_end_is_refused(api: Any) -> None:
    response = api.generic("POST", "/api/v1/sessions", b"[" * 100_000, content_type="application/json")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "parse_error")


def test_a_stream_that_cannot_begin_answers_with_the_one_error_body(api: Any, session: str) -> None:
    url, question = f"/api/v1/sessions/{session}/ask", {"question": "What is a cell?"}
    response = api.post(url, question, headers={"Accept": "text/event-stream"})
    assert (response.status_code, response["Content-Type"]) == (409, "application/json")
    assert response.json()["errors"][0]["code"] == "no_material"


@pytest.mark.parametrize(
    "path",
    ["sessions/{session}/interactions?type=%00", "analytics/events?type=%00", "analytics/performance?operation=%00"],
)
def test_a_filter_that_the_database_cannot_hold_is_no_failure(
    staff_api: Any, api: Any, session: str, path: str
) -> None:
    assert staff_api.get("/api/v1/" + path.format(session=session)).status_code == 200


def test_a_start_that_lies_ahead_finds_nothing(api: Any, session: str) -> None:
    body = {"question": "q", "selectedOption": "a", "correctOption": "a", "isCorrect": True}
    assert api.post(f"/api/v1/sessions/{session}/log/mini-quiz", body).status_code == 204
    for since, found in (("2020-01-01T00:00:00Z", 400), ("2099-01-01T00:00:00Z", 200)):
        response = api.get(f"/api/v1/sessions/{session}/interactions", {"since": since})
        assert response.status_code == found
    assert response.json() == {"results": [], "next": None, "previous": None}


def test_a_mini_quiz_sent_twice_with_one_key_counts_once(api: Any, session: str) -> None:
    body = {"question": "q", "selected_option": "a", "correct_option": "a", "is_correct": True, "topic": "Cells"}
    for _ in range(2):
        url = f"/api/v1/sessions/{session}/log/mini-quiz"
        assert api.post(url, body, headers={"Idempotency-Key": "one"}).status_code == 204
    stats = api.get(f"/api/v1/sessions/{session}").json()["quiz_stats"]
    assert stats == {"total_attempts": 1, "correct_answers": 1, "topics_covered": ["Cells"]}


def test_a_file_that_is_too_large_does_not_take_the_others_with_it(api: Any, session: str, monkeypatch: Any) -> None:
    from tutor_project.common import runtime

    real = runtime.get_int
    monkeypatch.setattr(runtime, "get_int", lambda name: 2000 if name == "UPLOAD_MAX_BYTES" else real(name))
    good = b"Osmosis is the movement of water through a membrane. " * 10
    response = upload(api, session, ("large.txt", b"a word " * 1000), ("good.txt", good))
    assert response.status_code == 202, response.json()
    judged = [(entry["status"], (entry["error"] or {}).get("code")) for entry in response.json()["documents"]]
    assert judged == [("failed", "file_too_large"), ("pending", None)]
    together = upload(api, session, *((f"{name}.txt", good * 2 + name.encode()) for name in "ab"))
    assert (together.status_code, together.json()["errors"][0]["code"]) == (413, "request_too_large_for_upload")


def test_every_shape_is_whole_and_every_citation_exact(api: Any, studied: str) -> None:
    base = f"/api/v1/sessions/{studied}"
    seen: list[Any] = []
    analysis = api.get(f"{base}/analysis").json()
    assert set(analysis) == {"has_analysis", "status", "analysis", "session_id"}
    assert_shape("analysis", analysis["analysis"])
    (document,) = api.get(f"{base}/documents").json()["results"]
    assert_shape("document", document)
    for job in api.get("/api/v1/jobs").json()["results"]:
        assert_shape("job", job)
    assert_shape("plan", plan := api.post(f"{base}/plan", {}).json())
    assert_shape("lesson", lesson := api.post(f"{base}/lesson", {}).json())
    for section in lesson["sections"]:
        assert_shape("lesson section", section)
    quiz = api.post(f"{base}/quiz", {"questionCount": 4}).json()
    assert set(quiz) == set(SHAPES["quiz"].split())
    assert all(set(question) == set(SHAPES["question"].split()) for question in quiz["questions"])
    answers = {"answers": [wrong_or_right(question) for question in quiz["questions"]]}
    feedback = api.post(f"/api/v1/quizzes/{quiz['id']}/submit", answers).json()
    assert_shape("feedback", feedback)
    for item in feedback["feedback_items"]:
        assert_shape("feedback item", item)
    assert_shape("session figures", api.get(f"{base}/analytics").json())
    hits = api.post(f"{base}/search", {"query": "light energy"}).json()["hits"]
    assert all(set(hit) == {"score", "citation"} for hit in hits)
    seen += [
        analysis,
        plan,
        lesson,
        feedback,
        hits,
        api.post(f"{base}/ask", {"question": "What is chlorophyll?"}).json(),
    ]
    content = api.get(f"/api/v1/documents/{document['id']}/content?type=text_only").json()
    assert set(content) == {"document_id", "filename", "text", "pages"}
    for found in seen:
        assert citations(found)
    for citation in citations(seen):
        assert set(citation) == CITATION
        assert content["text"][citation["char_start"] : citation["char_end"]] == citation["text"]


def test_a_dialogue_can_be_answered_to_its_end_and_leaves_with_its_document(api: Any, studied: str) -> None:
    url = f"/api/v1/sessions/{studied}/interact"
    turn = api.post(url, {"type": "start"}).json()
    kinds: set[str] = set()
    asked: set[str] = set()
    for _ in range(80):
        kinds.add(turn["content_type"])
        data = turn["data"]
        if data.get("code") == "finished":
            break
        action: dict[str, Any] = {"type": "next"}
        if turn["content_type"] == "question":
            asked.add(data["question"])
            options = data.get("options") or []
            action = {"type": "answer", "data": {"option_id": options[0]["id"]} if options else {"answer": "light"}}
        response = api.post(url, action)
        assert response.status_code == 200, response.json()
        turn = response.json()
        assert set(turn) == {"schema_version", "content_type", "data", "user_model_state"}
    else:
        pytest.fail("the dialogue came to no end")
    assert {"question", "feedback", "explanation"} <= kinds
    assert api.get(f"/api/v1/sessions/{studied}/mastery").json()["concepts"]

    (document,) = api.get(f"/api/v1/sessions/{studied}/documents").json()["results"]
    assert api.delete(f"/api/v1/documents/{document['id']}").status_code == 204
    messages = api.get(f"/api/v1/sessions/{studied}/messages?limit=100").json()
    told = "\n".join(message["content"] for message in messages if message["role"] == "assistant")
    assert not [stem for stem in asked if stem in told]
    assert "Go over again" not in told


def test_another_learners_objects_do_not_exist(api: Any, studied: str, make_user: Any) -> None:
    other = client_for(make_user("other"))
    for path in ("", "/documents", "/messages", "/analysis", "/lesson", "/quiz", "/plan", "/interactions", "/mastery"):
        response = other.get(f"/api/v1/sessions/{studied}{path}")
        assert (response.status_code, set(response.json())) == (404, {"type", "errors", "request_id"})
    for path, body in (
        ("ask", {"question": "x"}),
        ("quiz", {}),
        ("interact", {"type": "start"}),
        ("search", {"query": "x"}),
    ):
        assert other.post(f"/api/v1/sessions/{studied}/{path}", body).status_code == 404


def test_errors_have_one_body(api: Any, session: str) -> None:
    answers = [
        api.post(f"/api/v1/sessions/{session}/quiz", {"question_count": 51}),
        api.generic("POST", "/api/v1/sessions", b"{bad", content_type="application/json"),
        api.get("/api/v1/nothing/here"),
        api.put("/api/v1/sessions", {}),
        api.get("/api/v1/config"),
        api.get("/api/v1/documents/stats?time_range=1y"),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 404, 405, 403, 400]
    for answer in answers:
        body = json.loads(answer.content)
        assert set(body) == {"type", "errors", "request_id"}
        assert all(set(error) == {"code", "detail", "attr"} for error in body["errors"])

"""Folders, sessions, messages, idempotency and pagination."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_app.services.sessions import message_append
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db


def new_session(api: Any, **fields: Any) -> dict[str, Any]:
    response = api.post("/api/v1/sessions", fields)
    assert response.status_code == 201, response.json()
    return dict(response.json())


def test_a_folder_lives_through_its_whole_life(api: Any) -> None:
    folder = api.post("/api/v1/folders", {"name": "Biology"}).json()
    assert set(folder) == {"id", "name", "created_at", "updated_at", "document_count", "session_count"}
    new_session(api, folder_id=folder["id"])
    listed = api.get("/api/v1/folders").json()
    assert set(listed) == {"folders", "next"}
    assert listed["folders"][0]["session_count"] == 1
    assert api.patch(f"/api/v1/folders/{folder['id']}", {"name": "Botany"}).json()["name"] == "Botany"
    assert api.delete(f"/api/v1/folders/{folder['id']}").status_code == 204
    assert api.get("/api/v1/sessions").json()["results"][0]["folder_id"] is None


def test_a_new_session_names_itself_twice_and_says_what_to_do(api: Any) -> None:
    session = new_session(api, title="Cells")
    assert session["session_id"] == session["id"]
    assert session["message"]
    assert session["active"] is True
    assert session["quiz_stats"] == {"total_attempts": 0, "correct_answers": 0, "topics_covered": []}


def test_sessions_are_filtered_by_folder_and_activity(api: Any) -> None:
    folder = api.post("/api/v1/folders", {"name": "Biology"}).json()
    inside = new_session(api, folder_id=folder["id"])
    ended = new_session(api)
    api.post(f"/api/v1/sessions/{ended['id']}/end")
    in_folder = api.get("/api/v1/sessions", {"folder": folder["id"]}).json()["results"]
    assert [row["id"] for row in in_folder] == [inside["id"]]
    active = api.get("/api/v1/sessions", {"active": "true"}).json()["results"]
    assert [row["id"] for row in active] == [inside["id"]]


def test_pages_follow_each_other_without_gap_or_overlap(api: Any) -> None:
    ids = [new_session(api, title=str(n))["id"] for n in range(7)]
    seen, url = [], "/api/v1/sessions?limit=3"
    while url:
        page = api.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == list(reversed(ids))


def test_the_same_idempotency_key_creates_once(api: Any) -> None:
    headers = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
    first = api.post("/api/v1/sessions", {"title": "One"}, **headers)
    again = api.post("/api/v1/sessions", {"title": "One"}, **headers)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(api.get("/api/v1/sessions").json()["results"]) == 1
    other = api.post("/api/v1/sessions", {"title": "Two"}, **headers)
    assert other.status_code == 422
    assert other.json()["errors"][0]["code"] == "idempotency_key_reused"


def test_another_users_session_does_not_exist(api: Any, make_user: Any) -> None:
    session = new_session(api)
    stranger = client_for(make_user("stranger"))
    for path in ("", "/messages", "/documents", "/analysis", "/quiz", "/quizzes"):
        response = stranger.get(f"/api/v1/sessions/{session['id']}{path}")
        assert response.status_code == 404, path
    assert stranger.patch(f"/api/v1/sessions/{session['id']}", {"title": "Mine"}).status_code == 404
    assert stranger.delete(f"/api/v1/sessions/{session['id']}").status_code == 404


def test_a_session_cannot_move_into_another_users_folder(api: Any, make_user: Any) -> None:
    folder = client_for(make_user("stranger")).post("/api/v1/folders", {"name": "Theirs"}).json()
    assert api.post("/api/v1/sessions", {"folder_id": folder["id"]}).status_code == 404
    session = new_session(api)
    assert api.patch(f"/api/v1/sessions/{session['id']}", {"folder_id": folder["id"]}).status_code == 404


def test_the_newest_page_of_messages_is_shown_oldest_first(api: Any) -> None:
    session = new_session(api)
    for n in range(1, 8):
        message_append(session_id=session["id"], role="user", content=f"turn {n}")
    newest = api.get(f"/api/v1/sessions/{session['id']}/messages?limit=3").json()
    assert [row["turn_no"] for row in newest] == [5, 6, 7]
    before = api.get(f"/api/v1/sessions/{session['id']}/messages?limit=3&before=5").json()
    assert [row["content"] for row in before] == ["turn 2", "turn 3", "turn 4"]
    assert set(before[0]) == {"id", "turn_no", "role", "content", "interaction", "citations", "created_at"}


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "before=x", "before=-1"])
def test_a_page_out_of_range_is_refused(api: Any, query: str) -> None:
    session = new_session(api)
    response = api.get(f"/api/v1/sessions/{session['id']}/messages?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "page_invalid"


def test_ending_twice_is_the_same_as_ending_once(api: Any) -> None:
    session = new_session(api)
    first = api.post(f"/api/v1/sessions/{session['id']}/end").json()
    again = api.post(f"/api/v1/sessions/{session['id']}/end").json()
    assert first["ended_at"] == again["ended_at"] is not None


def test_an_ended_session_is_gone_on_with_when_it_is_reopened(api: Any) -> None:
    session = new_session(api)
    api.post(f"/api/v1/sessions/{session['id']}/end")
    reopened = api.post(f"/api/v1/sessions/{session['id']}/reopen")
    assert (reopened.status_code, reopened.json()["active"], reopened.json()["ended_at"]) == (200, True, None)
    again = api.post(f"/api/v1/sessions/{session['id']}/reopen").json()
    assert again["updated_at"] == reopened.json()["updated_at"]


def test_invalid_json_is_refused_in_the_one_shape(api: Any) -> None:
    response = api.generic("POST", "/api/v1/sessions", "{not json", content_type="application/json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"

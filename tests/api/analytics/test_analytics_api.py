"""The analytics endpoints through HTTP: shapes, figures, whose they are, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from analytics_app.selectors.cohorts import REPORTS
from analytics_app.services.prices import price_set
from analytics_app.services.recorder import facts_flush
from tests.support.fixtures import client_for
from tutor_project.common import events
from tutor_project.common.models import new_id

pytestmark = pytest.mark.django_db

V1 = "/api/v1"


@pytest.fixture
def session_id(api: Any) -> str:
    response = api.post(f"{V1}/sessions", {"title": "Cells"})
    assert response.status_code == 201, response.content
    return str(response.json()["session_id"])


@pytest.fixture
def other_api(make_user: Any) -> Any:
    return client_for(make_user("other"))


def code_of(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["errors"][0]
    return response.status_code, error["code"], error["attr"]


def tool(**given: Any) -> dict[str, Any]:
    return {"tool_name": "search", "latency_ms": 12.5, "success": True} | given


def test_tool_invocations_become_figures_per_tool(api: Any, session_id: str) -> None:
    for latency in (10, 20, 30, 40):
        body = tool(latency_ms=latency, success=latency < 40, session_id=session_id)
        assert api.post(f"{V1}/analytics/tool-invocations", body).json() == {"recorded": 1, "repeated": 0}
    api.post(f"{V1}/analytics/tool-invocations", tool(tool_name="summarise", error_message="x" * 1000))
    report = api.get(f"{V1}/analytics/tools", {"time_range": "1h"}).json()
    first = report["tools"][0]
    assert [row["tool_name"] for row in report["tools"]] == ["search", "summarise"]
    assert (first["count"], first["success_count"], first["error_count"], first["success_rate"]) == (4, 3, 1, 0.75)
    assert (first["average_latency_ms"], first["min_latency_ms"], first["max_latency_ms"]) == (25, 10, 40)
    assert first["p50_latency_ms"] == pytest.approx(25, rel=0.03)
    assert report["total"]["count"] == 5
    series = api.get(f"{V1}/analytics/tools", {"interval": "hour"}).json()["series"]
    assert sum(row["count"] for row in series) == 5


def test_the_same_fact_sent_twice_counts_once(api: Any) -> None:
    body = tool(id=str(new_id()), occurred_at=datetime.now(UTC).isoformat())
    answers = [api.post(f"{V1}/analytics/tool-invocations", body).json() for _ in range(2)]
    assert answers == [{"recorded": 1, "repeated": 0}, {"recorded": 0, "repeated": 1}]
    key = {"HTTP_IDEMPOTENCY_KEY": "abc"}
    for _ in range(2):
        assert api.post(f"{V1}/analytics/tool-invocations", tool(), **key).status_code == 201
    assert api.get(f"{V1}/analytics/tools").json()["total"]["count"] == 2


def test_an_unknown_price_is_null_and_flagged_and_a_known_one_exact(api: Any) -> None:
    price_set(
        model="openai:known", valid_from=datetime(2020, 1, 1).date(), prompt_usd=Decimal(2), completion_usd=Decimal(8)
    )
    usage = {"prompt_tokens": 1000, "completion_tokens": 500, "phase": "analysis"}
    known = api.post(f"{V1}/analytics/token-usage", usage | {"model": "openai:known"}).json()
    unknown = api.post(f"{V1}/analytics/token-usage", usage | {"model": "openai:known-2"}).json()
    assert (known["cost_usd"], known["price_known"]) == (0.006, True)
    assert (unknown["cost_usd"], unknown["price_known"]) == (None, False)
    spend = api.get(f"{V1}/analytics/spend", {"group_by": "model"}).json()
    groups = {row["key"]: row for row in spend["groups"]}
    assert groups["openai:known"]["cost_usd"] == 0.006
    assert groups["openai:known-2"]["cost_usd"] is None
    assert spend["unpriced_models"] == ["openai:known-2"]
    assert (spend["total"]["cost_usd"], spend["total"]["price_known"]) == (0.006, False)
    for group_by in ("model", "phase", "day"):
        tokens = api.get(f"{V1}/analytics/tokens", {"group_by": group_by}).json()
        assert sum(row["total_tokens"] for row in tokens["groups"]) == 3000


def test_events_are_taken_in_batches_and_counted(api: Any, session_id: str) -> None:
    batch = [{"event_type": "opened", "session_id": session_id}] * 3 + [{"event_type": "closed"}] * 2
    assert api.post(f"{V1}/analytics/events", {"events": batch}).json()["recorded"] == 5
    assert api.post(f"{V1}/analytics/events", batch).json()["recorded"] == 5
    assert api.post(f"{V1}/analytics/events", {"event_type": "opened"}).json()["recorded"] == 1
    counted = api.get(f"{V1}/analytics/events", {"aggregate": "count", "type": "opened"}).json()
    assert (counted["total"], counted["results"]) == (7, [{"event_type": "opened", "count": 7}])
    by_day = api.get(f"{V1}/analytics/events", {"aggregate": "day", "session": session_id, "type": "opened"}).json()
    assert by_day["total"] == 6
    listed = api.get(f"{V1}/analytics/events", {"limit": 4, "type": "opened"}).json()
    assert len(listed["results"]) == 4
    assert listed["next"]
    rest = api.get(listed["next"]).json()
    assert len(rest["results"]) == 3
    assert not {row["id"] for row in rest["results"]} & {row["id"] for row in listed["results"]}


def test_a_session_is_processed_exactly(api: Any, learner: Any, session_id: str) -> None:
    for kind, correct in (("question", None), ("mini_quiz", True), ("mini_quiz", False), ("summary", None)):
        fields = {} if correct is None else {"correct": correct}
        events.record("interaction", interaction_type=kind, user_id=learner.pk, session_id=session_id, **fields)
    events.record(
        "interaction",
        interaction_type="quiz_attempt",
        user_id=learner.pk,
        session_id=session_id,
        answers=10,
        correct_answers=7,
    )
    processed = api.post(f"{V1}/sessions/{session_id}/analytics/process").json()
    base = {key: processed[key] for key in ("quiz_attempts", "correct_answers", "summaries_created")}
    assert base == {"quiz_attempts": 3, "correct_answers": 8, "summaries_created": 1}
    assert processed["total_interactions"] >= 5
    assert set(processed) == {
        "total_interactions",
        "quiz_attempts",
        "correct_answers",
        "summaries_created",
        "session_duration",
        "engagement_score",
    }
    shown = api.get(f"{V1}/sessions/{session_id}/analytics").json()
    assert shown["session_id"] == session_id
    assert shown["user_id"] == str(learner.pk)
    assert shown["total_interactions"] == processed["total_interactions"]
    assert api.patch(f"{V1}/sessions/{session_id}/analytics").json()["quiz_attempts"] == 3
    logs = api.get(f"{V1}/sessions/{session_id}/interactions", {"type": "mini_quiz"}).json()
    assert [row["correct"] for row in logs["results"]] == [False, True]
    mine = api.get(f"{V1}/users/me/analytics").json()
    assert (mine["answers"], mine["correct_answers"], mine["sessions"]) == (12, 8, 1)
    assert sum(row["answers"] for row in mine["series"]) == 12


def test_what_a_learner_may_not_see_is_refused(api: Any, other_api: Any, session_id: str, learner: Any) -> None:
    assert code_of(other_api.get(f"{V1}/sessions/{session_id}/analytics")) == (404, "session_not_found", None)
    assert code_of(other_api.get(f"{V1}/sessions/{session_id}/interactions")) == (404, "session_not_found", None)
    assert code_of(other_api.post(f"{V1}/sessions/{session_id}/analytics/process"))[0] == 404
    assert code_of(other_api.get(f"{V1}/users/{learner.pk}/analytics")) == (404, "user_not_found", None)
    assert code_of(other_api.get(f"{V1}/users/nobody/analytics")) == (404, "user_not_found", None)
    foreign = other_api.post(f"{V1}/analytics/tool-invocations", tool(session_id=session_id))
    assert code_of(foreign) == (404, "session_not_found", "session_id")
    assert code_of(other_api.get(f"{V1}/analytics/tools", {"user": str(learner.pk)}))[1] == "user_not_found"
    assert code_of(other_api.get(f"{V1}/analytics/events", {"session": session_id}))[1] == "session_not_found"
    for path in ("system", "dashboard", "stream", "cohorts/retention"):
        assert other_api.get(f"{V1}/analytics/{path}").status_code == 403


def test_a_learner_sees_only_their_own_figures_and_staff_everybodys(
    api: Any, other_api: Any, staff_api: Any, learner: Any
) -> None:
    for client in (api, other_api, staff_api):
        client.post(f"{V1}/analytics/tool-invocations", tool())
    events.record("tool_invocation", **tool(), user_id=learner.pk)
    facts_flush()
    assert api.get(f"{V1}/analytics/tools").json()["total"]["count"] == 2
    # What the learners' clients reported counts for them alone.
    assert staff_api.get(f"{V1}/analytics/tools").json()["total"]["count"] == 2
    assert staff_api.get(f"{V1}/analytics/tools", {"user": str(learner.pk)}).json()["total"]["count"] == 2
    assert staff_api.get(f"{V1}/users/{learner.pk}/analytics").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "code", "attr"),
    [
        ("tool-invocations", tool(latency_ms=-1), "fact_number_negative", "latency_ms"),
        ("tool-invocations", tool(latency_ms="fast"), "fact_field_invalid", "latency_ms"),
        ("tool-invocations", tool(latency_ms=1e15), "fact_number_too_large", "latency_ms"),
        ("tool-invocations", {"tool_name": "x", "success": True}, "fact_field_missing", "latency_ms"),
        ("tool-invocations", tool(tool_name=""), "fact_field_invalid", "tool_name"),
        ("tool-invocations", tool(success="yes"), "fact_field_invalid", "success"),
        ("tool-invocations", tool(speed=1), "fact_field_unknown", "speed"),
        ("tool-invocations", tool(session_id="x"), "invalid_input", "session_id"),
        ("tool-invocations", tool(user_id=str(uuid4())), "invalid_input", "user_id"),
        ("tool-invocations", tool(metadata={"text": "x" * 1_000_000}), "metadata_too_large", "metadata"),
        ("tool-invocations", tool(metadata={"text": "x" * 300}), "metadata_text_too_long", "metadata"),
        ("tool-invocations", tool(id=str(uuid4())), "fact_time_required", "occurred_at"),
        ("token-usage", {"model": "m", "prompt_tokens": -5, "completion_tokens": 1, "phase": "analysis"},
         "fact_number_negative", "prompt_tokens"),
        ("token-usage", {"model": "m", "prompt_tokens": 5, "completion_tokens": 1, "phase": "other"},
         "fact_field_invalid", "phase"),
        ("events", {"events": [{"event_type": "x"}] * 1001}, "fact_batch_size", "events"),
        ("events", {"events": []}, "fact_batch_size", "events"),
        ("events", [{"event_type": "x"}, {"event_type": 5}], "fact_field_invalid", "1.event_type"),
        ("events", "text", "invalid_input", "events"),
    ],
)  # fmt: skip
def test_bad_facts_are_refused_by_name(api: Any, path: str, body: Any, code: str, attr: str) -> None:
    assert code_of(api.post(f"{V1}/analytics/{path}", body)) == (400, code, attr)


def test_facts_of_the_future_and_before_retention_are_refused(api: Any) -> None:
    now = datetime.now(UTC)
    future = tool(occurred_at=(now + timedelta(hours=1)).isoformat())
    old = tool(occurred_at=(now - timedelta(days=40)).isoformat())
    assert code_of(api.post(f"{V1}/analytics/tool-invocations", future))[1] == "fact_in_future"
    assert code_of(api.post(f"{V1}/analytics/tool-invocations", old))[1] == "fact_before_retention"


def test_nan_is_no_number(api: Any) -> None:
    body = '{"tool_name": "x", "latency_ms": NaN, "success": true}'
    response = api.post(f"{V1}/analytics/tool-invocations", body, content_type="application/json")
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("tools", {"time_range": "10y"}, "time_range_invalid"),
        ("tools", {"from": "2016-01-01T00:00:00Z"}, "time_range_invalid"),
        ("tools", {"interval": "minute"}, "unknown_interval"),
        ("tokens", {"group_by": "user"}, "unknown_grouping"),
        ("spend", {"group_by": "colour"}, "unknown_grouping"),
        ("events", {"aggregate": "year"}, "unknown_interval"),
        ("events", {"session": "x"}, "invalid_input"),
        ("spend/estimate", {"model": "m", "prompt_tokens": "many", "completion_tokens": "1"}, "estimate_invalid"),
    ],
)
def test_bad_questions_are_refused_by_name(api: Any, path: str, params: Any, code: str) -> None:
    assert code_of(api.get(f"{V1}/analytics/{path}", params))[:2] == (400, code)


def test_the_dashboard_compares_with_the_range_before(staff_api: Any, session_id: str) -> None:
    staff_api.post(f"{V1}/analytics/tool-invocations", tool(session_id=session_id))
    earlier = (datetime.now(UTC) - timedelta(minutes=90)).isoformat()
    for _ in range(2):
        staff_api.post(f"{V1}/analytics/tool-invocations", tool(occurred_at=earlier))
    board = staff_api.get(f"{V1}/analytics/dashboard", {"period": "hour"}).json()
    assert (board["tool_invocations"], board["previous"]["tool_invocations"]) == (1, 2)
    assert board["change"]["tool_invocations"] == -0.5
    assert board["users"] >= 1
    assert board["sessions"] >= 1
    assert board["top_tools"][0]["tool_name"] == "search"
    assert (
        staff_api.get(f"{V1}/analytics/dashboard", {"period": "year"}).json()["errors"][0]["code"] == "unknown_period"
    )
    system = staff_api.get(f"{V1}/analytics/system").json()
    assert {
        "active_users",
        "active_sessions",
        "total_tokens_used",
        "average_response_time",
        "p95_response_time",
        "system_load",
        "error_rate",
    } <= set(system)
    assert 0 <= system["system_load"] <= 1


@pytest.mark.parametrize("report", sorted(REPORTS))
def test_cohort_reports_come_as_json_and_csv(staff_api: Any, learner: Any, session_id: str, report: str) -> None:
    events.record("interaction", interaction_type="question", user_id=learner.pk, session_id=session_id)
    answer = staff_api.get(f"{V1}/analytics/cohorts/{report}")
    assert answer.status_code == 200, answer.content
    rows = answer.json()["rows"]
    table = staff_api.get(f"{V1}/analytics/cohorts/{report}", {"format": "csv"})
    assert table["Content-Type"].startswith("text/csv")
    assert len(table.content.decode().splitlines()) == (len(rows) + 1 if rows else 0)
    if report == "retention":
        assert (rows[0]["learners"], rows[0]["active"]) == (1, 1)


def test_unknown_reports_and_folders_are_named(staff_api: Any) -> None:
    assert code_of(staff_api.get(f"{V1}/analytics/cohorts/gossip"))[:2] == (404, "report_not_found")
    missing = staff_api.get(f"{V1}/analytics/cohorts/mastery", {"folder": str(uuid4())})
    assert code_of(missing)[:2] == (404, "folder_not_found")


def test_the_learner_sees_what_is_left_and_what_a_run_would_cost(api: Any) -> None:
    left = api.get(f"{V1}/analytics/spend/remaining").json()
    assert left["remaining_usd"] is None
    assert [limit["scope"] for limit in left["limits"]] == ["user"]
    asked = {"model": "nobody:knows", "prompt_tokens": 10, "completion_tokens": 10}
    assert api.get(f"{V1}/analytics/spend/estimate", asked).json() == {
        "model": "nobody:knows",
        "cost_usd": None,
        "price_known": False,
        "remaining_usd": None,
        "fits": None,
    }

"""What a learner's client reports is marked, counts for that learner, and for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from analytics_app.services.partitions import partitions_ensure
from analytics_app.services.rollup import rollup_run

pytestmark = pytest.mark.django_db

BILLION = 1_000_000_000
USAGE = {"model": "gpt-4o", "prompt_tokens": BILLION, "completion_tokens": 0, "phase": "generation"}


def report(api: APIClient) -> None:
    assert api.post("/api/v1/analytics/token-usage", USAGE).status_code == 201
    tool = {"tool_name": "my secret tool", "latency_ms": 600_000, "success": False}
    assert api.post("/api/v1/analytics/tool-invocations", tool).status_code == 201
    assert api.post("/api/v1/analytics/events", {"event_type": "my secret event"}).status_code == 201


def roll_up() -> None:
    """Close the present hour, as an hour later does."""
    for kind in ("tool_invocation", "token_usage", "event"):
        partitions_ensure(fact=kind, days=[(datetime.now(UTC) - timedelta(hours=3)).date()])  # it may be yesterday
    with connection.cursor() as cursor:
        for table in ("tool_invocation", "token_usage", "event"):
            cursor.execute(f"UPDATE analytics_fact_{table} SET occurred_at = occurred_at - interval '3 hours'")
        cursor.execute("UPDATE analytics_stale_window SET bucket = bucket - interval '3 hours'")
    rollup_run(now=datetime.now(UTC))


def own_tokens(api: APIClient) -> int:
    return sum(row["total_tokens"] for row in api.get("/api/v1/analytics/tokens", {"time_range": "7d"}).json()["rows"])


@pytest.mark.parametrize("closed", [False, True])
def test_a_learner_writes_no_billion_into_the_figures_of_the_system(
    closed: bool, api: APIClient, staff_api: APIClient, learner: Any
) -> None:
    report(api)
    if closed:
        roll_up()
    own = api.get("/api/v1/analytics/tokens", {"time_range": "7d"}).content.decode()
    assert str(BILLION) in own
    for path in (
        "tokens?time_range=7d", "tools?time_range=7d", "system?time_range=24h", "dashboard?period=week",
        "spend?time_range=7d", "spend?time_range=7d&group_by=user",
    ):  # fmt: skip
        answer = staff_api.get(f"/api/v1/analytics/{path}")
        assert answer.status_code == 200, path
        assert str(BILLION) not in answer.content.decode(), path
        assert "secret" not in answer.content.decode(), path
    of_learner = staff_api.get("/api/v1/analytics/tokens", {"time_range": "7d", "user": str(learner.pk)})
    assert str(BILLION) in of_learner.content.decode()


def test_what_staff_report_counts(staff_api: APIClient) -> None:
    assert staff_api.post("/api/v1/analytics/token-usage", {**USAGE, "prompt_tokens": 4242}).status_code == 201
    assert "4242" in staff_api.get("/api/v1/analytics/tokens").content.decode()


@pytest.mark.parametrize("value", [True, False, None])
def test_nobody_chooses_the_mark(value: Any, api: APIClient) -> None:
    answer = api.post("/api/v1/analytics/events", {"event_type": "x", "reported": value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "reported")


def test_the_mark_is_shown(api: APIClient) -> None:
    api.post("/api/v1/analytics/events", {"event_type": "x"})
    assert [row["reported"] for row in api.get("/api/v1/analytics/events").json()["results"]] == [True]

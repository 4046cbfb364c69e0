"""The stream of a job's events as a browser has it: the real server, a real socket."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import PATIENCE, Stack, wait_until
from tutor_project.stack.client import TutorClient

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"


def events(client: TutorClient, job_id: str, last_id: str = "") -> Iterator[dict[str, Any]]:
    """The events of a job until the server closes the stream: ``{event, id, data}``."""
    headers = {"Authorization": f"Bearer {client.token}", "Accept": "text/event-stream"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    request = urllib.request.Request(f"{client.base_url}/api/v1/jobs/{job_id}/events", headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        for raw in response:
            line = raw.decode().rstrip("\n")
            if not line:
                if event:
                    yield event
                event = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                event[name] = json.loads(value) if name == "data" else value


@pytest.fixture(scope="module")
def finished(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """A document job and its events, watched from before it began."""
    file = tmp_path_factory.mktemp("events") / "watched.md"
    file.write_text("# Watched\n\n" + SAMPLE.read_text(encoding="utf-8") * 8, encoding="utf-8")
    client = stack.client()
    with stack.stopped("worker"):
        session_id = client.post("/sessions", {"title": "events"})["session_id"]
        job_id = client.upload(session_id, file)["job_id"]
        stream = events(client, job_id)
        first = next(stream)
    return job_id, [first, *stream]


def test_events_have_ids_progress_rises_and_the_stream_closes_on_the_final_state(finished: Any) -> None:
    _, seen = finished
    assert [event["event"] for event in seen[:-1]] == ["progress"] * (len(seen) - 1)
    assert (seen[-1]["event"], seen[-1]["data"]["status"]) == ("done", "completed")
    ids = [float(event["id"]) for event in seen]
    assert ids == sorted(set(ids))
    progress = [event["data"]["progress"] for event in seen]
    assert progress == sorted(progress)
    assert progress[-1] == 100


def test_a_stream_opened_after_the_end_says_done_and_closes(stack: Stack, finished: Any) -> None:
    job_id, seen = finished
    (only,) = events(stack.client(), job_id, last_id=seen[0]["id"])
    assert only == seen[-1]


def test_a_resumed_stream_does_not_repeat_what_was_seen(stack: Stack) -> None:
    admin = stack.client("admin")
    with stack.stopped("worker"):
        job = admin.post("/jobs", {"job_type": "ping", "priority": "low"})
        first = next(events(admin, job["id"]))
        resumed = events(admin, job["id"], last_id=first["id"])
        admin.post(f"/jobs/{job['id']}/cancel")
        assert [event["event"] for event in resumed] == ["done"]


def test_many_open_streams_hold_no_database_connection(stack: Stack) -> None:
    admin = stack.client("admin")
    with stack.stopped("worker"):
        job = admin.post("/jobs", {"job_type": "ping", "priority": "low"})
        open_streams = [events(admin, job["id"]) for _ in range(30)]
        for stream in open_streams:
            next(stream)
        held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'web' AND state <> 'idle'"
        wait_until(lambda: stack.value(held) == 0)
        assert admin.get(f"/jobs/{job['id']}")["waiting_for"] == "worker"
        admin.post(f"/jobs/{job['id']}/cancel")
        assert {[*stream][-1]["event"] for stream in open_streams} == {"done"}

"""While the database or Redis is away every caller gets a named 503, nothing leaks, and the log is not flooded."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis.asyncio
from django.core.files.storage import Storage
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from documents_app.models import Document
from documents_app.retrieval.sql import binary_rows
from jobs_app.beat import OUTAGE_PAUSE_SECONDS, LedgerScheduler
from jobs_app.schedules import all_schedules
from jobs_app.services.scheduling import schedules_seed
from tests.support.fixtures import client_for
from tests.support.outages import database_away
from tutor_project.celery import app
from tutor_project.common import unreachable as module
from tutor_project.common.api.sse import StreamEvent, _frames
from tutor_project.common.redis import client as redis_client
from tutor_project.common.unreachable import unreachable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.outages, "_logged_at", {})


def test_a_search_whose_connection_is_cut_is_an_outage_too() -> None:
    connection.ensure_connection()
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    killer.close()
    with pytest.raises(OperationalError) as cut:
        binary_rows("SELECT 1", [])
    assert unreachable(cut.value) is not None
    connection.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/system/health"),
        ("get", "/api/v1/folders"),
        ("post", "/api/v1/folders"),
        ("get", "/api/v1/flags"),
        ("post", "/api/v1/auth/login"),
    ],
)
def test_every_call_is_a_named_503_while_the_database_is_away(staff_api: Any, method: str, path: str) -> None:
    with database_away():
        answer = getattr(staff_api, method)(path, {"name": "x", "username": "staff", "password": "correct horse 9"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (503, "database_unreachable")
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["type"] == "server_error"
    assert answer.json()["request_id"]
    for secret in ("/tmp", "socket", "couldn't", str(connection.settings_dict["NAME"])):
        assert secret not in error["detail"]


class RemoteError(Exception):
    """What the client of a remote file store raises when it does not get through."""


class AwayStorage(Storage):
    """A remote file store that does not answer."""

    def exists(self, name: str) -> bool:
        raise RemoteError(name)

    def delete(self, name: str) -> None:
        raise RemoteError(name)


def test_an_upload_is_a_named_503_while_the_file_store_is_away_and_leaves_nothing(learner: Any, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.AwayStorage"}}
    client = client_for(learner)
    session_id = client.post("/api/v1/sessions", {"title": "x"}).json()["session_id"]
    file = {"filename": "a.txt", "content": b64encode(b"A cell is the smallest unit of life.").decode()}
    answer = client.post(f"/api/v1/sessions/{session_id}/documents", {"files": [file]}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "storage_unreachable")
    assert int(answer["Retry-After"]) > 0
    assert not Document.objects.exists()


def test_the_console_shows_a_plain_page_and_the_learners_page_stays(client: Any, staff: Any) -> None:
    client.force_login(staff)
    client.raise_request_exception = False
    with database_away():
        console, learn = client.get("/admin/"), Client().get("/learn")
    assert (console.status_code, learn.status_code) == (503, 200)
    assert "The database does not answer." in console.content.decode()
    assert "Traceback" not in console.content.decode()
    assert console["Retry-After"]


def test_an_outage_is_one_line_in_the_log_however_many_ask(staff_api: Any, caplog: pytest.LogCaptureFixture) -> None:
    with database_away(), caplog.at_level(logging.ERROR):
        for _ in range(3):
            staff_api.get("/api/v1/flags")
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert not errors[0].exc_info


def test_nobody_logs_in_without_redis_and_is_told_when_to_come_again(
    client: Any, staff: Any, settings: Any, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    redis_client.cache_clear()
    try:
        answer = client.post(
            "/api/v1/auth/login", {"username": "staff", "password": "correct horse 9"}, content_type="application/json"
        )
    finally:
        redis_client.cache_clear()
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


async def test_a_stream_that_needs_redis_ends_with_its_name() -> None:
    async def events() -> AsyncIterator[StreamEvent]:
        await redis.asyncio.Redis(unix_socket_path="/nobody.sock").ping()
        yield StreamEvent("never", {})

    frames = [frame async for frame in _frames(events(), 10, "en")]
    assert [b"redis_unreachable" in frame for frame in frames] == [True]


def test_a_statement_that_the_database_refused_is_no_outage() -> None:
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1; SELECT pg_sleep(1)")
    connection.close()
    assert unreachable(caught.value) is None


def test_after_a_restart_of_the_server_the_first_call_is_served(staff_api: Any) -> None:
    """Whatever the pool holds is dead then; going through it one by one would take longer than a caller waits."""
    pool = connection.pool  # type: ignore[attr-defined]
    connection.close()
    pool.resize(1, 8)
    borrowed = [pool.getconn() for _ in range(6)]
    victims = [one.info.backend_pid for one in borrowed]
    for one in borrowed:
        pool.putconn(one)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None, "pool": None}) as killer:
        killer.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [victims])
    assert staff_api.get("/api/v1/flags").status_code == 200


def test_an_outage_costs_one_caller_the_wait_and_ends_by_itself(staff_api: Any) -> None:
    with database_away():
        assert staff_api.get("/api/v1/folders").status_code == 503
        attempts = connection.pool.get_stats()["requests_num"]  # type: ignore[attr-defined]
        answers = {staff_api.get("/api/v1/folders").status_code for _ in range(20)}
        assert answers == {503}
        assert connection.pool.get_stats()["requests_num"] <= attempts + 20  # type: ignore[attr-defined]
    assert staff_api.get("/api/v1/folders").status_code == 200


def test_beat_started_while_the_database_is_away_waits_and_fires_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    schedules_seed()
    sent: list[str] = []
    monkeypatch.setattr(LedgerScheduler, "apply_entry", lambda self, entry, producer: sent.append(entry.name))
    monkeypatch.setattr("jobs_app.beat.Watch.start", lambda self: None)
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(days=1))
    with database_away():
        beat = LedgerScheduler(app=app)
        assert [beat.tick() for _ in range(3)] == [OUTAGE_PAUSE_SECONDS] * 3
    assert not sent
    while len(sent) < len(all_schedules()):
        assert beat.tick() == 0
    assert set(sent) >= {schedule.name for schedule in all_schedules()}
    beat.close()


def test_beat_fires_nothing_into_a_redis_that_is_away(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    schedules_seed()
    sent: list[str] = []
    monkeypatch.setattr(LedgerScheduler, "apply_entry", lambda self, entry, producer: sent.append(entry.name))
    monkeypatch.setattr("jobs_app.beat.Watch.start", lambda self: None)
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(days=1))
    beat = LedgerScheduler(app=app)
    there = settings.REDIS_URL
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    redis_client.cache_clear()
    try:
        assert beat.tick() == OUTAGE_PAUSE_SECONDS
        assert not sent
    finally:
        settings.REDIS_URL = there
        redis_client.cache_clear()
    assert beat.tick() == 0
    assert sent
    beat.close()

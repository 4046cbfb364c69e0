"""What jobs need is watched by beat and the workers themselves: one alert an incident, told without a job."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection, transaction

from jobs_app import runner
from jobs_app.errors import JobSurprise
from jobs_app.heartbeat import ProcessHeart
from jobs_app.models import Job, ProcessHeartbeat
from jobs_app.services import ledger, watching
from jobs_app.services.creation import job_create
from jobs_app.services.health import health_check_run, system_health
from jobs_app.services.watching import LOOKS_IN_A_ROW, Watch, Watcher
from tests.support.outages import database_away
from tutor_project.common.circuit import REFUSE_SECONDS
from tutor_project.common.errors import DomainError, InvalidInput
from tutor_project.common.redis import client
from tutor_project.embedded.valkey import ValkeyServer
from tutor_project.platform import alerts
from tutor_project.platform.models import Alert

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(settings: Any) -> Iterator[Any]:
    """What the webhook was sent; it answers with ``told.answer``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["code"])
            self.send_response(server.answer)
            self.end_headers()

        def log_message(self, *args: Any) -> None: ...

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.answer = [], 204
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    yield server
    server.shutdown()
    server.server_close()


def heart(role: str) -> ProcessHeart:
    """A living process of the role."""
    beating = ProcessHeart(role=role, queues=["default"], concurrency=1)
    beating.start()
    deadline = time.monotonic() + 30
    while not ProcessHeartbeat.objects.filter(role=role).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return beating


def states(code: str) -> list[str]:
    return list(Alert.objects.filter(code=code).order_by("id").values_list("state", flat=True))


@pytest.mark.parametrize(("watched", "by", "code"), [("worker", "beat", "no_worker"), ("beat", "worker", "no_beat")])
def test_a_process_that_stops_reporting_is_one_alert_until_it_is_back(
    watched: str, by: str, code: str, told: Any
) -> None:
    watcher, beating = Watcher(by), heart(watched)
    watcher.look()
    beating.stop()
    for _ in range(LOOKS_IN_A_ROW - 1):
        watcher.look()
    assert states(code) == [], "a process that is started again is no incident"
    for _ in range(3):
        watcher.look()
    assert (states(code), told.seen) == (["open"], [code])
    beating = heart(watched)
    watcher.look()
    beating.stop()
    assert states(code) == ["resolved"]
    assert not Job.objects.exists(), "no job runs, so no job may be needed to tell"


def test_a_stopped_redis_is_told_and_a_started_one_resolves_it(settings: Any, tmp_path: Path, told: Any) -> None:
    server = ValkeyServer(tmp_path)
    settings.REDIS_URL = server.ensure()
    client.cache_clear()
    try:
        watcher = Watcher("beat")
        watcher.look()
        server.stop()
        for _ in range(LOOKS_IN_A_ROW + 1):
            watcher.look()
        assert states("redis_down") == ["open"]
        assert sorted(told.seen) == ["no_worker", "redis_down"]
        server.ensure()
        time.sleep(REFUSE_SECONDS)
        watcher.look()
        assert states("redis_down") == ["resolved"]
    finally:
        server.stop()
        client.cache_clear()


def waiting(cursor: Any) -> int:
    """How many of this database's connections wait for a lock."""
    cursor.execute("SELECT pg_stat_clear_snapshot()")
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return int(cursor.fetchone()[0])


def test_watchers_that_see_the_same_at_once_open_one_alert(told: Any) -> None:
    watchers = [Watcher("worker") for _ in range(4)]
    for watcher in watchers:
        for _ in range(LOOKS_IN_A_ROW - 1):
            watcher.look()
    failures: list[BaseException] = []

    def look(watcher: Watcher) -> None:
        try:
            watcher.look()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=look, args=(watcher,)) for watcher in watchers]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Alert._meta.db_table} IN SHARE MODE")  # all may look, none may write
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 30
        while waiting(cursor) < len(threads):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert (failures, states("no_beat"), told.seen) == ([], ["open"], ["no_beat"])


def test_who_has_just_come_resolves_nothing_that_is_still_wrong() -> None:
    first = Watcher("worker")
    for _ in range(LOOKS_IN_A_ROW):
        first.look()
    Watcher("worker").look()
    assert states("no_beat") == ["open"]


def test_a_deaf_receiver_is_told_at_the_next_look_and_mail_goes_beside_it(told: Any, settings: Any) -> None:
    settings.ALERT_EMAILS = ["ops@example.org"]
    told.answer = 503
    watcher = Watcher("worker")
    for _ in range(LOOKS_IN_A_ROW):
        watcher.look()
    told.answer = 204
    watcher.look()
    watcher.look()
    assert told.seen == ["no_beat", "no_beat"]
    assert [message.subject for message in mail.outbox] == ["[tutor] critical: no_beat"]


def test_who_opened_an_alert_and_died_leaves_it_to_be_told_by_another(
    told: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALERT_EMAILS = ["ops@example.org"]
    first, second = Watcher("worker"), Watcher("worker")

    def die(*args: Any, **options: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(watching, "alert_tell", die)
        for _ in range(LOOKS_IN_A_ROW - 1):
            first.look()
        with pytest.raises(SystemExit):
            first.look()
    assert (states("no_beat"), told.seen) == (["open"], [])
    second.look()
    assert told.seen == [], "somebody is telling it"
    monkeypatch.setattr(alerts, "TELLING_FOR", timedelta(0))
    for _ in range(3):
        second.look()
    assert (told.seen, len(mail.outbox)) == (["no_beat"], 1)


def test_an_alert_that_is_over_before_it_could_be_told_is_not_told(told: Any) -> None:
    told.answer = 503
    watcher = Watcher("worker")
    for _ in range(LOOKS_IN_A_ROW):
        watcher.look()
    beating = heart("beat")
    watcher.look()
    beating.stop()
    told.answer = 204
    told.seen.clear()
    watcher.look()
    assert told.seen == []


def test_refused_material_is_no_failing_of_jobs_and_a_fault_of_ours_is(settings: Any) -> None:
    def failed(error: DomainError, number: int) -> list[str]:
        for _ in range(number):
            job = ledger.job_claim(job_id=job_create(job_type="ping").pk, worker="test")
            assert job is not None
            runner._fail(job, error)
        return [finding.code for finding in system_health()[1]]

    limit = settings.RUNTIME_SETTINGS["HEALTH_MAX_FAILED_JOBS_HOUR"].default
    assert "jobs_failing" not in failed(InvalidInput(), limit + 1)
    assert "jobs_failing" not in failed(JobSurprise(), limit)
    assert "jobs_failing" in failed(JobSurprise(), 1)
    assert system_health()[0]["failed_jobs_last_hour"] == 2 * limit + 2


def test_the_health_check_leaves_alone_what_is_watched() -> None:
    watcher = Watcher("worker")
    for _ in range(LOOKS_IN_A_ROW):
        watcher.look()
    beating = heart("beat")
    health_check_run()
    beating.stop()
    assert (states("no_beat"), states("no_worker")) == (["open"], [])


def test_a_database_that_is_away_is_told_once_an_outage_by_beat_alone(told: Any) -> None:
    beat, worker = Watcher("beat"), Watcher("worker")
    for outage in (1, 2):
        with database_away():
            for _ in range(LOOKS_IN_A_ROW + 1):
                beat.look()
                worker.look()
        beat.look()
        assert told.seen.count("database_down") == outage
    assert states("database_down") == []


def test_a_look_that_fails_does_not_end_the_watch_and_stopping_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY_SECONDS", 0.01)
    watch, looks, enough = Watch("beat"), [], threading.Event()

    def look() -> None:
        looks.append(1)
        if len(looks) < 3:
            raise (OperationalError if len(looks) == 1 else RuntimeError)
        enough.set()

    monkeypatch.setattr(watch.watcher, "look", look)
    watch.start()
    assert enough.wait(30)
    watch.stop()
    watch.join(30)
    assert not watch.is_alive()

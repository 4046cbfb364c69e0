"""What operators see and are told: why a job waits, metrics, alerts outside, clocks that differ."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from jobs_app import registry
from jobs_app.models import Job
from jobs_app.probes import Finding
from jobs_app.registry import GroupOutcome, JobKind
from jobs_app.runner import job_run
from jobs_app.selectors.jobs import Outlook, job_outlook, job_result
from jobs_app.services import control, ledger
from jobs_app.services.creation import job_create, job_create_many
from jobs_app.services.notifying import alerts_announce
from jobs_app.services.sweeping import sweep
from tutor_project.platform.alerts import alerts_sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind() -> Iterator[Callable[..., JobKind]]:
    known = dict(registry._kinds)
    yield lambda **fields: registry.register(JobKind(**{"name": "probe", "handler": lambda context: None, **fields}))
    registry._kinds.clear()
    registry._kinds.update(known)


# Starved, scheduled, exclusive, stalled


def test_a_waiting_job_knows_its_place_behind_all_that_goes_first() -> None:
    low = job_create(job_type="ping", priority="low")
    first = job_create(job_type="ping", priority="high")
    second = job_create(job_type="ping", priority="high")
    job_create(job_type="ping", priority="high", scheduled_for=timezone.now() + timedelta(hours=1))
    assert [job_outlook(job).queue_position for job in (first, second, low)] == [1, 2, 3]
    assert job_outlook(low).waiting_for == "worker"


def test_a_job_that_is_not_due_waits_for_its_schedule() -> None:
    job = job_create(job_type="ping", scheduled_for=timezone.now() + timedelta(hours=1))
    assert job_outlook(job) == Outlook("schedule")


def test_a_job_behind_one_of_its_own_key_says_so(kind: Any) -> None:
    kind(exclusive=lambda data: "only")
    first, second = job_create(job_type="probe"), job_create(job_type="probe")
    assert ledger.job_claim(job_id=first.pk, worker="one") is not None
    assert job_outlook(second) == Outlook("exclusive")


def test_a_job_whose_worker_fell_silent_is_stalled_not_starved() -> None:
    job = job_create(job_type="ping")
    ledger.job_claim(job_id=job.pk, worker="one")
    job.refresh_from_db()
    assert not job_outlook(job).stalled
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert job_outlook(job).stalled


def test_a_running_group_shows_what_it_has_so_far(kind: Any, staff_api: Any) -> None:
    kind(name="child")
    kind(
        name="group", handler=None, summarise=lambda group, children: GroupOutcome({"n": [c.status for c in children]})
    )
    group = job_create(job_type="group")
    children = job_create_many(job_type="child", items=[{}, {}], owner_id=None, parent=group)
    job_run(job_id=children[0].pk, worker="test")
    group.refresh_from_db()
    assert job_result(group) == {"n": ["completed", "pending"]}
    shown = staff_api.get(f"/api/v1/jobs/{group.pk}").json()
    assert (shown["status"], shown["result"]) == ("running", {"n": ["completed", "pending"]})


# Ends and cancels


def test_a_job_cancelled_while_a_transient_failure_unwinds_is_not_tried_again(kind: Any) -> None:
    def handler(context: Any) -> None:
        control.job_cancel(job_id=context.job_id)
        raise ConnectionError

    kind(handler=handler, transient=(ConnectionError,))
    job = job_create(job_type="probe")
    job_run(job_id=job.pk, worker="test")
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("cancelled", "cancelled")


@pytest.mark.django_db(transaction=True)
def test_cancelling_a_group_while_its_children_end_never_deadlocks(kind: Any) -> None:
    from django.db import connection

    kind(name="child")
    kind(name="group", handler=None, summarise=lambda group, children: GroupOutcome({}))
    errors: list[BaseException] = []

    def guarded(action: Callable[[], Any]) -> None:
        try:
            action()
        except ledger.IntegrityError as error:  # pragma: no cover
            errors.append(error)
        except Exception as error:
            if "deadlock" in str(error):
                errors.append(error)
        finally:
            connection.close()

    for _ in range(5):
        group = job_create(job_type="group")
        children = job_create_many(job_type="child", items=[{}] * 4, owner_id=None, parent=group)
        actions: list[Callable[[], Any]] = [
            *(lambda pk=child.pk: job_run(job_id=pk, worker="w") for child in children),
            lambda pk=group.pk: control.job_cancel(job_id=pk),
        ]
        threads = [threading.Thread(target=guarded, args=(action,)) for action in actions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        group.refresh_from_db()
        assert group.status in ("completed", "cancelled")
    assert errors == []


def test_a_job_taken_by_hand_has_a_lease_that_runs_out(staff_api: Any) -> None:
    job = job_create(job_type="ping")
    assert staff_api.patch(f"/api/v1/jobs/{job.pk}", {"status": "running"}).json()["status"] == "running"
    assert staff_api.patch(f"/api/v1/jobs/{job.pk}", {"progress": 40}).json()["progress"] == 40
    job.refresh_from_db()
    assert job.worker == "by hand"
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert sweep().reclaimed == 1


def test_a_group_cannot_be_taken_by_hand(staff_api: Any, kind: Any) -> None:
    kind(name="group", handler=None, summarise=lambda group, children: GroupOutcome({}))
    answer = staff_api.patch(f"/api/v1/jobs/{job_create(job_type='group').pk}", {"status": "running"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "job_not_due")


# Clocks


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_worker_whose_clock_is_a_minute_off_neither_steals_nor_starts_early(
    seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, later = job_create(job_type="ping"), job_create(job_type="ping")
    Job.objects.filter(pk=later.pk).update(scheduled_for=timezone.now() + timedelta(seconds=30))
    assert ledger.job_claim(job_id=running.pk, worker="one") is not None
    true_now = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: true_now() + timedelta(seconds=seconds))
    assert sweep().reclaimed == 0
    assert ledger.job_claim(job_id=later.pk, worker="skewed") is None
    assert ledger.job_claim(job_id=running.pk, worker="skewed") is None


# The broker


def test_new_messages_do_not_hide_an_old_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = job_create(job_type="ping")
    Job.objects.filter(pk=lost.pk).update(dispatched_at=timezone.now() - timedelta(minutes=1))
    for _ in range(3):
        job_create(job_type="ping")

    class Broker:
        def llen(self, queue: str) -> int:
            return 3 if queue == "default" else 0

    monkeypatch.setattr("jobs_app.services.sweeping.client", Broker)
    assert sweep().redispatched == 1
    lost.refresh_from_db()
    assert lost.dispatched_at is not None
    assert timezone.now() - lost.dispatched_at < timedelta(seconds=30)


# Metrics


def test_metrics_hold_what_autoscaling_reads_and_agree_with_the_ledger(client: Any) -> None:
    from tutor_project.common import cache, metrics

    cache.clear(metrics.CACHE_KEY)
    job = job_create(job_type="ping", priority="low")
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    text = client.get("/metrics").content.decode()
    assert 'tutor_queue_depth{queue="low"} 1.0' in text
    age = next(line for line in text.splitlines() if line.startswith('tutor_queue_oldest_age_seconds{queue="low"}'))
    assert float(age.split()[-1]) >= 300
    for name in ("jobs", "models", "operations", "requests"):
        assert f'tutor_metrics_source_up{{source="{name}"}} 1.0' in text
    cache.clear(metrics.CACHE_KEY)


def test_metrics_are_not_for_the_public(client: Any, settings: Any) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 403
    settings.METRICS_TOKEN = "a-token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer a-token", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_the_role_worker_is_ready_when_a_worker_lives(client: Any) -> None:
    from jobs_app.heartbeat import process_beat

    assert client.get("/readyz?role=worker").json()["checks"]["heartbeat"] is False
    process_beat(role="worker", queues=["default"], concurrency=1, started_at=timezone.now())
    assert client.get("/readyz?role=worker").status_code == 200
    assert client.get("/readyz?role=nonsense").status_code == 400


# Alerts outside


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A webhook that notes what it was sent and answers as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.answer)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *args: Any) -> None: ...

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.answer = [], 204
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def opened() -> list[Any]:
    return alerts_sync([Finding("disk_low", "critical", "Make room.", {"free": 3})])


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (204, "completed", None),
        (302, "failed", "alert_refused"),
        (404, "failed", "alert_refused"),
        (503, "pending", "alert_not_delivered"),
    ],
)
def test_a_new_alert_is_posted_once_and_a_deaf_webhook_is_tried_again(
    receiver: Any, settings: Any, answer: int, status: str, code: str | None
) -> None:
    receiver.answer = answer
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{receiver.server_port}/hook"
    assert alerts_announce(opened()) == 1
    assert alerts_announce(opened()) == 0, "a known alert is not told again"
    job = Job.objects.get(job_type="alert_notify")
    job_run(job_id=job.pk, worker="test")
    job.refresh_from_db()
    assert (job.status, job.error_code) == (status, code)
    assert receiver.seen == [
        {"code": "disk_low", "severity": "critical", "message": "Make room.", "figures": {"free": 3}}
    ]


def test_a_new_alert_is_mailed(settings: Any) -> None:
    settings.ALERT_EMAILS = ["ops@example.org"]
    assert alerts_announce(opened()) == 1
    job = Job.objects.get(job_type="alert_notify")
    assert job_run(job_id=job.pk, worker="test") == "completed"
    assert mail.outbox[0].subject == "[tutor] critical: disk_low"
    assert mail.outbox[0].to == ["ops@example.org"]


def test_the_list_writes_a_job_as_its_serializer_does() -> None:
    from jobs_app.api.serializers import JobSerializer, job_shown
    from tutor_project.common.api.bodies import NullableJSONRenderer

    job = job_create(job_type="ping", metadata={"a": 1}, scheduled_for=timezone.now() + timedelta(hours=1))
    Job.objects.filter(pk=job.pk).update(result={"b": [2]}, started_at=timezone.now(), progress=33.3)
    job = Job.objects.get(pk=job.pk)
    render = NullableJSONRenderer().render
    assert json.loads(render(job_shown(job))) == json.loads(render(JobSerializer(job).data))

"""Work that waits for a model: apart from all other work, by the model's time and not its own, and ended when cancelled."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from jobs_app import leases
from jobs_app.leases import Board, LeaseWatch
from jobs_app.models import Job
from jobs_app.registry import JobKind, _kinds, get_kind
from jobs_app.runner import job_run
from jobs_app.services import control, ledger
from jobs_app.services.creation import job_create
from jobs_app.services.health import queue_depths
from tutor_project.common import waits

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_SECONDS = 60.0


@pytest.fixture(autouse=True)
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    fresh = Board()
    monkeypatch.setattr(leases, "board", fresh)
    monkeypatch.setattr(leases, "LOOK_EVERY_SECONDS", 0.1)
    before = signal.getsignal(leases.WAKE)
    leases.join_board(0)
    watch = LeaseWatch()
    watch.start()
    yield fresh
    watch.stop()
    watch.join()
    signal.signal(leases.WAKE, before)


def kind(monkeypatch: pytest.MonkeyPatch, handler: Any, **fields: Any) -> Job:
    monkeypatch.setitem(_kinds, "asks", JobKind(name="asks", handler=handler, asks_model=True, **fields))
    return job_create(job_type="asks")


def cancelled_after(job: Job, begun: threading.Event, asked: list[float]) -> threading.Thread:
    def cancel() -> None:
        begun.wait(30)
        try:
            control.job_cancel(job_id=job.pk)
            asked.append(time.monotonic())
        finally:
            connection.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    return thread


def test_a_job_that_waits_for_a_model_ends_as_cancelled_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, closed, asked = threading.Event(), [], []

    def handler(context: Any) -> None:
        try:
            with waits.elsewhere():
                begun.set()
                time.sleep(WAIT_SECONDS)
        except Exception:  # what libraries do with errors of their connection
            time.sleep(WAIT_SECONDS)
        finally:
            closed.append(True)  # as a client closes its connection on the way out

    job = kind(monkeypatch, handler)
    thread = cancelled_after(job, begun, asked)
    assert job_run(job_id=job.pk, worker="test") == "cancelled"
    ended = time.monotonic()
    thread.join()
    assert ended - asked[0] < 5
    assert closed == [True]
    job.refresh_from_db()
    assert (job.status, job.attempt_rows.get().outcome) == ("cancelled", "cancelled")
    assert job_run(job_id=job_create(job_type="ping").pk, worker="test") == "completed"


def test_a_wake_for_another_run_is_not_heard(monkeypatch: pytest.MonkeyPatch, board: Board) -> None:
    def handler(context: Any) -> None:
        with waits.elsewhere():
            os.kill(os.getpid(), leases.WAKE)  # meant for the run before this one
            time.sleep(0.05)
        os.kill(os.getpid(), leases.WAKE)

    assert job_run(job_id=kind(monkeypatch, handler).pk, worker="test") == "completed"


def test_waiting_for_a_model_does_not_count_towards_the_time_of_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SPARE_SECONDS", 0.0)

    def handler(context: Any) -> dict[str, Any]:
        for _ in range(3):
            with waits.elsewhere():
                time.sleep(0.5)
        return {}

    assert job_run(job_id=kind(monkeypatch, handler, time_limit=1).pk, worker="test") == "completed"


def test_the_time_of_a_job_goes_on_after_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(context: Any) -> None:
        with waits.elsewhere():
            time.sleep(0.2)
        time.sleep(WAIT_SECONDS)

    job = kind(monkeypatch, handler, time_limit=0.5)
    assert job_run(job_id=job.pk, worker="test") == "failed"
    job.refresh_from_db()
    assert job.error_code == "time_limit_exceeded"


def test_an_upload_never_waits_behind_work_that_may_ask_a_model(learner: Any) -> None:
    kinds = ("session_analysis", "quiz_generation", "lesson_generation", "plan_generation", "summary_judgement")
    for name in (*kinds, "session_report"):
        assert get_kind(name).queue(get_kind(name).priority) == "model"
    assert get_kind("document_ingest").queue("medium") == "default"
    data = {"session_id": str(learner.pk)}
    slow = [job_create(job_type="plan_generation", job_data=data, owner_id=learner.pk) for _ in range(3)]
    upload = job_create(job_type="ping", owner_id=learner.pk)
    assert queue_depths()["model"]["depth"] == 3
    claimed = ledger.job_claim_next(queue="default", worker="test")
    assert claimed is not None
    assert claimed.pk == upload.pk
    assert ledger.job_claim_next(queue="default", worker="test") is None
    claimed = ledger.job_claim_next(queue="model", worker="test")
    assert claimed is not None
    assert claimed.pk == slow[0].pk

"""How jobs end: as designed, by surprise, after a retry, by a cancel, or in another worker's hands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from jobs_app import registry
from jobs_app.context import JobContext
from jobs_app.errors import JobActive
from jobs_app.models import Job, JobAttempt, ProcessHeartbeat
from jobs_app.registry import GroupOutcome, JobKind
from jobs_app.runner import job_run
from jobs_app.services import control, ledger, sweeping
from jobs_app.services.creation import job_create, job_create_many
from jobs_app.services.sweeping import UNKNOWN_AFTER, sweep
from tutor_project.common.errors import Conflict

Handler = Callable[[JobContext], dict[str, Any] | None]


class Expected(Conflict):
    """A failure as designed."""

    code = "expected_for_test"
    detail = "It went wrong as designed."


@pytest.fixture
def kind() -> Iterator[Callable[..., JobKind]]:
    """Register kinds for one test."""
    known = dict(registry._kinds)

    def make(handler: Handler | None, **fields: Any) -> JobKind:
        return registry.register(JobKind(name=fields.pop("name", "probe"), handler=handler, **fields))

    yield make
    registry._kinds.clear()
    registry._kinds.update(known)


def raising(error: BaseException) -> Handler:
    def handler(context: JobContext) -> None:
        raise error

    return handler


def run(job: Job) -> Job:
    job_run(job_id=job.pk, worker="test")
    return Job.objects.get(pk=job.pk)


pytestmark = pytest.mark.django_db


def test_an_expected_failure_shows_its_code_and_is_not_tried_again(kind: Any) -> None:
    ended: list[tuple[str, str]] = []
    kind(raising(Expected()), on_end=lambda job, code, message: ended.append((code, message)))
    job = run(job_create(job_type="probe"))
    assert (job.status, job.error_code, job.attempts) == ("failed", "expected_for_test", 1)
    assert ended == [("expected_for_test", "It went wrong as designed.")]
    assert JobAttempt.objects.get(job=job).expected is True


def test_a_surprise_fails_once_and_keeps_its_traceback_for_staff(kind: Any) -> None:
    kind(raising(ZeroDivisionError("secret detail")))
    job = run(job_create(job_type="probe"))
    assert (job.status, job.error_code) == ("failed", "internal_error")
    assert "secret detail" not in (job.error_message or "")
    attempt = JobAttempt.objects.get(job=job)
    assert "secret detail" in (attempt.error_detail or "")
    assert attempt.expected is False


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), psycopg.errors.AdminShutdown("gone in the middle of a COPY")]
)
def test_a_transient_failure_waits_and_is_tried_again_until_the_attempts_are_used_up(
    kind: Any, error: BaseException
) -> None:
    kind(raising(error), max_attempts=2)
    job = run(job_create(job_type="probe"))
    assert job.status == "pending"
    assert job.scheduled_for is not None
    assert job.scheduled_for > timezone.now()
    assert run(job).attempts == 1, "it is not claimed before its time"
    Job.objects.filter(pk=job.pk).update(scheduled_for=timezone.now())
    job = run(job)
    assert (job.status, job.attempts) == ("failed", 2)
    assert [row.outcome for row in job.attempt_rows.all()] == ["retried", "failed"]


def test_a_running_job_stops_at_the_next_checkpoint_after_a_cancel(kind: Any) -> None:
    steps: list[int] = []

    def handler(context: JobContext) -> None:
        for step in range(5):
            steps.append(step)
            if step == 1:
                control.job_cancel(job_id=context.job_id)
            context.checkpoint()

    kind(handler)
    job = run(job_create(job_type="probe"))
    assert job.status == "cancelled"
    assert steps == [0, 1]


def test_an_effect_of_a_cancelled_job_is_not_committed(kind: Any, make_user: Any) -> None:
    def handler(context: JobContext) -> None:
        control.job_cancel(job_id=context.job_id)
        with context.commit():
            make_user("effect")

    kind(handler)
    job = run(job_create(job_type="probe"))
    assert job.status == "cancelled"
    from django.contrib.auth import get_user_model

    assert not get_user_model().objects.filter(username="effect").exists()


def test_a_run_that_lost_its_lease_changes_nothing(kind: Any) -> None:
    def handler(context: JobContext) -> dict[str, Any]:
        Job.objects.filter(pk=context.job_id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        assert sweep().reclaimed == 1
        assert ledger.job_claim(job_id=context.job_id, worker="other") is not None
        return {"from": "the first run"}

    kind(handler)
    job = run(job_create(job_type="probe"))
    assert (job.status, job.worker, job.result) == ("running", "other", None)


def test_a_lost_worker_is_replaced_until_the_job_is_quarantined(kind: Any) -> None:
    kind(lambda context: None, max_attempts=2)
    job = job_create(job_type="probe")
    for _ in range(2):
        assert ledger.job_claim(job_id=job.pk, worker="killed") is not None
        Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        sweep()
    job.refresh_from_db()
    assert (job.status, job.error_code, job.quarantined) == ("failed", "worker_lost", True)
    assert [row.outcome for row in job.attempt_rows.all()] == ["lost", "lost"]


@pytest.mark.django_db(transaction=True)
def test_an_end_whose_consequences_fail_is_no_end(kind: Any) -> None:
    def refuse(job: Job, code: str, message: str) -> None:
        raise OperationalError("the server went away")

    kind(raising(Expected()), on_end=refuse)
    job = job_create(job_type="probe")
    with pytest.raises(OperationalError):
        run(job)
    job.refresh_from_db()
    assert (job.status, job.attempt_rows.get().outcome) == ("running", "running")


def of_another_version() -> Job:
    """A job whose kind this version does not know, older than any change of versions takes."""
    job = Job.objects.create(job_type="from_another_version", dispatched_at=timezone.now())
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - UNKNOWN_AFTER - timedelta(seconds=1))
    return job


def test_a_job_of_an_unknown_kind_is_named_not_sent_round_and_round() -> None:
    job = of_another_version()
    assert sweep().unknown_kind == 1
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "job_kind_unknown")


def test_a_kind_that_only_a_newer_worker_knows_is_left_to_it() -> None:
    job = of_another_version()
    ProcessHeartbeat.objects.create(
        name="newer", role="worker", pid=1, kinds=["from_another_version"], started_at=timezone.now(),
        seen_at=timezone.now(),
    )  # fmt: skip
    assert sweep().unknown_kind == 0
    assert run(job).status == "pending"
    ProcessHeartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert sweep().unknown_kind == 1


def test_a_young_job_of_an_unknown_kind_waits_for_its_version_and_is_not_claimed() -> None:
    job = Job.objects.create(job_type="from_another_version", dispatched_at=timezone.now())
    assert sweep().unknown_kind == 0
    job = run(job)
    assert (job.status, job.attempts) == ("pending", 0)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_keeps_the_sweeper_from_nothing_else(kind: Any, monkeypatch: Any) -> None:
    kind(lambda context: None)
    monkeypatch.setattr(sweeping, "LOCK_WAIT", "50ms")
    held, free = job_create(job_type="probe"), job_create(job_type="probe")
    for job in (held, free):
        assert ledger.job_claim(job_id=job.pk, worker="killed") is not None
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    with psycopg.connect(**{k: v for k, v in connection.get_connection_params().items() if k in _DSN}) as other:
        other.execute("SELECT 1 FROM jobs_app_jobattempt WHERE job_id = %s FOR UPDATE", [held.pk])
        assert sweep().reclaimed == 1
    assert [Job.objects.get(pk=job.pk).status for job in (held, free)] == ["running", "pending"]
    assert sweep().reclaimed == 1


_DSN = ("dbname", "user", "password", "host", "port")


def test_creating_twice_under_one_key_is_creating_once(kind: Any) -> None:
    kind(lambda context: None)
    first = job_create(job_type="probe", dedupe_key="k")
    assert job_create(job_type="probe", dedupe_key="k").pk == first.pk
    run(first)
    assert job_create(job_type="probe", dedupe_key="k").pk != first.pk


def test_who_asks_again_does_not_get_the_job_that_is_being_cancelled(kind: Any) -> None:
    kind(lambda context: None)
    first = job_create(job_type="probe", dedupe_key="k")
    assert ledger.job_claim(job_id=first.pk, worker="test") is not None
    control.job_cancel(job_id=first.pk)
    again = job_create(job_type="probe", dedupe_key="k")
    assert again.pk != first.pk
    assert job_create(job_type="probe", dedupe_key="k").pk == again.pk


def test_a_job_is_not_run_again_beside_another_that_makes_the_same(kind: Any) -> None:
    kind(lambda context: None)
    first = job_create(job_type="probe", dedupe_key="k")
    control.job_cancel(job_id=first.pk)
    again = job_create(job_type="probe", dedupe_key="k")
    with pytest.raises(JobActive):
        control.job_retry(job_id=first.pk)
    run(again)
    assert control.job_retry(job_id=first.pk).status == "pending"


def test_one_job_of_an_exclusive_key_runs_at_a_time_and_the_next_follows(kind: Any) -> None:
    inner: list[Any] = []

    def handler(context: JobContext) -> None:
        if not inner:
            inner.append(ledger.job_claim(job_id=second.pk, worker="other"))

    kind(handler, exclusive=lambda data: "only")
    first = job_create(job_type="probe")
    second = job_create(job_type="probe")
    assert run(first).status == "completed"
    assert inner == [None]
    assert run(second).status == "completed"


def test_a_group_completes_with_its_last_child_and_names_what_failed(kind: Any) -> None:
    kind(lambda context: {"ok": True}, name="good")
    kind(raising(Expected()), name="bad")
    finished: list[str] = []
    kind(
        None,
        name="batch",
        summarise=lambda group, children: GroupOutcome({"states": [child.status for child in children]}),
        after_group=lambda group: finished.append(group.status),
    )
    group = job_create(job_type="batch")
    children = [
        *job_create_many(job_type="good", items=[{}], owner_id=None, parent=group),
        *job_create_many(job_type="bad", items=[{}], owner_id=None, parent=group),
    ]
    run(children[0])
    group.refresh_from_db()
    assert group.status == "running"
    assert 0 < group.progress < 100
    run(children[1])
    group.refresh_from_db()
    assert group.status == "completed"
    assert group.result == {"states": ["completed", "failed"]}
    assert finished == ["completed"]


def test_cancelling_a_group_cancels_what_has_not_begun(kind: Any) -> None:
    kind(lambda context: None, name="good")
    kind(None, name="batch", summarise=lambda group, children: GroupOutcome({"n": len(children)}))
    group = job_create(job_type="batch")
    job_create_many(job_type="good", items=[{}, {}], owner_id=None, parent=group)
    assert control.job_cancel(job_id=group.pk).status == "cancelled"
    assert set(group.children.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.django_db(transaction=True)
def test_ten_workers_claiming_one_job_give_one_run(kind: Any) -> None:
    runs: list[int] = []
    kind(lambda context: runs.append(1))
    job = job_create(job_type="probe")
    barrier = threading.Barrier(10)

    def worker(number: int) -> None:
        barrier.wait()
        try:
            job_run(job_id=job.pk, worker=f"worker {number}")
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(runs) == 1
    assert Job.objects.get(pk=job.pk).attempts == 1


def test_a_periodic_task_never_overlaps_itself(kind: Any) -> None:
    from jobs_app.services.scheduling import schedule_fire

    first = Job.objects.get(pk=schedule_fire(schedule="health-check"))
    skip = Job.objects.get(pk=schedule_fire(schedule="health-check"))
    assert first.status == "pending"
    assert (skip.status, skip.error_code) == ("cancelled", "schedule_overlap")


def test_what_operators_edit_in_a_schedule_survives_seeding() -> None:
    from django_celery_beat.models import PeriodicTask

    from jobs_app.services.scheduling import schedules_seed

    schedules_seed()
    PeriodicTask.objects.filter(name="health-check").update(enabled=False, description="edited")
    assert schedules_seed() == []
    task = PeriodicTask.objects.get(name="health-check")
    assert (task.enabled, task.description) == (False, "edited")


@pytest.mark.parametrize(("trigger", "told"), [("schedule", False), ("user", True)])
def test_what_a_schedule_asked_for_is_not_told_when_it_went_well(
    kind: Callable[..., JobKind], caplog: pytest.LogCaptureFixture, trigger: str, told: bool
) -> None:
    kind(lambda context: None)
    job = job_create(job_type="probe", trigger=trigger)
    with caplog.at_level("INFO"):
        assert job_run(job_id=job.pk, worker="w") == "completed"
    assert ("job_completed" in caplog.text) == told

"""Owners take turns: nobody waits behind another's hundred jobs, and a million waiting cost a claim nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from jobs_app.models import Job
from jobs_app.runner import job_run_next
from jobs_app.selectors.jobs import job_outlook
from jobs_app.services import control, ledger, turns
from jobs_app.services.creation import job_create, job_create_many

pytestmark = pytest.mark.django_db


def claimed(number: int) -> list[Job]:
    jobs = [ledger.job_claim_next(queue="default", worker="test") for _ in range(number)]
    return [job for job in jobs if job is not None]


def waiting(owner: Any, number: int) -> list[Job]:
    return job_create_many(job_type="ping", items=[{}] * number, owner_id=owner.pk, parent=None)


@pytest.fixture
def many(make_user: Callable[..., Any]) -> Any:
    return make_user("many")


@pytest.fixture
def few(make_user: Callable[..., Any]) -> Any:
    return make_user("few")


def test_one_job_after_two_hundred_of_another_is_among_the_next_three(many: Any, few: Any) -> None:
    waiting(many, 200)
    claimed(20)
    one = job_create(job_type="ping", owner_id=few.pk)
    assert job_outlook(one).queue_position in (1, 2, 3)
    assert one.pk in {job.pk for job in claimed(3)}


def test_jobs_created_one_by_one_take_turns_too(many: Any, few: Any) -> None:
    for _ in range(4):
        job_create(job_type="ping", owner_id=many.pk)
    for _ in range(3):
        job_create(job_type="ping", owner_id=few.pk)
    owners = ["many" if job.owner_id == many.pk else "few" for job in claimed(7)]
    assert owners == ["many", "few", "many", "few", "many", "few", "many"]


def test_an_owner_cannot_save_up_turns_by_waiting(many: Any, few: Any) -> None:
    waiting(many, 50)
    claimed(40)
    waiting(few, 20)
    owners = [job.owner_id for job in claimed(10)]
    assert owners.count(many.pk) == owners.count(few.pk) == 5


def test_one_owners_jobs_are_served_in_their_order(many: Any) -> None:
    jobs = waiting(many, 5)
    jobs.append(job_create(job_type="ping", owner_id=many.pk))
    assert [job.pk for job in claimed(6)] == [job.pk for job in jobs]


def test_what_staff_run_now_goes_first(many: Any) -> None:
    *_, last = waiting(many, 10)
    control.job_execute(job_id=last.pk)
    assert [job.pk for job in claimed(1)] == [last.pk]


def test_a_job_whose_key_is_busy_is_passed_over_and_holds_nobody_up(many: Any) -> None:
    first, second, third = waiting(many, 3)
    Job.objects.filter(pk__in=[first.pk, second.pk]).update(exclusive_key="one at a time")
    assert [job.pk for job in claimed(3)] == [first.pk, third.pk]


def test_a_message_too_many_finds_nothing_to_do() -> None:
    job_create(job_type="ping")
    assert [job_run_next(queue="default", worker="test") for _ in range(3)] == [
        "completed", "not_claimed", "not_claimed",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_get_a_job_each(many: Any) -> None:
    waiting(many, 8)
    found: list[Any] = []
    barrier = threading.Barrier(8)

    def worker() -> None:
        barrier.wait()
        try:
            found.append(ledger.job_claim_next(queue="default", worker="test"))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({job.pk for job in found if job is not None}) == 8


def test_claim_and_turn_read_a_handful_of_pages_however_many_wait(many: Any, few: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_app_job (id, created_at, updated_at, job_type, status, priority, is_group, input,"
            " metadata, trigger, progress, stage, attempts, max_attempts, quarantined, worker, owner_id, turn,"
            " dispatched_at) SELECT gen_random_uuid(), now(), now(), 'ping', 'pending', 'medium', false, '{}', '{}',"
            " 'api', 0, '', 0, 3, false, '', %s, n, now() FROM generate_series(1, 30000) n",
            [many.pk],
        )
        cursor.execute("ANALYZE jobs_app_job")
        for statement, parameters in (
            (
                ledger._CLAIM_NEXT,
                {"queue": "default", "worker": "w", "token": few.pk, "lease": 30, "kinds": ["ping"]},
            ),
            (
                f"SELECT {turns.turn_expression(few.pk)}",
                {"owner": few.pk, "queue": "default"},
            ),
        ):
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement, parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
            assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 200, plan

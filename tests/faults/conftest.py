"""One stack of processes for all fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.harness import FULL, Stack, running_stack

LEASE_SECONDS, SWEEP_SECONDS = (30, 15) if FULL else (10, 3)
"""The full form keeps those of production."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("faults") / "checkout"
    with running_stack(folder, JOB_LEASE_SECONDS=str(LEASE_SECONDS), JOB_PROCESSES="2") as running:
        with running.database() as connection:  # the sweeper as an operator may set it, so that nobody waits for it
            connection.execute(
                "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (%s, 'seconds')",
                [SWEEP_SECONDS],
            )
            connection.execute(
                "UPDATE django_celery_beat_periodictask SET interval_id = (SELECT max(id) FROM"
                " django_celery_beat_intervalschedule), expire_seconds = 60 WHERE name = 'job-sweeper'"
            )
            connection.execute("UPDATE django_celery_beat_periodictasks SET last_update = now()")
        yield running

"""Shared fixtures: started servers, users, API clients, and a way to run the jobs of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.support.environment import TEST_VAR


@pytest.fixture(scope="session")
def embedded_servers() -> Iterator[None]:
    """The embedded PostgreSQL and Valkey, started or attached to; the last test process that leaves stops them."""
    from tutor_project.embedded import ensure_postgres, ensure_redis

    TEST_VAR.mkdir(parents=True, exist_ok=True)
    ensure_postgres(TEST_VAR, durable=False)
    ensure_redis(TEST_VAR)
    yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(embedded_servers: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have the servers before the test database is made."""


@pytest.fixture(scope="session", autouse=True)
def _flush_with_cascade() -> Iterator[None]:
    """Let transactional tests empty the tables: waffle's own flag table, swapped for ours, still refers to groups."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    original = DatabaseOperations.sql_flush

    def sql_flush(
        self: Any, style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> Any:
        return original(self, style, tables, reset_sequences=reset_sequences, allow_cascade=True)

    DatabaseOperations.sql_flush = sql_flush
    yield
    DatabaseOperations.sql_flush = original


@pytest.fixture(autouse=True)
def _fresh_runtime_settings() -> Iterator[None]:
    """No test sees the runtime settings and flags of another."""
    from tutor_project.common import flags, runtime

    runtime.invalidate()
    flags.invalidate()
    yield
    runtime.invalidate()
    flags.invalidate()


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Any) -> None:
    """Each test stores files in a folder of its own, and caches (throttles, flags) under keys of its own."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": str(tmp_path)}}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of the password of every user here, made once: to make it is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password("correct horse 9")


@pytest.fixture
def make_user(db: None, password_hash: str) -> Callable[..., Any]:
    """Return a maker of users; their password is "correct horse 9"."""
    from django.contrib.auth import get_user_model

    def make(username: str, **fields: Any) -> Any:
        user = get_user_model().objects.create_user(username=username, **fields)
        user.password = password_hash
        user.save(update_fields=["password"])
        return user

    return make


@pytest.fixture
def learner(make_user: Callable[..., Any]) -> Any:
    """A learner."""
    return make_user("learner")


@pytest.fixture
def staff(make_user: Callable[..., Any]) -> Any:
    """A member of staff."""
    return make_user("staff", is_staff=True, is_superuser=True)


def client_for(user: Any) -> APIClient:
    """Return a client with a real token of ``user``."""
    from tutor_project.accounts.services import token_create

    client = APIClient()
    _, token, _ = token_create(user=user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def api(learner: Any) -> APIClient:
    """A client of the learner."""
    return client_for(learner)


@pytest.fixture
def staff_api(staff: Any) -> APIClient:
    """A client of the member of staff."""
    return client_for(staff)


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Run every due job of the ledger in this process, as a worker would; returns their number.

    Messages are not needed: the rows are the truth.
    """

    def run() -> int:
        from jobs_app.models import Job
        from jobs_app.runner import job_run

        count = 0
        while job := Job.objects.filter(status="pending", is_group=False).order_by("id").first():
            assert job_run(job_id=job.pk, worker="test") != "not_claimed"
            count += 1
        return count

    return run


__all__ = [
    "_flush_with_cascade",
    "_fresh_runtime_settings",
    "_own_folders",
    "api",
    "django_db_modify_db_settings",
    "embedded_servers",
    "learner",
    "make_user",
    "password_hash",
    "run_jobs",
    "set_runtime",
    "staff",
    "staff_api",
]


@pytest.fixture
def set_runtime(settings: Any) -> Callable[[str, Any], None]:
    """Return a way to change a runtime setting for one test."""

    from tutor_project.common import runtime

    def change(key: str, value: Any) -> None:
        declared = settings.RUNTIME_SETTINGS
        settings.RUNTIME_SETTINGS = {**declared, key: replace(declared[key], default=value)}
        runtime.invalidate()

    return change

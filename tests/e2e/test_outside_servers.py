"""The stack on servers of somebody else: nothing of it is embedded, and it does the main job all the same."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.e2e.outside import OutsidePostgres, OutsideRedis, free_port
from tests.e2e.test_stack import COMMAND_TIMEOUT_SECONDS, KEPT_VARIABLES, NOT_COPIED, ROOT
from tutor_project.stack.client import TutorClient
from tutor_project.stack.main_job import check_citations, run_main_job

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Deployment:
    """A copy of the repository whose environment names its servers."""

    folder: Path
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['PORT']}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )  # fmt: skip


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OutsidePostgres, OutsideRedis]]:
    folder = tmp_path_factory.mktemp("outside")
    database, broker = OutsidePostgres(folder / "db"), OutsideRedis(folder / "broker")
    try:
        database.ensure()
        broker.ensure()
        yield database, broker
    finally:
        broker.stop()
        database.stop()


def storage(folder: Path) -> dict[str, str]:
    """Uploads in files."""
    return {"STORAGE_OPTIONS": json.dumps({"location": str(folder / "uploads")})}


@pytest.fixture(scope="module")
def deployment(
    servers: tuple[OutsidePostgres, OutsideRedis], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment") / "checkout"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    database, broker = servers
    made = Deployment(folder, {
        **kept, **storage(folder), "PORT": str(free_port()), "DATABASE_URL": database.tcp_url,
        "REDIS_URL": broker.tcp_url, "SECRET_KEY": secrets.token_urlsafe(64), "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "false",
    })  # fmt: skip
    started = made.run("-m", "tutor_project.stack", "up")
    assert started.returncode == 0, started.stdout + started.stderr
    yield made
    made.run("-m", "tutor_project.stack", "down")
    shutil.rmtree(folder, ignore_errors=True)


def test_the_main_job_on_outside_servers(deployment: Deployment, servers: tuple[OutsidePostgres, OutsideRedis]) -> None:
    client = TutorClient(deployment.url)
    client.register()
    result = run_main_job(client, ROOT / "samples" / "photosynthesis.md", lambda what, percent: None)
    assert check_citations(client, result) > 0
    database, _ = servers
    with psycopg.connect(database.tcp_url) as connection:
        row = connection.execute(
            "SELECT rolsuper, current_setting('listen_addresses') FROM pg_roles WHERE rolname = current_user"
        )
        assert row.fetchone() == (False, "127.0.0.1")
        jobs = connection.execute("SELECT count(*) FROM jobs_app_job WHERE status = 'completed'").fetchone()
    assert jobs is not None
    assert jobs[0] > 0
    assert client.ready("worker")


def test_nothing_embedded_was_started(deployment: Deployment) -> None:
    assert not (deployment.folder / "var" / "postgres").exists()
    assert not (deployment.folder / "var" / "redis").exists()
    assert not (deployment.folder / "var" / "credentials.json").exists()  # accounts are the operator's


def test_down_leaves_the_outside_servers_alone(
    deployment: Deployment, servers: tuple[OutsidePostgres, OutsideRedis]
) -> None:
    assert deployment.run("-m", "tutor_project.stack", "down").returncode == 0
    assert all(server.answers() for server in servers)

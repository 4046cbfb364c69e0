"""The servers of a stack are watched like its processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor_project import embedded
from tutor_project.embedded import EmbeddedServerError
from tutor_project.stack import servers as module
from tutor_project.stack.servers import Servers


class Fake:
    """PostgreSQL, as far as the stack sees it; Valkey is configured elsewhere."""

    def __init__(self) -> None:
        self.lives = False
        self.starts = 0
        self.refusals = 0
        self.changed = threading.Condition()

    def ensure(self, var_dir: Path, durable: bool = True) -> str:
        with self.changed:
            self.changed.notify_all()
            if self.refusals:
                self.refusals -= 1
                raise EmbeddedServerError("the disk is full")
            self.lives = True
            self.starts += 1
        return ""

    def die(self) -> None:
        self.lives = False

    def wait(self, what: str, value: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: getattr(self, what) == value, timeout=10)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(module, "LOOK_EVERY_SECONDS", 0.005)
    monkeypatch.setattr(module, "RETRY_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(module, "EMBEDDED_REDIS", False)
    monkeypatch.setattr(embedded, "ensure_postgres", fake.ensure)
    monkeypatch.setattr(embedded, "postgres_answers", lambda var_dir: fake.lives)
    monkeypatch.setattr(embedded, "stop", lambda var_dir: fake.die())
    return fake


@pytest.fixture
def kept(server: Fake, tmp_path: Path) -> Iterator[tuple[Servers, list[str]]]:
    said: list[str] = []
    servers = Servers(tmp_path, said.append)
    servers.start(lambda what: None)
    yield servers, said
    servers.stop()


def test_a_server_that_dies_is_started_again(server: Fake, kept: tuple[Servers, list[str]]) -> None:
    servers, said = kept
    server.die()
    server.wait("starts", 2)
    servers.stop()
    assert servers.all_there()
    assert said == ["PostgreSQL does not answer; starting it again", "PostgreSQL answers again"]


def test_a_server_that_cannot_start_is_tried_until_it_can(server: Fake, kept: tuple[Servers, list[str]]) -> None:
    servers, said = kept
    server.refusals = 3
    server.die()
    server.wait("refusals", 2)
    assert not servers.all_there()
    server.wait("starts", 2)
    assert said.count("the disk is full") == 3


def test_what_is_stopped_on_purpose_stays_stopped(server: Fake, kept: tuple[Servers, list[str]]) -> None:
    servers, _ = kept
    servers.stop()
    assert not server.lives
    assert server.starts == 1

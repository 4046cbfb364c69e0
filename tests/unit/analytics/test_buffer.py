"""The fact buffer: bounded, never silent, harmless to fork."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DataError, OperationalError

from analytics_app.domain.facts import Fact
from analytics_app.services.buffer import FactBuffer


class Store:
    """A writer that can be broken on purpose."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.losses: list[dict[str, int]] = []
        self.error: Exception | None = None
        self.bad: set[str] = set()
        self.expired = 0

    def write(self, facts: Sequence[Fact]) -> Any:
        if self.error is not None:
            raise self.error
        if self.bad & {fact.kind for fact in facts}:
            raise DataError("bad")
        self.facts += facts
        return SimpleNamespace(expired=self.expired)

    def write_losses(self, process: str, losses: dict[str, int]) -> None:
        self.losses.append(losses)


def fact(number: int, kind: str = "event") -> Fact:
    return Fact(kind, (number,))


@pytest.fixture
def store() -> Store:
    return Store()


def buffer_of(store: Store, **options: Any) -> FactBuffer:
    return FactBuffer(store.write, store.write_losses, **({"threaded": False} | options))


def test_facts_are_written_in_order(store: Store) -> None:
    buffer = buffer_of(store, batch=3)
    for number in range(8):
        assert buffer.add(fact(number))
    assert buffer.flush()
    assert [item.values[0] for item in store.facts] == list(range(8))
    assert buffer.state().waiting == 0


def test_a_full_buffer_counts_what_it_cannot_take_and_reports_it_later(store: Store) -> None:
    buffer = buffer_of(store, capacity=5)
    taken = [buffer.add(fact(number)) for number in range(9)]
    assert taken == [True] * 5 + [False] * 4
    assert buffer.state().lost == {"buffer_full": 4}
    assert buffer.flush()
    assert len(store.facts) == 5
    assert store.losses == [{"buffer_full": 4}]
    buffer.add(fact(10))
    buffer.flush()
    assert len(store.losses) == 1


def test_a_dead_database_keeps_the_facts_until_it_answers(store: Store) -> None:
    buffer = buffer_of(store)
    buffer.add(fact(1))
    store.error = OperationalError("gone")
    assert not buffer.flush()
    state = buffer.state()
    assert (state.waiting, state.last_error) == (1, "OperationalError")
    assert state.failing_since is not None
    store.error = None
    assert buffer.flush()
    assert len(store.facts) == 1
    assert buffer.state().failing_since is None


def test_a_fact_the_database_refuses_does_not_hold_up_the_others(store: Store) -> None:
    store.bad = {"bad"}
    buffer = buffer_of(store)
    for number, kind in enumerate(("event", "bad", "event")):
        buffer.add(fact(number, kind))
    assert buffer.flush()
    assert [item.values[0] for item in store.facts] == [0, 2]
    assert buffer.state().lost == {"refused_by_database": 1}


def test_facts_of_dropped_days_are_counted_as_lost(store: Store) -> None:
    store.expired = 1
    buffer = buffer_of(store)
    buffer.add(fact(1))
    buffer.flush()
    assert buffer.state().lost == {"before_retention": 1}


def test_closing_writes_what_waits_and_counts_what_it_cannot_write(store: Store) -> None:
    buffer = buffer_of(store)
    buffer.add(fact(1))
    buffer.close()
    assert len(store.facts) == 1
    broken = buffer_of(store)
    broken.add(fact(2))
    store.error = OperationalError("gone")
    broken.close()
    assert broken.state().lost == {"process_ended": 1}


def test_the_flusher_writes_soon_and_outlives_any_error(store: Store) -> None:
    buffer = buffer_of(store, threaded=True, interval=0.01, backoff=(0.01,))
    store.error = RuntimeError("a bug")
    buffer.add(fact(1))
    wait_until(lambda: buffer.state().last_error == "RuntimeError")
    store.error = None
    wait_until(lambda: len(store.facts) == 1)
    buffer.close()


def test_many_threads_lose_nothing(store: Store) -> None:
    buffer = buffer_of(store, threaded=True, interval=0.001, batch=50)

    def add() -> None:
        for number in range(500):
            buffer.add(fact(number))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    buffer.close()
    assert len(store.facts) == 4000


def test_a_forked_child_starts_empty_and_writes_its_own(store: Store) -> None:
    buffer = buffer_of(store)
    buffer.add(fact(1))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        buffer.after_fork()
        buffer.add(fact(2))
        buffer.flush()
        os.write(writer, repr([item.values[0] for item in store.facts]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100) == b"[2]"
    buffer.flush()
    assert [item.values[0] for item in store.facts] == [1]


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)

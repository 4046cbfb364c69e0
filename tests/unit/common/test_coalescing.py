"""Readings shared by those who ask at the same time: never an old one, never two at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tutor_project.common import coalescing
from tutor_project.common.coalescing import coalesced


class Reading:
    """Counts its runs, and lets each end only when it is told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.started = threading.Semaphore(0)
        self.ends = threading.Semaphore(0)

    def __call__(self) -> int:
        self.runs += 1
        number = self.runs
        self.started.release()
        assert self.ends.acquire(timeout=10)
        return number


def waiting(key: str) -> bool:
    return key in coalescing._next


def until(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_those_who_come_while_a_reading_runs_share_the_next_one() -> None:
    read = Reading()
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(coalesced, "shared", read)
        assert read.started.acquire(timeout=10)
        late = [pool.submit(coalesced, "shared", read) for _ in range(5)]
        until(lambda: waiting("shared"))
        time.sleep(0.05)
        read.ends.release(2)
        assert first.result(10) == 1
        assert [future.result(10) for future in late] == [2] * 5
    assert read.runs == 2
    assert not coalescing._running and not coalescing._next


def test_callers_one_after_the_other_each_read_anew() -> None:
    numbers = iter(range(9))
    assert [coalesced("alone", lambda: next(numbers)) for _ in range(3)] == [0, 1, 2]


def test_other_keys_do_not_wait() -> None:
    read = Reading()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(coalesced, "held", read)
        assert read.started.acquire(timeout=10)
        assert coalesced("free", lambda: "at once") == "at once"
        read.ends.release()
        assert held.result(10) == 1


def test_a_failure_reaches_all_who_shared_it_and_nobody_after_them() -> None:
    read = Reading()

    def fail() -> int:
        read()
        raise ValueError("no")

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(coalesced, "broken", fail)
        assert read.started.acquire(timeout=10)
        late = [pool.submit(coalesced, "broken", fail) for _ in range(3)]
        until(lambda: waiting("broken"))
        read.ends.release(4)
        for future in [first, *late]:
            with pytest.raises(ValueError, match="no"):
                future.result(10)
    assert coalesced("broken", lambda: 7) == 7

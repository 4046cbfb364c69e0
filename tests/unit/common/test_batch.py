"""Row E9: bounded concurrency, batches with pauses, a result for every item."""

from __future__ import annotations

import threading
import time
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_project.common.batch import iterate_batch, process_batch


@given(st.lists(st.integers(-5, 5), max_size=25), st.integers(1, 7), st.integers(1, 4))
def test_no_item_is_dropped_and_order_is_kept(items: list[int], batch_size: int, concurrency: int) -> None:
    results = process_batch(items, lambda item: 10 // item, batch_size=batch_size, concurrency=concurrency)
    assert [(result.index, result.item) for result in results] == list(enumerate(items))
    for result in results:
        assert result.success == (result.item != 0)
        if result.success:
            assert result.value == 10 // result.item
        else:
            assert isinstance(result.error, ZeroDivisionError)


def test_never_more_at_once_than_allowed() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    process_batch(range(12), work, batch_size=12, concurrency=3)
    assert 2 <= most <= 3


def test_pause_is_between_batches_only() -> None:
    pauses: list[float] = []
    process_batch(range(7), str, batch_size=3, concurrency=1, delay_seconds=0.5, sleep=pauses.append)
    assert pauses == [0.5, 0.5]


def test_concurrency_of_one_stays_in_the_calling_thread() -> None:
    results = process_batch(range(3), lambda item: threading.get_ident(), concurrency=1)
    assert {result.value for result in results} == {threading.get_ident()}


def test_endless_source_is_read_batch_by_batch() -> None:
    results = list(islice(iterate_batch(count(), str, batch_size=4, concurrency=2), 6))
    assert [result.value for result in results] == ["0", "1", "2", "3", "4", "5"]


def test_order_to_stop_is_passed_on() -> None:
    def stop(item: int) -> None:
        raise KeyboardInterrupt

    for concurrency in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            process_batch([1, 2], stop, concurrency=concurrency)


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"concurrency": 0}, {"delay_seconds": -1.0}])
def test_senseless_limits_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        process_batch([1], str, **options)  # type: ignore[arg-type]

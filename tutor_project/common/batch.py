"""Process many items with bounded concurrency: every item comes back, with its value or its error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

ItemT = TypeVar("ItemT")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class ItemResult(Generic[ItemT, ValueT]):
    """What came of one item: ``value`` when ``success``, otherwise the exception. ``index`` is its position."""

    index: int
    item: ItemT
    success: bool
    value: ValueT | None = None
    error: Exception | None = None


def process_batch(
    items: Iterable[ItemT],
    process: Callable[[ItemT], ValueT],
    *,
    batch_size: int = 10,
    concurrency: int = 4,
    delay_seconds: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> list[ItemResult[ItemT, ValueT]]:
    """Return one result for each item, in the order of ``items``.

    Batches of ``batch_size`` run one after the other with ``delay_seconds`` between them; inside a batch at
    most ``concurrency`` items run at once, each in a thread with its own database connection, which is closed
    behind it. With a concurrency of 1 everything runs in the calling thread (and in its transaction). An
    exception of one item never touches another; an order to stop (``BaseException``) is passed on.
    """
    return list(
        iterate_batch(
            items, process, batch_size=batch_size, concurrency=concurrency, delay_seconds=delay_seconds, sleep=sleep
        )
    )


def iterate_batch(
    items: Iterable[ItemT],
    process: Callable[[ItemT], ValueT],
    *,
    batch_size: int,
    concurrency: int,
    delay_seconds: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ItemResult[ItemT, ValueT]]:
    """Yield the results of ``process_batch`` batch by batch; ``items`` may be endless."""
    if batch_size < 1 or concurrency < 1 or delay_seconds < 0:
        raise ValueError("batch_size and concurrency must be at least 1, and delay_seconds not negative")
    numbered = enumerate(items)
    first = True
    while batch := list(islice(numbered, batch_size)):
        if not first and delay_seconds:
            sleep(delay_seconds)
        first = False
        if concurrency == 1:
            for index, item in batch:
                yield _one(process, index, item)
            continue
        with ThreadPoolExecutor(max_workers=min(concurrency, len(batch)), thread_name_prefix="batch") as pool:
            futures = [pool.submit(_one_in_thread, process, index, item) for index, item in batch]
            results = [future.result() for future in futures]
        yield from results


def _one(process: Callable[[ItemT], ValueT], index: int, item: ItemT) -> ItemResult[ItemT, ValueT]:
    try:
        return ItemResult(index, item, True, value=process(item))
    except Exception as failure:  # noqa: BLE001  logged and returned as the item's result
        log.warning("batch_item_failed", index=index, error_class=type(failure).__name__)
        return ItemResult(index, item, False, error=failure)


def _one_in_thread(process: Callable[[ItemT], ValueT], index: int, item: ItemT) -> ItemResult[ItemT, ValueT]:
    try:
        return _one(process, index, item)
    finally:
        _close_thread_connections()


def _close_thread_connections() -> None:
    """Close the database connections this pool thread opened: nobody else can, and the thread ends soon."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()

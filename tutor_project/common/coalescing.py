"""Sharing one reading among callers who ask for the same thing at the same time.

A caller never gets a reading that began before it asked, so it sees everything that was committed by then; those who come
while one is under way wait for the next and share it. However many ask, a process reads one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

Result = TypeVar("Result")

_lock = Lock()
_running: dict[Hashable, Future[Any]] = {}
_next: dict[Hashable, Future[Any]] = {}


def coalesced(key: Hashable, read: Callable[[], Result]) -> Result:
    """Return what a ``read`` returns that began after this call, the caller's or another's of the same ``key``.

    Raises what it raises. The result is shared: nobody may change it.
    """
    with _lock:
        under_way, mine = _running.get(key), _next.get(key)
        if mine is None:
            mine = Future()
            (_running if under_way is None else _next)[key] = mine
            leads = True
        else:
            leads = False
    if not leads:
        return mine.result()  # type: ignore[no-any-return]
    if under_way is not None:
        under_way.exception()  # waits; whether it failed is no matter here
        with _lock:
            _running[key] = _next.pop(key)
    try:
        mine.set_result(read())
    except BaseException as error:  # noqa: BLE001 - raised again below, to all who wait
        mine.set_exception(error)
    finally:
        with _lock:
            if _running.get(key) is mine:
                del _running[key]
    return mine.result()  # type: ignore[no-any-return]

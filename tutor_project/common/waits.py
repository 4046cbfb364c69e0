"""Waiting for somebody else's answer: whoever runs the work may stop its clock meanwhile, and call the wait off.

The model gateway says when it waits; the worker that runs the job listens (``jobs_app.leases``). Elsewhere nobody does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

Listener = Callable[[], AbstractContextManager[None]]


class CalledOff(BaseException):
    """Raised inside a wait whose work somebody cancelled; no ``except Exception`` on the way catches it."""


_listener: Listener = nullcontext


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have the waits of this process's main thread run inside ``listener()`` while the block runs there.

    A block of another thread has no waits to listen to, and would end in another order than it began.
    """
    global _listener
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


def elsewhere() -> AbstractContextManager[None]:
    """Enclose a wait for an answer that has a time-out of its own."""
    return _listener() if threading.current_thread() is threading.main_thread() else nullcontext()

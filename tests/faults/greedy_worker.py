"""A worker with two greedy kinds of jobs: ``celery --app tests.faults.greedy_worker worker``. It creates one of each."""

from __future__ import annotations

import re
import time
from typing import Any

from celery import signals

from tests.faults.conftest import LEASE_SECONDS
from tutor_project.celery import app

CATASTROPHE = re.compile(r"(a+)+$")


def _never_returns(context: Any) -> None:
    """One call that does not come back to the interpreter: no signal and no other thread of the process is heard."""
    CATASTROPHE.match("a" * 60 + "b")


def _returns_late(context: Any) -> dict[str, Any]:
    """Calls of a second or so in which no other thread runs, for longer than a lease."""
    ends = time.monotonic() + 1.5 * LEASE_SECONDS
    while time.monotonic() < ends:
        CATASTROPHE.match("a" * 24 + "b")
    return {"done": True}


@signals.worker_ready.connect
def begin(**kwargs: Any) -> None:
    from jobs_app.services.creation import job_create

    for name in ("never_returns", "returns_late"):
        job_create(job_type=name)


@app.on_after_finalize.connect
def add_kinds(**kwargs: Any) -> None:
    from jobs_app.registry import JobKind, is_known, register

    if not is_known("never_returns"):
        register(JobKind(name="never_returns", handler=_never_returns, processor_limit=4))
        register(JobKind(name="returns_late", handler=_returns_late))

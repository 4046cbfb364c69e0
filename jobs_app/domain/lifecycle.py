"""The life of a job: states and the one table of legal transitions."""

from __future__ import annotations

import random
from enum import StrEnum

from tutor_project.common.errors import Conflict


class JobStatus(StrEnum):
    """States of a job; the last three are final until somebody retries."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    # A pending job is claimed, cancelled, or refused without a run (its kind is unknown, its input is poison).
    JobStatus.PENDING: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED, JobStatus.FAILED}),
    # A running job ends, or goes back to wait after a lost lease or a transient failure.
    JobStatus.RUNNING: frozenset({JobStatus.PENDING, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.FAILED: frozenset({JobStatus.PENDING}),
    JobStatus.CANCELLED: frozenset({JobStatus.PENDING}),
}

FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
ACTIVE = frozenset({JobStatus.PENDING, JobStatus.RUNNING})


class IllegalTransition(Conflict):
    """409: the job's present state does not allow the change."""

    code = "job_transition_illegal"
    detail = "A {source} job cannot become {target}."


def ensure_transition(source: str, target: str) -> None:
    """Raise IllegalTransition unless ``source → target`` is in the table."""
    if JobStatus(target) not in TRANSITIONS[JobStatus(source)]:
        raise IllegalTransition(source=source, target=target)


def backoff_seconds(attempt: int, *, base: float, ceiling: float, rng: random.Random) -> float:
    """Return the wait before the next attempt: exponential with full jitter (AWS Architecture Blog, 2015).

    ``attempt`` is the 1-based number of the attempt that failed; the result lies in
    ``[base, min(ceiling, base * 2**attempt)]`` seconds.
    """
    return max(base, rng.uniform(0, min(ceiling, base * 2**attempt)))

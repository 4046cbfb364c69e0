"""Kinds of jobs: what may be asked for, by whom, and how it runs.

Apps declare their kinds in ``job_kinds.py``, discovered at start-up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import psycopg
import redis
from django.db import InterfaceError, OperationalError
from pydantic import BaseModel, ConfigDict, ValidationError

from jobs_app.errors import JobDataInvalid, JobKindUnknown
from jobs_app.limits import Limits
from tutor_project.common.errors import ServiceUnavailable

if TYPE_CHECKING:
    from jobs_app.context import JobContext
    from jobs_app.models import Job

Creator = Literal["learner", "staff", "system"]

QUEUE_OF_PRIORITY = {"high": "high", "medium": "default", "low": "low"}
MODEL_QUEUE = "model"

TRANSIENT_ERRORS: tuple[type[BaseException], ...] = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    redis.ConnectionError,
    redis.TimeoutError,
    ServiceUnavailable,
)
"""What may pass by itself: the database or Redis restarts, a service is busy. COPY raises the driver's own errors."""


class JobInput(BaseModel):
    """Base of input schemas: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NoInput(JobInput):
    """A job without input."""


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """How a group ended: its result, and the error code and sentence when nothing in it succeeded."""

    result: dict[str, Any]
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    - ``handler(context)`` does the work and returns the result; ``creators`` may create it through the API.
    - ``asks_model``: it may wait for a language model, so it waits in the queue of such work.
    - ``exclusive`` gives a key for the input; of the jobs with one key only one runs at a time.
    - ``on_end(job, code, message)`` tidies up after a failed or cancelled job, in the transaction that ends it.
    - ``summarise(group, children)`` and ``after_group(group)`` are for groups only.
    - ``time_limit`` and ``processor_limit`` are in seconds, ``memory_limit`` is in MiB. A job that exceeds one is stopped,
      ends with the code of that limit, and is not tried again.

    Transient errors are retried after an exponential, jittered wait.
    """

    name: str
    handler: Callable[[JobContext], dict[str, Any] | None] | None
    input_schema: type[BaseModel] = NoInput
    creators: frozenset[Creator] = frozenset({"system"})
    priority: str = "medium"
    asks_model: bool = False
    max_attempts: int = 3
    time_limit: int = 600
    processor_limit: float = math.inf
    memory_limit: int = 2048
    transient: tuple[type[BaseException], ...] = TRANSIENT_ERRORS
    backoff_base: float = 2.0
    backoff_ceiling: float = 300.0
    exclusive: Callable[[dict[str, Any]], str | None] = field(default=lambda data: None)
    on_end: Callable[[Job, str, str], None] = field(default=lambda job, code, message: None)
    summarise: Callable[[Job, list[Job]], GroupOutcome] | None = None
    after_group: Callable[[Job], None] = field(default=lambda group: None)

    @property
    def limits(self) -> Limits:
        """What a run of this kind may take of the machine."""
        return Limits(self.time_limit, self.processor_limit, self.memory_limit)

    def queue(self, priority: str) -> str:
        """Return the queue in which jobs of this kind wait, which has processes of its own where they ask a model."""
        return MODEL_QUEUE if self.asks_model else QUEUE_OF_PRIORITY[priority]

    @property
    def is_group(self) -> bool:
        """Tell whether jobs of this kind only gather children."""
        return self.handler is None

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the input as stored; raises JobDataInvalid naming the field."""
        try:
            return self.input_schema.model_validate(data).model_dump(mode="json")
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(str(part) for part in first["loc"])
            raise JobDataInvalid(reason=first["msg"], attr=f"job_data.{path}" if path else "job_data") from error


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Add a kind; two kinds of one name are a programming error."""
    if kind.name in _kinds:
        raise ValueError(f"job kind {kind.name!r} is registered twice")
    _kinds[kind.name] = kind
    return kind


def get_kind(name: str) -> JobKind:
    """Return the kind of this name; raises JobKindUnknown."""
    try:
        return _kinds[name]
    except KeyError:
        raise JobKindUnknown(job_type=name, attr="job_type") from None


def is_known(name: str) -> bool:
    """Tell whether a kind of this name is registered."""
    return name in _kinds


def kind_names() -> list[str]:
    """Return the names of all registered kinds, sorted."""
    return sorted(_kinds)

"""Tools are invoked through one door: bounded retries, a uniform result, always one fact."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import structlog

from tutor_project.common.errors import DomainError
from tutor_project.llm.ports import FactSink, record_fact
from tutor_project.llm.retries import RetryPolicy

T = TypeVar("T")

log = structlog.get_logger(__name__)

TOOL_RETRY = RetryPolicy(tries=3, first_delay=0.5, max_delay=2.0, factor=2.0)


@dataclass(frozen=True, slots=True)
class ToolResult(Generic[T]):
    """The outcome of a tool: ``result`` when ``success``, otherwise ``error`` (a sentence or a class name)."""

    success: bool
    result: T | None
    error: str | None
    execution_time_ms: float
    retry_count: int

    def as_dict(self) -> dict[str, Any]:
        """Return success, result, error, execution time in milliseconds and the number of retries."""
        return asdict(self)


def invoke_tool_safely(
    tool_name: str,
    tool: Callable[[], T],
    *,
    user_id: str | None = None,
    session_id: str | None = None,
    agent_version: str | None = None,
    give_up_on: tuple[type[Exception], ...] = (),
    facts: FactSink = record_fact,
    policy: RetryPolicy = TOOL_RETRY,
    sleep: Callable[[float], None] = time.sleep,
) -> ToolResult[T]:
    """Run ``tool`` with at most two retries (0.5 s, 1 s apart, never above 2 s) and return what came of it.

    Never raises an ``Exception`` of the tool; failures of a ``give_up_on`` class are not tried again. One
    tool-invocation fact is recorded in any case, also when the process is told to stop, which is passed on.
    """
    started = time.monotonic()
    failure: BaseException | None = None
    tries = 0
    result: T | None = None
    try:
        for number in range(1, policy.tries + 1):
            tries, failure = number, None
            try:
                result = tool()
                break
            except Exception as error:  # noqa: BLE001  logged, recorded and returned
                failure = error
                log.warning("tool_failed", tool=tool_name, attempt=number, error_class=type(error).__name__)
                if number == policy.tries or isinstance(error, give_up_on):
                    break
            sleep(policy.delay_after(number))
    except BaseException as stop:
        failure = stop
        raise
    finally:
        elapsed_ms = (time.monotonic() - started) * 1000
        facts(
            "tool_invocation",
            tool_name=tool_name, latency_ms=elapsed_ms, success=failure is None, retry_count=tries - 1,
            error_code=None if failure is None else _code(failure),
            user_id=user_id, session_id=session_id, agent_version=agent_version,
        )  # fmt: skip
    return ToolResult(failure is None, result, None if failure is None else _sentence(failure), elapsed_ms, tries - 1)


def _code(failure: BaseException) -> str:
    return failure.code if isinstance(failure, DomainError) else type(failure).__name__


def _sentence(failure: BaseException) -> str:
    # Only our own errors are written to be read; a foreign message may hold data or secrets.
    return failure.message if isinstance(failure, DomainError) else type(failure).__name__

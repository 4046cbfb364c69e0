"""One step of the tutor that may fail by surprise, such as judging a summary: tried again, and recorded as one fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tutor_project.common.errors import DomainError
from tutor_project.llm.tools import invoke_tool_safely

T = TypeVar("T")


class ToolFailed(DomainError):
    """503: a tool failed on every try; the log names what happened."""

    code = "tool_unavailable"
    status = 503
    detail = "The tutor could not do this ({tool}). Try again in a minute."


def tool_use(*, user_id: object, session_id: object | None, name: str, tool: Callable[[], T]) -> T:
    """Return what ``tool`` gives; a surprise is tried again twice, then ToolFailed is raised. Its own DomainError is raised at once."""
    refusals: list[DomainError] = []

    def once() -> T:
        try:
            return tool()
        except DomainError as refusal:
            refusals.append(refusal)
            raise

    used = invoke_tool_safely(
        name,
        once,
        user_id=str(user_id),
        session_id=str(session_id) if session_id else None,
        give_up_on=(DomainError,),
    )
    if refusals:
        raise refusals[0]
    if not used.success:
        raise ToolFailed(tool=name)
    return used.result  # type: ignore[return-value]

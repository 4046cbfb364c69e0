"""The one error taxonomy of the project.

A domain error carries a stable machine ``code``, the HTTP ``status`` it maps to, a sentence that names
the cure, and typed data. The same code is stored on failed jobs and sent in SSE ``error`` events.
Pure Python: ``domain`` packages import this module, so it must never import Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """Base of every expected failure.

    Subclasses set ``code`` (snake_case, unique), ``status`` and ``detail`` (a sentence with the cure;
    ``str.format`` fields are filled from ``data``). ``attr`` names the input field at fault. ``message`` is English;
    ``common.messages.said`` has it in the language of whoever asks. ``template`` is what it was filled into, None
    where it was given whole.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    detail: ClassVar[str] = "The request could not be carried out."

    def __init__(self, detail: str | None = None, *, attr: str | None = None, **data: Any) -> None:
        self.attr = attr
        self.data = data
        self.template = self.detail if detail is None else None
        self.message = fill(self.detail, data) if detail is None else detail
        super().__init__(self.message)


def fill(template: str, data: Mapping[str, Any]) -> str:
    """Return ``template`` with its ``{fields}`` filled in from ``data``."""
    return template.format_map(_Missing(data))


class _Missing(dict[str, Any]):
    """Leaves an unfilled ``{field}`` readable instead of raising while an error is being reported."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class InvalidInput(DomainError):
    """400: the input is malformed in a way a serializer cannot express."""

    code = "invalid_input"
    detail = "The input is not valid. Correct it and send it again."


class NotFound(DomainError):
    """404: absent, or not the caller's; the two are indistinguishable on purpose."""

    code = "not_found"
    status = 404
    detail = "There is no such object, or it is not yours."


class PermissionDenied(DomainError):
    """403: the caller is known and the object may be named, but the action is for others."""

    code = "permission_denied"
    status = 403
    detail = "You may not do this. Ask somebody with the right role."


class Conflict(DomainError):
    """409: the object is not in a state that allows the action."""

    code = "conflict"
    status = 409
    detail = "The object has changed or is in a state that does not allow this."


class ServiceUnavailable(DomainError):
    """503: something this request needs does not answer right now; trying again later is right."""

    code = "service_unavailable"
    status = 503
    detail = "A service this request needs does not answer. Try again in a minute."

"""Query parameters with a type: absent is None, ill-typed is a 400 that names the parameter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutor_project.common.errors import InvalidInput


class QueryInvalid(InvalidInput):
    """400: a query parameter is not of its type."""

    code = "query_invalid"
    detail = "{name} must be {expected}."


def uuid_asked(request: Any, name: str) -> UUID | None:
    """Return the parameter ``name`` as a UUID; raises QueryInvalid."""
    text = request.query_params.get(name)
    return as_uuid(text, name) if text else None


def as_uuid(value: Any, name: str) -> UUID:
    """Return ``value`` as a UUID; raises QueryInvalid."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise QueryInvalid(name=name, expected="a UUID", attr=name) from error


def whole_asked(request: Any, name: str, *, minimum: int, maximum: int) -> int | None:
    """Return the parameter ``name`` as a whole number within the bounds; raises QueryInvalid."""
    text = request.query_params.get(name)
    if text is None:
        return None
    # The length first: reading a number takes quadratic time in its digits.
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or not minimum <= int(text) <= maximum:
        raise QueryInvalid(name=name, expected=f"a whole number from {minimum} to {maximum}", attr=name)
    return int(text)


def choice_asked(request: Any, name: str, choices: tuple[str, ...]) -> str | None:
    """Return the parameter ``name`` if it is one of ``choices``; raises QueryInvalid."""
    text: str | None = request.query_params.get(name)
    if text and text not in choices:
        raise QueryInvalid(name=name, expected=f"one of {', '.join(choices)}", attr=name)
    return text or None

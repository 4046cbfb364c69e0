"""Query parameters with a type: absent is None, ill-typed is a 400 that names the parameter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutor_project.common.errors import InvalidInput


class PageInvalid(InvalidInput):
    """400: a parameter that chooses the page of a list is not a number in range."""

    code = "page_invalid"
    detail = "{name} must be a whole number from {minimum} to {maximum}."


def uuid_asked(request: Any, name: str) -> UUID | None:
    """Return the parameter ``name`` as a UUID; raises InvalidInput."""
    text = request.query_params.get(name)
    return as_uuid(text, name) if text else None


def as_uuid(value: Any, name: str) -> UUID:
    """Return ``value`` as a UUID; raises InvalidInput."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidInput(f"{name} must be a UUID.", attr=name) from error


def whole_asked(request: Any, name: str, *, minimum: int, maximum: int) -> int | None:
    """Return the parameter ``name`` as a whole number within the bounds; raises PageInvalid."""
    text = request.query_params.get(name)
    if text is None:
        return None
    # The length first: reading a number takes quadratic time in its digits.
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or not minimum <= int(text) <= maximum:
        raise PageInvalid(name=name, minimum=minimum, maximum=maximum, attr=name)
    return int(text)

"""Whose figures a request may see, and for which time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from rest_framework.request import Request

from analytics_app.domain.buckets import latest_range
from analytics_app.domain.errors import UnknownPeriod, UserNotFound
from sessions_app.errors import SessionNotFound
from sessions_app.selectors.cohort import SessionSpan, session_spans
from tutor_project.common.api.queries import as_uuid
from tutor_project.common.api.time_range import TimeRange, TimeRangeInvalid, parse_time_range
from tutor_project.common.text import sanitize

PERIODS = {"hour": "1h", "day": "24h", "week": "7d", "month": "30d"}


def figures_user(request: Request) -> UUID | None:
    """Whose figures: the caller's own; staff see everybody's, or one user's with ``user=``.

    Raises ``UserNotFound``, and ``InvalidInput`` when it is neither an id nor ``me``.
    """
    asked = request.query_params.get("user")
    if asked not in (None, "", "me"):
        as_uuid(asked, "user")
    if not request.user.is_staff:
        if asked not in (None, "", "me", str(request.user.pk)):
            raise UserNotFound(attr="user")
        return UUID(str(request.user.pk))
    return user_visible(request, asked) if asked else None


def user_visible(request: Request, name: str) -> UUID:
    """The id of the user called ``name`` (an id or ``me``) if the caller may see them; raises ``UserNotFound``."""
    if name == "me":
        return UUID(str(request.user.pk))
    try:
        user_id = UUID(name)
    except ValueError as error:
        raise UserNotFound from error
    if user_id == request.user.pk:
        return user_id
    if not request.user.is_staff or not get_user_model().objects.filter(pk=user_id).exists():
        raise UserNotFound
    return user_id


def session_visible(request: Request, session_id: UUID) -> SessionSpan:
    """The session if it is the caller's (any, for staff); raises ``SessionNotFound``."""
    for span in session_spans(session_ids=[session_id]):
        if request.user.is_staff or span.owner_id == request.user.pk:
            return span
    raise SessionNotFound


def sessions_writable(request: Request, values: Iterable[Any]) -> None:
    """Check that facts name only sessions the caller may write about; raises ``SessionNotFound``."""
    wanted: set[UUID] = set()
    for value in values:
        if value is not None:
            wanted.add(as_uuid(value, "session_id"))
    if not wanted:
        return
    allowed = {
        span.session_id
        for span in session_spans(session_ids=wanted)
        if request.user.is_staff or span.owner_id == request.user.pk
    }
    if wanted - allowed:
        raise SessionNotFound(attr="session_id")


def asked_text(request: Request, name: str) -> str | None:
    """The query parameter ``name`` without characters that the database cannot hold, if it is there."""
    value = request.query_params.get(name)
    return None if value is None else sanitize(value)


def asked_range(request: Request, *, default: str = "24h") -> TimeRange:
    """The range of the request's ``time_range`` or ``from``/``to``; raises ``TimeRangeInvalid``.

    A ``time_range`` longer than an hour begins at a full hour.
    """
    span = parse_time_range(request.query_params, default=default)
    if "from" in request.query_params or "to" in request.query_params:
        return span
    return _from_full_hour(span)


def since_until(request: Request, *, default: str = "30d") -> TimeRange:
    """The range of ``since``/``until``; raises ``TimeRangeInvalid``. A ``since`` that lies ahead finds nothing."""
    names = {"since": "from", "until": "to", "time_range": "time_range"}
    given = {to: request.query_params[name] for name, to in names.items() if request.query_params.get(name)}
    asked = {to: name for name, to in names.items()}
    if "to" in given and "from" not in given:
        given["from"] = parse_time_range({}, default=default).start.isoformat()
    try:
        return parse_time_range(given, default=default, open_ended=True)
    except TimeRangeInvalid as error:
        raise TimeRangeInvalid(attr=asked[error.attr or "time_range"]) from error


def period_range(request: Request) -> TimeRange:
    """The range of ``period=hour/day/week/month``, ``time_range`` or ``from``/``to``; raises ``UnknownPeriod``."""
    period = request.query_params.get("period")
    if period is None:
        return asked_range(request)
    if period not in PERIODS:
        raise UnknownPeriod(known=", ".join(PERIODS), attr="period")
    return _from_full_hour(parse_time_range({}, default=PERIODS[period]))


def _from_full_hour(span: TimeRange) -> TimeRange:
    return TimeRange(*latest_range(span.duration, span.end))

"""List actions: permission first, a bound on the rows, one service and one audit entry for each row."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from unfold.decorators import action

from tutor_project.common.console.audit import action_record
from tutor_project.common.errors import DomainError

MAX_ROWS = 500
"""Rows one action may touch: each runs a service in a transaction of its own while the person waits."""
SHOWN_REFUSALS = 3


def row_action(
    *, description: str, done: str, permission: str, icon: str | None = None, atomic: bool = True
) -> Callable[[Callable[[Any, Any, Any], Any]], Any]:
    """Make a list action of a method ``(admin, request, row)`` that calls one service.

    ``permission`` is a full name such as ``jobs_app.change_job``; ``done`` completes "3 jobs …"; it is empty
    for a method that says itself what came of it. Expected errors of a
    row are shown and leave that row alone. What waits for another server is not
    ``atomic``: no transaction is held. More than ``MAX_ROWS`` rows are refused before anything is changed.
    """

    def decorate(method: Callable[[Any, Any, Any], Any]) -> Any:
        def run(admin: Any, request: Any, queryset: Any) -> HttpResponse | None:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            rows = list(queryset[: MAX_ROWS + 1])
            if len(rows) > MAX_ROWS:
                admin.message_user(
                    request,
                    f"Nothing was changed: an action takes at most {MAX_ROWS} rows. Narrow the list with a filter, "
                    "then select again.",
                    messages.ERROR,
                )
                return None
            refused = [refusal for row in rows if (refusal := _apply(admin, request, row))]
            _report(admin, request, len(rows) - len(refused), refused, done)
            return _page_of(admin, request, rows)

        def _apply(admin: Any, request: Any, row: Any) -> str:
            try:
                with transaction.atomic() if atomic else nullcontext():
                    method(admin, request, row)
                    action_record(user=request.user, target=row, message=f"{description}.")
            except DomainError as error:
                return f"{row}: {error.message}"
            return ""

        run.__name__ = method.__name__
        run.__doc__ = method.__doc__
        made = action(run, description=description, icon=icon)
        made.required_permission = permission  # type: ignore[attr-defined]
        return made

    return decorate


def _page_of(admin: Any, request: Any, rows: list[Any]) -> HttpResponse | None:
    """Return to the object's own page when the action was begun there; the list otherwise shows itself."""
    if request.POST.get("back") != "page" or len(rows) != 1:
        return None
    options = admin.model._meta
    return redirect(f"admin:{options.app_label}_{options.model_name}_change", rows[0].pk)


def _report(admin: Any, request: Any, count: int, refused: list[str], done: str) -> None:
    options = admin.model._meta
    if count and done:
        name = options.verbose_name if count == 1 else options.verbose_name_plural
        admin.message_user(request, f"{count} {name} {done}.", messages.SUCCESS)
    if refused:
        more = f" … and {len(refused) - SHOWN_REFUSALS} more." if len(refused) > SHOWN_REFUSALS else ""
        text = f"{len(refused)} left as they were. " + " ".join(refused[:SHOWN_REFUSALS]) + more
        admin.message_user(request, text, messages.WARNING)

"""One handler and one body for every error: ``{type, errors: [{code, detail, attr}], request_id}``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.handler import exception_handler as exception_handler
from drf_standardized_errors.types import ErrorResponse
from psycopg.errors import ForeignKeyViolation
from rest_framework import exceptions, status

from tutor_project.common.errors import DomainError, NotFound, ServiceUnavailable
from tutor_project.common.messages import said
from tutor_project.common.unreachable import RETRY_AFTER_SECONDS, outages, unreachable

log = structlog.get_logger(__name__)


class DomainAPIException(exceptions.APIException):
    """A domain error as DRF sees it."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(detail=said(error), code=error.code)
        self.status_code = error.status
        self.attr = error.attr
        self.wait = error.data.get(
            "retry_after_seconds", RETRY_AFTER_SECONDS if isinstance(error, ServiceUnavailable) else None
        )


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "request_too_large"
    default_detail = _("The request is larger than the server accepts. Send fewer or smaller files at a time.")


class GoneMeanwhile(NotFound):
    """404: what the request was about was deleted while it was answered."""

    code = "gone_meanwhile"
    detail = "What you asked about is not there any more: it was deleted in this moment. Load the list again."


class TutorExceptionHandler(ExceptionHandler):
    """Adds domain errors and Django's upload limits to what the library converts."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """Map domain and upload errors to API exceptions."""
        away = unreachable(exc)
        if away is not None or isinstance(exc, DomainError):
            return DomainAPIException(away or exc)  # type: ignore[arg-type]
        if self._is_gone(exc):
            log.warning("gone_meanwhile", exc_info=exc)
            return DomainAPIException(GoneMeanwhile())
        if isinstance(exc, RequestDataTooBig | TooManyFilesSent):
            return PayloadTooLarge()
        if isinstance(exc, SuspiciousOperation):
            return exceptions.ParseError(_("The request is malformed. Correct it and send it again."))
        return super().convert_known_exceptions(exc)

    def _is_gone(self, exc: Exception) -> bool:
        """Tell whether a row that the request had found was away when it was locked, written, or referred to.

        The object in the path is read before anything else, so that it is absent is said by its own error; a row that
        is missed later was deleted by somebody else in between.
        """
        missed = isinstance(exc, ObjectDoesNotExist | FileNotFoundError) or isinstance(
            exc.__cause__, ForeignKeyViolation
        )
        not_updated = type(exc) is DatabaseError  # Django's own; what the driver says is one of its subclasses
        return (missed or not_updated) and bool(getattr(self.context.get("view"), "kwargs", None))

    def report_exception(self, exc: exceptions.APIException, response: Any) -> None:
        """Log what is unexpected with its traceback; an outage only now and then, and without one."""
        away = self.exc if isinstance(self.exc, ServiceUnavailable) else unreachable(self.exc)
        if away is None:
            super().report_exception(exc, response)
            return
        outages.note(away, self.exc)
        response._has_been_logged = True  # Django would write a line for each request


class TutorExceptionFormatter(ExceptionFormatter):
    """The library's body plus the attribute of domain errors and the request id."""

    def format_error_response(self, error_response: ErrorResponse) -> Any:
        """Return the error body."""
        body = asdict(error_response)
        attr = getattr(self.exc, "attr", None)
        if attr is not None:
            body["errors"][0]["attr"] = attr
        body["request_id"] = request_id_of(self.context.get("request"))
        return body


def request_id_of(request: Any) -> str | None:
    """Return the id the middleware gave to a DRF or Django request."""
    return getattr(getattr(request, "_request", request), "request_id", None)


def error_body(code: str, detail: str, *, request: HttpRequest | None = None, status_code: int = 400) -> dict[str, Any]:
    """Return the error body outside DRF (handlers of unrouted paths, streams)."""
    kind = "server_error" if status_code >= 500 else "client_error"
    return {
        "type": kind,
        "errors": [{"code": code, "detail": detail, "attr": None}],
        "request_id": request_id_of(request),
    }


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer Django's own 400 (host header, malformed request) in the one shape."""
    return JsonResponse(error_body("bad_request", gettext("The request is malformed."), request=request), status=400)


def _page_for_people(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse | None:
    """Return a page with the way back where a browser asks for a page; None for programs."""
    if request.path_info.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
        return None
    user = getattr(request, "user", None)
    told = {"title": title, "detail": detail, "staff": bool(user is not None and user.is_staff)}
    return render(None, "refusal.html", told, status=status)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer who is known and may not do this."""
    detail = "Your role does not allow this. Whoever looks after the accounts can give you one that does."
    page = _page_for_people(request, 403, "Not with your role", detail)
    if page is not None:
        return page
    return JsonResponse(error_body("permission_denied", gettext(detail), request=request, status_code=403), status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an unrouted path: a page for people, the one shape for programs."""
    page = _page_for_people(
        request, 404, "There is nothing here", "The address is not one of this site, or what it led to is gone."
    )
    if page is not None:
        return page
    detail = gettext("There is nothing at this path. /api/docs lists the endpoints.")
    return JsonResponse(error_body("not_found", detail, request=request), status=404)


def _outage_answer(request: HttpRequest | None, error: BaseException | None) -> HttpResponse | None:
    """Return the 503 for a failure because the database or Redis is away, else None: a page for browsers, else JSON."""
    away = unreachable(error) if error is not None else None
    if error is None or away is None:
        return None
    outages.note(away, error)
    response: HttpResponse
    if request is None or request.path_info.startswith("/api/"):
        response = JsonResponse(error_body(away.code, said(away), request=request, status_code=503), status=503)
    else:
        response = render(None, "unavailable.html", {"detail": away.message}, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected failure; the traceback is in the log under the request id."""
    away = _outage_answer(request, sys.exc_info()[1])
    if away is not None:
        return away
    detail = gettext("Something failed on our side. Try again; if it stays, report the request_id.")
    return JsonResponse(error_body("error", detail, request=request, status_code=500), status=500)

"""One handler and one body for every error: ``{type, errors: [{code, detail, attr}], request_id}``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest, JsonResponse
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.handler import exception_handler as exception_handler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions, status

from tutor_project.common.errors import DomainError

log = structlog.get_logger(__name__)


class DomainAPIException(exceptions.APIException):
    """A domain error as DRF sees it."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(detail=error.message, code=error.code)
        self.status_code = error.status
        self.attr = error.attr
        self.wait = error.data.get("retry_after_seconds")


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "request_too_large"
    default_detail = "The request is larger than the server accepts. Send fewer or smaller files at a time."


class TutorExceptionHandler(ExceptionHandler):
    """Adds domain errors and Django's upload limits to what the library converts."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """Map domain and upload errors to API exceptions."""
        if isinstance(exc, DomainError):
            return DomainAPIException(exc)
        if isinstance(exc, RequestDataTooBig | TooManyFilesSent):
            return PayloadTooLarge()
        if isinstance(exc, SuspiciousOperation):
            return exceptions.ParseError("The request is malformed. Correct it and send it again.")
        return super().convert_known_exceptions(exc)


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
    return JsonResponse(error_body("bad_request", "The request is malformed.", request=request), status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an unrouted path in the one shape."""
    detail = "There is nothing at this path. /api/docs lists the endpoints."
    return JsonResponse(error_body("not_found", detail, request=request), status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer an unexpected failure; the traceback is in the log under the request id."""
    detail = "Something failed on our side. Try again; if it stays, report the request_id."
    return JsonResponse(error_body("error", detail, request=request, status_code=500), status=500)

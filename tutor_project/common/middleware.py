"""Request context: an id in, out and in every log line, and one performance fact a request."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from uuid_utils.compat import uuid7

from tutor_project.common import events
from tutor_project.common.api.languages import language_wanted
from tutor_project.common.observability import span

log = structlog.get_logger(__name__)

_SAFE_ID = re.compile(r"[A-Za-z0-9._\-]{1,128}\Z")
_PROBES = ("/livez", "/readyz", "/metrics")
_UNMEASURED = (*_PROBES, "/static/")
API = "/api/v1/"
CONSOLE = "/admin/"
CALLER = "tutor.caller"
"""Where the environment of a request says, when its view has run, who it let in: the server shares its threads by that."""


class RequestContextMiddleware:
    """Takes ``X-Request-ID`` (or makes one), binds it to the log context and returns it."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._acall(request)
        started = self._before(request)
        with span("request", method=request.method or "", path=request.path):
            return self._after(request, self.get_response(request), started)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        started = self._before(request)
        with span("request", method=request.method or "", path=request.path):
            return self._after(request, await self.get_response(request), started)

    def _before(self, request: HttpRequest) -> float:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _SAFE_ID.match(given) else str(uuid7())  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        return time.perf_counter()

    def _after(self, request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        if request.path.startswith(_UNMEASURED):
            return response
        user_id = request.META[CALLER] = _known_user_id(request)
        latency_ms = (time.perf_counter() - started) * 1000
        match = request.resolver_match
        operation = f"{request.method} {match.route if match else 'unrouted'}"
        events.record(
            "performance",
            operation=operation,
            category="request",
            latency_ms=latency_ms,
            success=response.status_code < 500,
            status=response.status_code,
            user_id=user_id,
            session_id=match.kwargs.get("session_id") if match and response.status_code < 400 else None,
        )
        log.info(
            "request", method=request.method, path=request.path, status=response.status_code, ms=round(latency_ms, 1)
        )
        return response


class LanguageMiddleware:
    """Has the messages of the API in the language that ``Accept-Language`` names; the console and logs are English."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith(API):
            return self.get_response(request)
        language = language_wanted(request) or "en"
        with translation.override(language):
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        if response.get("Content-Type", "").startswith(("application/json", "text/event-stream")):
            response.headers.setdefault("Content-Language", language)
        return response


class PrivateAnswersMiddleware:
    """Keeps answers of the API out of caches that several people share; a browser asks before it shows one again."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if request.path_info.startswith(API):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _known_user_id(request: HttpRequest) -> Any:
    """Return the user the view authenticated; never asks the database for one."""
    user = request.__dict__.get("user")
    return user.pk if isinstance(user, AbstractBaseUser) else None


class HostMiddleware(CommonMiddleware):
    """Refuses hosts that are not in ``ALLOWED_HOSTS``, except to the probes.

    An orchestrator and Prometheus ask by the container's address, which nobody can list; nothing in those answers
    depends on the name.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Let the probes pass by; everything else as Django does."""
        return None if request.path_info in _PROBES else super().process_request(request)


class _ConsoleOnly:
    """Passes the API by: it knows callers by their tokens, and needs neither sessions nor messages.

    What a view that is not exempt from CSRF checks would do there stays as it is: the check itself is a view hook, and
    refuses a request that no session vouches for.
    """

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API):
            return self.get_response(request)  # type: ignore[attr-defined]
        return super().__call__(request)  # type: ignore[misc]


class ConsoleSessionMiddleware(_ConsoleOnly, SessionMiddleware):
    """Sessions of the console."""


class ConsoleCsrfMiddleware(_ConsoleOnly, CsrfViewMiddleware):
    """Forged requests to the console."""


class ConsoleAuthenticationMiddleware(_ConsoleOnly, AuthenticationMiddleware):
    """The users of the console."""


class ConsoleMessageMiddleware(_ConsoleOnly, MessageMiddleware):
    """Messages of the console."""


class ConsoleInputMiddleware:
    """Refuses a NUL in a form or an address of the console: no text of PostgreSQL holds one, whatever the field."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Look at what was sent, once the request has passed the check against forged ones; raises BadRequest."""
        if request.path_info.startswith(CONSOLE) and any(
            "\0" in value for sent in (request.GET, request.POST) for values in dict(sent).values() for value in values
        ):
            raise BadRequest("The request holds a NUL.")


class ContentPolicyMiddleware(CSPMiddleware):
    """The Content-Security-Policy of every response; the console's is looser in two points, and only there.

    The console's theme evaluates expressions in attributes (Alpine.js), which is ``'unsafe-eval'``, and sets colours and
    sizes in ``style`` attributes, which no nonce can cover. Scripts still come from this origin only: inline scripts
    and inline event handlers stay forbidden, so injected markup runs nothing.
    """

    CONSOLE_POLICY = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return the policy of this response."""
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(CONSOLE) and not report_only:
            parts.replace = {**(parts.replace or {}), **self.CONSOLE_POLICY}
        return parts

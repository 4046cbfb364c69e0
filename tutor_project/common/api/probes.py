"""Probes: ``livez`` tells that the process answers, ``readyz`` that its role can be served, ``metrics`` figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from tutor_project.common.metrics import metrics_text
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)


def livez(request: HttpRequest) -> HttpResponse:
    """Answer without looking at anything: a restart cannot mend a database."""
    return JsonResponse({"status": "ok"})


def check_database() -> bool:
    """Tell whether the database answers and has pgvector."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
            return cursor.fetchone() is not None
    except DatabaseError as error:
        log.warning("readiness_database", error=type(error).__name__)
        return False


def check_redis() -> bool:
    """Tell whether Redis answers."""
    try:
        return bool(client().ping())
    except redis.RedisError as error:
        log.warning("readiness_redis", error=type(error).__name__)
        return False


NEEDS: dict[str, dict[str, Callable[[], bool]]] = {
    "web": {"database": check_database, "redis": check_redis},
    "worker": {"database": check_database, "redis": check_redis},
}


def register_need(role: str, name: str, check: Callable[[], bool]) -> None:
    """Add something without which a role cannot be served; apps above do so at start-up."""
    NEEDS[role][name] = check


TOLD: dict[str, Callable[[], Any]] = {}


def register_told(name: str, tell: Callable[[], Any]) -> None:
    """Add something that is told beside the checks and decides nothing; ``tell`` must be quick and not raise."""
    TOLD[name] = tell


def checks_of(role: str) -> dict[str, bool]:
    """Look at everything the role needs; the name of each and whether it is there."""
    return {name: check() for name, check in NEEDS[role].items()}


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when everything the role needs is there, else 503 with the names of what is missing."""
    role = request.GET.get("role", "web")
    if role not in NEEDS:
        return JsonResponse({"status": "unknown_role", "roles": sorted(NEEDS)}, status=400)
    checks = checks_of(role)
    ready = all(checks.values())
    told = {name: tell() for name, tell in TOLD.items()} if ready else {}
    state = {"status": "ok" if ready else "unavailable", "checks": checks, **told}
    return JsonResponse(state, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the system's figures in Prometheus' text format to those who may see them by the settings."""
    if not _may_see_metrics(request):
        detail = "Send the METRICS_TOKEN as a bearer token, or ask from the machine itself."
        return JsonResponse({"status": "metrics_forbidden", "detail": detail}, status=403)
    return HttpResponse(metrics_text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_see_metrics(request: HttpRequest) -> bool:
    """Without a token only the machine itself may look, and never through a proxy, which would speak for anybody."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    proxied = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not proxied and request.META.get("REMOTE_ADDR", "") in ("127.0.0.1", "::1")

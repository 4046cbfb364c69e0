"""Views for the tests of serving: what they were called with, and answers of every shape."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import structlog
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

closed: list[str] = []
"""Streams and responses that have ended; a real server process writes them to a file instead."""


def note(what: str) -> None:
    closed.append(what)
    if file := os.environ.get("SERVING_NOTES"):
        with Path(file).open("a") as notes:
            notes.write(what + "\n")


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    """What arrived."""
    body = request.read() if request.method != "GET" else b""
    return JsonResponse(
        {
            "path": request.path, "query": request.META["QUERY_STRING"], "cookies": request.COOKIES,
            "meta": {k: v for k, v in request.META.items() if isinstance(v, str)}, "scheme": request.scheme,
            "size": len(body), "sha256": hashlib.sha256(body).hexdigest(), "thread": threading.current_thread().name,
        }
    )  # fmt: skip


class Noted(HttpResponse):
    """Notes that it was closed."""

    def close(self) -> None:
        super().close()
        note(f"closed in {threading.current_thread().name}")


def noted(request: HttpRequest) -> HttpResponse:
    response = Noted("ok")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret")


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse("done")


gate = threading.Event()
"""Opened by a test that keeps views waiting."""


@csrf_exempt
def gated(request: HttpRequest) -> HttpResponse:
    assert gate.wait(30)
    return HttpResponse("in")


def queried(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok")


def download(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(request.GET["file"]).open("rb"), as_attachment=True)


def pieces(request: HttpRequest) -> StreamingHttpResponse:
    def rows() -> Iterator[bytes]:
        try:
            for number in range(int(request.GET["rows"])):
                if "db" in request.GET:
                    queried(request)
                yield f"{number}\n".encode()
                if number == int(request.GET.get("fail", -1)):
                    raise RuntimeError("in the middle")
        finally:
            note("pieces ended")

    return StreamingHttpResponse(rows(), content_type="text/csv")


def ticks(request: HttpRequest) -> StreamingHttpResponse:
    structlog.contextvars.bind_contextvars(tick="bound")

    async def events() -> AsyncIterator[bytes]:
        try:
            while True:
                bound: Any = structlog.contextvars.get_contextvars().get("tick")
                yield f"data: {bound} {threading.current_thread() is threading.main_thread()}\n\n".encode()
                await asyncio.sleep(0.02)
        finally:
            note("ticks ended")

    return StreamingHttpResponse(events(), content_type="text/event-stream")


urlpatterns = [
    path("echo", echo),
    path("readyz", echo),
    path("echo/<path:rest>", lambda request, rest: echo(request)),
    path("noted", noted),
    path("broken", broken),
    path("slow", slow),
    path("gate", gated),
    path("queried", queried),
    path("download", download),
    path("pieces", pieces),
    path("ticks", ticks),
]
handler500 = "tutor_project.common.api.exceptions.server_error"

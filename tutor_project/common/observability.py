"""What leaves the process to be looked at: slow queries, traces behind a setting, unexpected errors to a hook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.core.signals import got_request_exception
from django.db.backends.signals import connection_created
from django.utils.module_loading import import_string
from opentelemetry import propagate, trace

log = structlog.get_logger(__name__)

tracer = trace.get_tracer("tutor")


def start() -> None:
    """Connect what the settings ask for; called once a process."""
    if settings.SLOW_QUERY_MS:
        connection_created.connect(_watch_queries, dispatch_uid="slow_queries")
    if settings.ERROR_REPORTER:
        got_request_exception.connect(_report_request, dispatch_uid="error_reporter")
    if settings.OTLP_ENDPOINT:
        _export_traces()


def _watch_queries(connection: Any, **kwargs: Any) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Log a statement above the limit without its parameters: they may be what a learner wrote."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        elapsed = (time.perf_counter() - started) * 1000
        if elapsed >= settings.SLOW_QUERY_MS:
            log.warning("slow_query", ms=round(elapsed, 1), sql=sql[:2000])


def report_error(error: BaseException, **context: Any) -> None:
    """Hand an unexpected error to the configured reporter; a reporter that fails is logged and forgotten."""
    if not settings.ERROR_REPORTER:
        return
    try:
        import_string(settings.ERROR_REPORTER)(error, context)
    except Exception:
        log.exception("error_reporter_failed")


def _report_request(sender: Any, request: Any = None, **kwargs: Any) -> None:
    import sys

    error = sys.exc_info()[1]
    if error is not None:
        report_error(error, request_id=getattr(request, "request_id", None), path=getattr(request, "path", None))


def _export_traces() -> None:
    """Send traces by OTLP over HTTP; the packages are in requirements-otel.in."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"tutor-{settings.ROLE}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.OTLP_ENDPOINT)))
    trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, *, carrier: dict[str, str] | None = None, **attributes: Any) -> Iterator[None]:
    """Trace a block; ``carrier`` continues the trace of another process. Without an exporter this costs microseconds."""
    parent = propagate.extract(carrier) if carrier else None
    with tracer.start_as_current_span(name, context=parent, attributes=attributes):
        yield


def trace_carrier() -> dict[str, str]:
    """Return what another process needs to continue the present trace; empty without one."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier

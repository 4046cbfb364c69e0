"""The facts port: anybody records, one writer stores.

``analytics_app`` registers the writer at start-up; nothing here imports an app. Recording must never break
the caller: a writer counts, logs and reports what it could not store.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import structlog

log = structlog.get_logger(__name__)


class FactWriter(Protocol):
    """Stores one fact. ``durable`` asks for the caller's own transaction instead of the buffer."""

    def __call__(self, kind: str, fields: dict[str, Any], *, durable: bool) -> None: ...


_writer: FactWriter | None = None


def register_writer(writer: FactWriter) -> None:
    """Install the process-wide writer; called once at start-up."""
    global _writer
    _writer = writer


def record(kind: str, /, *, durable: bool = False, **fields: Any) -> None:
    """Record a fact of ``kind``: interaction, tool_invocation, token_usage, performance or event.

    Fields hold ids and figures only, never answers, prompts or document text.
    """
    if _writer is None:
        log.debug("fact_without_writer", kind=kind)
        return
    _writer(kind, fields, durable=durable)


@contextmanager
def measured(operation: str, *, category: str = "operation", **fields: Any) -> Iterator[None]:
    """Record a performance fact of the block: how long it took, and whether it ended without an exception."""
    started = time.perf_counter()
    success = False
    try:
        yield
        success = True
    finally:
        latency_ms = (time.perf_counter() - started) * 1000
        record("performance", operation=operation, category=category, latency_ms=latency_ms, success=success, **fields)

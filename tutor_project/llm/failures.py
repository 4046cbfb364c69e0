"""Provider exceptions translated into the project's errors, by status and by class name.

The providers' SDKs share names and attributes but no base class, and importing them here would load
them all; hence names. No text of the provider is kept: it may quote the key or the prompt.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from tutor_project.llm.errors import (
    LLMAuthFailed,
    LLMContextTooLarge,
    LLMError,
    LLMInvalidOutput,
    LLMMisconfigured,
    LLMQuotaExhausted,
    LLMRateLimited,
    LLMRequestRejected,
    LLMTimeout,
    LLMUnavailable,
)

log = structlog.get_logger(__name__)

_NEVER_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ConnectionRefusedError", "UnsupportedProtocol"}
_TIMEOUTS = {"TimeoutException", "APITimeoutError", "ModelTimeoutError", "TimeoutError"}
_BROKEN = {
    "TransportError",
    "APIConnectionError",
    "ModelConnectionError",
    "ConnectionError",
    "APIError",
    "ModelAPIError",
}
_OVERFLOW_FILE = Path(__file__).with_name("data") / "context_overflow.txt"
_CONTEXT_SIZE = re.compile(
    r"(?:\bn_ctx\W{1,4}|context (?:length|size|window)\W{0,3}(?:is |of )?(?:only )?\W?)(\d{3,8})", re.IGNORECASE
)
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError)


def translate(failure: Exception, *, model: str) -> LLMError | None:
    """Return the error that stands for ``failure``, or None when it is not the provider's doing (a bug)."""
    if isinstance(failure, LLMError):
        return failure
    status = _status(failure)
    error = _by_status(status, failure) if status is not None else _by_class(failure)
    if error is not None:
        log.warning(
            "llm_provider_failure",
            model=model,
            code=error.code,
            provider_status=status,
            error_class=type(failure).__name__,
        )
    return error


def _by_status(status: int, failure: Exception) -> LLMError:
    too_long = status == 413 or (status in (400, 422, 500) and _overflow(failure))
    if too_long or "ContextOverflowError" in _class_names(failure):
        return LLMContextTooLarge(context_tokens=_context_size(failure))
    if status in (401, 403):
        return LLMAuthFailed()
    if status == 402 or (status == 429 and _provider_code(failure) == "insufficient_quota"):
        return LLMQuotaExhausted()
    if status == 429:
        return LLMRateLimited(retry_after_seconds=retry_after_seconds(_headers(failure)))
    if status in (408, 504):
        return LLMTimeout()
    if status >= 500 and status != 501:
        return LLMUnavailable()
    if 300 <= status < 400:
        return LLMMisconfigured(problem="LLM_BASE_URL answers with a redirect, which is not followed.")
    return LLMRequestRejected(parameter=status in (400, 422, 501))


def _by_class(failure: Exception) -> LLMError | None:
    names = {name for link in _chain(failure) for name in _class_names(link)}
    may_be_billed = not names & _NEVER_SENT
    if "ContextOverflowError" in names or _overflow(failure):
        return LLMContextTooLarge(context_tokens=_context_size(failure))
    if names & _TIMEOUTS:
        return LLMTimeout(may_be_billed=may_be_billed)
    if names & _BROKEN:
        return LLMUnavailable(may_be_billed=may_be_billed)
    if isinstance(failure, _MALFORMED):
        # The SDK could not make sense of a reply with a good status: an HTML page, null choices.
        return LLMInvalidOutput("The reply did not follow the protocol.", may_be_billed=True)
    return None


@lru_cache(maxsize=1)
def _overflow_phrases() -> tuple[str, ...]:
    lines = _OVERFLOW_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _said(failure: BaseException) -> str:
    """Return what the server said, in lower case and at most 2,000 characters: looked at here, kept nowhere."""
    return f"{failure} {getattr(failure, 'body', '')}"[:2000].lower()


def _overflow(failure: Exception) -> bool:
    said = _said(failure)
    return any(phrase in said for phrase in _overflow_phrases())


def _context_size(failure: Exception) -> int | None:
    """Return how many tokens the server says it can read, None when it does not say."""
    found = _CONTEXT_SIZE.search(_said(failure))
    return int(found.group(1)) if found else None


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a ``Retry-After`` header (RFC 9110, 10.2.3: seconds or a date) asks to wait, or None."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            return max(float(milliseconds) / 1000, 0.0)
        return None if value is None else max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value or "").timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def _chain(failure: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = failure
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _class_names(failure: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(failure).__mro__}


def _status(failure: Exception) -> int | None:
    status = getattr(failure, "status_code", None)
    if status is None:
        status = getattr(getattr(failure, "response", None), "status_code", None)
    return status if isinstance(status, int) and status > 0 else None


def _headers(failure: Exception) -> Mapping[str, str]:
    headers: Mapping[str, str] = getattr(getattr(failure, "response", None), "headers", None) or {}
    return headers


def _provider_code(failure: Exception) -> Any:
    return getattr(failure, "code", None)

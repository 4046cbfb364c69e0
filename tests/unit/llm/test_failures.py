"""Provider exceptions become named errors, told by status or class, with nothing of their text kept."""

from __future__ import annotations

import time
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import pytest

from tutor_project.llm.errors import LLMRateLimited
from tutor_project.llm.failures import retry_after_seconds, translate


class APIStatusError(Exception):
    def __init__(self, status: int, headers: dict[str, str] | None = None, code: str | None = None) -> None:
        super().__init__("key sk-secret in the message")
        self.response = SimpleNamespace(status_code=status, headers=headers or {})
        self.code = code


class APIConnectionError(Exception):
    pass


class APITimeoutError(APIConnectionError):
    pass


class ConnectError(Exception):
    pass


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, "llm_misconfigured"),
        (400, "llm_request_rejected"),
        (401, "llm_auth_failed"),
        (402, "llm_quota_exhausted"),
        (403, "llm_auth_failed"),
        (404, "llm_request_rejected"),
        (408, "llm_timeout"),
        (413, "llm_context_too_large"),
        (429, "llm_rate_limited"),
        (500, "llm_unavailable"),
        (503, "llm_unavailable"),
        (504, "llm_timeout"),
        (529, "llm_unavailable"),
    ],
)
def test_status_decides(status: int, code: str) -> None:
    error = translate(APIStatusError(status), model="m")
    assert error is not None
    assert error.code == code
    assert "sk-secret" not in f"{error} {error.data}"


def test_account_without_credit_is_not_a_rate_limit() -> None:
    error = translate(APIStatusError(429, code="insufficient_quota"), model="m")
    assert error is not None
    assert error.code == "llm_quota_exhausted"


def raised_from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("failure", "code", "may_be_billed"),
    [
        (APITimeoutError(), "llm_timeout", True),
        (APIConnectionError(), "llm_unavailable", True),
        (raised_from(APIConnectionError(), ConnectError()), "llm_unavailable", False),
        (TimeoutError(), "llm_timeout", True),
        (ConnectionResetError(), "llm_unavailable", True),
        (ConnectionRefusedError(), "llm_unavailable", False),
        (KeyError("choices"), "llm_invalid_output", True),
        (ValueError("bad"), "llm_invalid_output", True),
    ],
)
def test_class_decides_where_there_is_no_status(failure: Exception, code: str, may_be_billed: bool) -> None:
    error = translate(failure, model="m")
    assert error is not None
    assert (error.code, error.may_be_billed) == (code, may_be_billed)


def test_what_is_not_the_providers_doing_is_left_alone() -> None:
    assert translate(RuntimeError("bug"), model="m") is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds
    error: Any = translate(APIStatusError(429, headers), model="m")
    assert isinstance(error, LLMRateLimited)
    assert error.retry_after_seconds == seconds


def test_retry_after_may_be_a_date() -> None:
    seconds = retry_after_seconds({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert seconds is not None
    assert 50 < seconds <= 61

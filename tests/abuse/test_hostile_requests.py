"""Nonsense sent to every route by somebody who is signed in: it is refused by name, and nothing of ours fails."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.support.access import ACCESS
from tests.support.fixtures import client_for
from tests.support.owned import url_of

pytestmark = pytest.mark.django_db

STREAMS = ("events", "stream")
BODIES: dict[str, bytes] = {
    "no JSON": b"{",
    "another type": b"[1, 2]",
    "a bare text": b'"x"',
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "deep": b"[" * 100_000,
    "NUL and surrogates everywhere": json.dumps(
        dict.fromkeys(
            ["username", "password", "email", "title", "name", "text", "question", "query", "summary", "section", "data",
             "topic", "display_name", "token", "new_password", "current_password", "job_type", "model", "event_type"],
            "\x00\ud800",
        )
    ).encode(),
    "numbers without end": b'{"limit": 1e999, "question_count": 99999999999999999999999, "value": -1e400, "version": 1e400}',
}  # fmt: skip
QUERIES: dict[str, str] = {
    "wrong types": "limit=x&session=x&folder=x&user=x&before=x&after=x&page=x&n=x&from=x&to=x&since=x&time_range=x&period=x",
    "NUL": "limit=%00&session=%00&type=%00&user=%00&cursor=%00&status=%00&job_type=%00&operation=%00&model=%00&q=%00",
    "a cursor of another place": "cursor=" + b64encode(b"p=2026-01-01&r=1").decode(),
    "numbers without end": "limit=" + "9" * 5000 + "&width=" + "9" * 5000 + "&char_start=-1&char_end=1e9",
    "the end of time": "since=9999-12-31T23:59:59%2B23:59&from=9999-12-01T00:00:00-23:59&to=9999-12-31T23:59:59-23:59",
    "the beginning of time": "until=0001-01-01T00:00:00-23:59&from=0001-01-01T00:00:00&to=0001-01-09T00:00:00%2B23:59",
    "not UTF-8": "type=%ff%fe&cursor=%ff&time_range=%ff",
}
WRITES = [(route, method) for route, access in ACCESS.items() for method in access.methods if method != "get"]
READS = [route for route, access in ACCESS.items() if "get" in access.methods and not route.endswith(STREAMS)]


@pytest.fixture
def attacker(staff: Any) -> APIClient:
    """A superuser: whoever may reach the most code. What fails of ours is answered as it would be to anybody."""
    client = client_for(staff)
    client.raise_request_exception = False
    return client


def refused_or_understood(response: Any, what: str) -> None:
    assert response.status_code < 500, what
    if response.status_code >= 400:
        assert response.json()["errors"][0]["code"], what


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_makes_a_route_fail(body: bytes, attacker: APIClient, owned: dict[str, str]) -> None:
    for route, method in WRITES:
        if route in ("auth/logout", "auth/logout-all"):
            continue
        for content_type in ("application/json", "application/json; charset=utf-16"):
            response = attacker.generic(method.upper(), url_of(route, owned), body, content_type=content_type)
            refused_or_understood(response, f"{method} {route} as {content_type}")


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_query_makes_a_route_fail(query: str, attacker: APIClient, owned: dict[str, str]) -> None:
    for route in READS:
        refused_or_understood(attacker.get(f"{url_of(route, owned)}?{query}"), route)


@pytest.mark.parametrize(
    "token", ["", "x", "\x00", "ä", "f" * 64, "f" * 100_000, "Bearer", "'; DROP TABLE accounts_user"]
)
def test_no_token_makes_a_route_fail(token: str, db: None) -> None:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/auth/me").status_code == 401

"""Strangers who come by the dozen: they wait, and nobody waits behind them. Judged by ratios, not by the clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import StreamingHttpResponse

from tests.support.fixtures import client_for
from tutor_project import serving
from tutor_project.common.middleware import CALLER
from tutor_project.serving import Application
from tutor_project.turns import TurnsByCaller

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4
STRANGERS = 16
REQUESTS = 12


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    served = Application(WSGIHandler(), threads=THREADS)
    yield served
    served.pool.shutdown()
    await sync_to_async(connections["default"].close_pool)()


async def ask(
    application: Application, method: str, path: str, *, body: Any = None, token: str = "", cookie: str = ""
) -> int:
    """Return the status of one request, sent as the server sends it."""
    data = json.dumps(body).encode() if body is not None else b""
    headers = {"host": "localhost", "content-type": "application/json", "content-length": str(len(data))}
    if token:
        headers["authorization"] = token
    if cookie:
        headers["cookie"] = cookie
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": b"", "client": ("198.51.100.7", 4711), "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": data, "more_body": False})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, incoming.get, send)
    return int(sent[0]["status"])


async def test_sixteen_strangers_at_the_door_take_no_turn_of_a_learner(
    application: Application, learner: Any, settings: Any
) -> None:
    token = (await sync_to_async(client_for)(learner))._credentials["HTTP_AUTHORIZATION"]
    judged: list[int] = []

    async def stranger(number: int) -> None:
        while True:
            body = {"username": f"somebody-{number}-{len(judged)}", "password": "guess"}
            judged.append(await ask(application, "POST", "/api/v1/auth/login", body=body))

    crowd = [asyncio.create_task(stranger(number)) for number in range(STRANGERS)]
    try:
        while len(judged) < THREADS:  # until they are at it
            await asyncio.sleep(0.01)
        before = len(judged)
        for _ in range(REQUESTS):
            assert await ask(application, "GET", "/api/v1/auth/me", token=token) == 200
        meanwhile = len(judged) - before
    finally:
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    assert set(judged) <= {401, 429, 503}
    # Behind all of them in one queue each request would wait for about sixteen.
    assert meanwhile <= REQUESTS * THREADS


async def test_sixteen_requests_of_one_learner_take_no_turn_of_another(
    application: Application, learner: Any, make_user: Any
) -> None:
    person = await sync_to_async(make_user)("hasty")
    hasty, token = [
        (await sync_to_async(client_for)(one))._credentials["HTTP_AUTHORIZATION"] for one in (person, learner)
    ]
    answered: list[int] = []

    async def asks_again() -> None:
        while True:
            answered.append(await ask(application, "GET", "/api/v1/sessions", token=hasty))

    crowd = [asyncio.create_task(asks_again()) for _ in range(STRANGERS)]
    try:
        while len(answered) < THREADS:
            await asyncio.sleep(0.01)
        before = len(answered)
        for _ in range(REQUESTS):
            assert await ask(application, "GET", "/api/v1/auth/me", token=token) == 200
        meanwhile = len(answered) - before
    finally:
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    assert set(answered) == {200}
    assert meanwhile <= REQUESTS * THREADS
    assert application.callers._present == {}


async def test_more_at_once_than_may_wait_are_refused_by_name(application: Application, learner: Any) -> None:
    token = (await sync_to_async(client_for)(learner))._credentials["HTTP_AUTHORIZATION"]
    application.callers = TurnsByCaller(places=1, waiting=1, patience=30)
    found = await asyncio.gather(*(ask(application, "GET", "/api/v1/auth/me", token=token) for _ in range(8)))
    assert sorted(found) == [200] * 2 + [429] * 6


async def test_a_token_spelled_otherwise_is_the_same_caller(application: Application, learner: Any) -> None:
    token = (await sync_to_async(client_for)(learner))._credentials["HTTP_AUTHORIZATION"].split()[1]
    application.callers = TurnsByCaller(places=1, waiting=1, patience=30)
    spelled = [f"{word}{' ' * number}{token}" for number in (1, 2, 3, 4) for word in ("Bearer", "bEARER")]
    found = await asyncio.gather(*(ask(application, "GET", "/api/v1/auth/me", token=one) for one in spelled))
    assert sorted(found) == [200] * 2 + [429] * 6


async def test_all_tokens_of_an_account_are_one_caller(application: Application, learner: Any) -> None:
    tokens = [(await sync_to_async(client_for)(learner))._credentials["HTTP_AUTHORIZATION"] for _ in range(8)]
    for token in tokens:
        assert await ask(application, "GET", "/api/v1/auth/me", token=token) == 200
    application.callers = TurnsByCaller(places=1, waiting=1, patience=30)
    found = await asyncio.gather(*(ask(application, "GET", "/api/v1/auth/me", token=token) for token in tokens))
    assert sorted(found) == [200] * 2 + [429] * 6


async def test_tokens_that_are_made_up_are_one_caller_of_their_address(application: Application, learner: Any) -> None:
    token = (await sync_to_async(client_for)(learner))._credentials["HTTP_AUTHORIZATION"]
    assert await ask(application, "GET", "/api/v1/auth/me", token=token) == 200
    application.callers = TurnsByCaller(places=1, waiting=1, patience=30)
    strangers = [
        *(ask(application, "GET", "/api/v1/auth/me", token=f"Bearer {number:064x}") for number in range(6)),
        *(ask(application, "GET", "/admin/", cookie=f"sessionid={number}") for number in range(2)),
    ]
    found = await asyncio.gather(*strangers, ask(application, "GET", "/api/v1/auth/me", token=token))
    assert found.pop() == 200
    assert found.count(429) == 6


def test_no_more_tokens_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CALLERS_KNOWN", 2)
    known = serving.KnownCallers()
    seen = [
        {"PATH_INFO": "/api/v1/auth/me", "HTTP_AUTHORIZATION": f"Bearer {name}", "REMOTE_ADDR": "::1", CALLER: "one"}
        for name in "abc"
    ]
    for environ in seen:
        known.learn(environ, 200)
    assert [known.caller(environ) == "one" for environ in seen] == [False, True, True]
    known.learn({**seen[2], CALLER: None}, 401)
    assert [known.caller(environ) == "one" for environ in seen] == [False, True, False]


async def test_a_session_with_other_cookies_and_headers_beside_it_is_the_same_caller(application: Application) -> None:
    application.callers = TurnsByCaller(places=1, waiting=1, patience=30)
    cookies = [f"a={number}; sessionid=somebody; b={number}" for number in range(8)]
    found = await asyncio.gather(
        *(ask(application, "GET", "/admin/", cookie=one, token=f"Bearer {one}") for one in cookies)
    )
    assert sorted(found) == [302] * 2 + [429] * 6


async def test_a_caller_who_opens_streams_without_end_is_refused_and_lets_others_in(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    async def endless() -> AsyncIterator[bytes]:
        yield b": here\n\n"
        await asyncio.Event().wait()

    def handler(environ: Any, start: Any) -> Any:
        environ[CALLER] = "other" if "two" in environ["HTTP_AUTHORIZATION"] else "account"
        response = StreamingHttpResponse(endless(), content_type="text/event-stream")
        response._resource_closers.append(lambda: closed.append(True))
        start("200 OK", list(response.items()))
        return response

    monkeypatch.setattr(serving, "STREAMS_OF_A_CALLER", 2)
    monkeypatch.setattr(application, "handler", handler)
    path = "/api/v1/jobs/1/events"
    open_ones = [asyncio.create_task(ask(application, "GET", path, token="Bearer one")) for _ in range(2)]
    while application.listeners["account"] < 2:
        await asyncio.sleep(0.01)
    assert await ask(application, "GET", path, token="bearer   one") == 429
    assert await ask(application, "GET", path, token="Bearer another-of-the-same-account") == 429
    assert closed == [True, True]
    other = asyncio.create_task(ask(application, "GET", path, token="Bearer two"))
    while not application.listeners["other"]:
        await asyncio.sleep(0.01)
    for task in (*open_ones, other):
        task.cancel()
    await asyncio.gather(*open_ones, other, return_exceptions=True)
    assert not application.listeners

"""The bridge from an ASGI server to Django's synchronous handler, driven message by message."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from tests.integration.stack import serving_urls
from tutor_project import serving
from tutor_project.serving import Application
from tutor_project.turns import Turns

THREADS = 2


@pytest.fixture
async def application(settings: Any) -> AsyncIterator[Application]:
    settings.ROOT_URLCONF = "tests.integration.stack.serving_urls"
    settings.MIDDLEWARE = []
    serving_urls.closed.clear()
    served = Application(WSGIHandler(), threads=THREADS)
    yield served
    served.pool.shutdown()
    served.probes.shutdown()


class Client:
    """One request: what the server hands over, and what it gets to send."""

    def __init__(
        self, target: str, *, method: str = "GET", headers: Iterable[tuple[str, str]] = (), **scope: Any
    ) -> None:
        path, _, query = target.partition("?")
        named = [("host", "testserver"), *headers]
        self.scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "client": ("10.0.0.9", 4711),
            "server": ("127.0.0.1", 8000), "headers": [(k.encode(), v.encode()) for k, v in named], **scope,
        }  # fmt: skip
        self.incoming: asyncio.Queue[Any] = asyncio.Queue()
        self.sent: list[Any] = []
        self.reads = asyncio.Semaphore(10**6)

    def give(self, *chunks: bytes) -> Client:
        """Hand over a body in these pieces."""
        for number, chunk in enumerate(chunks, 1):
            self.incoming.put_nowait({"type": "http.request", "body": chunk, "more_body": number < len(chunks)})
        return self

    def leave(self) -> None:
        self.incoming.put_nowait({"type": "http.disconnect"})

    async def send(self, message: Any) -> None:
        await self.reads.acquire()
        self.sent.append(message)

    async def ask(self, application: Application) -> Client:
        await asyncio.wait_for(application(self.scope, self.incoming.get, self.send), 30)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def content(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:] if "body" in message)

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    def header(self, name: str) -> list[str]:
        return [value.decode() for key, value in self.sent[0]["headers"] if key == name.encode()]


async def got(clients: list[Client], messages: int) -> None:
    """Wait until each client was sent so many messages."""
    async with asyncio.timeout(20):
        while any(len(client.sent) < messages for client in clients):
            await asyncio.sleep(0.01)


async def test_a_request_arrives_as_it_was_sent(application: Application) -> None:
    client = Client(
        "/echo/caf%C3%A9%20au%2Flait?q=a%20b&q=c",
        headers=[
            ("cookie", "a=1"),
            ("accept", "x"),
            ("cookie", "b=2"),
            ("accept", "y"),
            ("x_forwarded_proto", "https"),
        ],
    )
    seen = (await client.ask(application)).json
    assert seen["path"] == "/echo/café au/lait"
    assert seen["query"] == "q=a%20b&q=c"
    assert seen["cookies"] == {"a": "1", "b": "2"}
    assert seen["scheme"] == "http"
    meta = seen["meta"]
    assert (meta["HTTP_ACCEPT"], meta["REMOTE_ADDR"], meta["SERVER_PORT"]) == ("x,y", "10.0.0.9", "8000")
    assert "HTTP_X_FORWARDED_PROTO" not in meta
    assert seen["thread"].startswith("web")


async def test_a_path_that_is_not_utf_8_is_no_error(application: Application) -> None:
    client = await Client("/echo/%ff", raw_path=b"/echo/%ff").ask(application)
    assert (client.status, client.json["path"]) == (200, "/echo/%FF")


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("size", [0, 5, 3 * serving.SPOOL_BYTES + 1])
async def test_a_body_arrives_whole_with_or_without_its_length(
    application: Application, size: int, announced: bool
) -> None:
    body = bytes(number % 251 for number in range(size))
    header = ("content-length", str(size)) if announced else ("transfer-encoding", "chunked")
    pieces = [body[start : start + 300_000] for start in range(0, size, 300_000)] or [b""]
    seen = (await Client("/echo", method="POST", headers=[header]).give(*pieces).ask(application)).json
    assert (seen["size"], seen["sha256"]) == (size, hashlib.sha256(body).hexdigest())


@pytest.mark.parametrize("extra", [0, 1, 5000])
async def test_a_body_above_the_limit_is_refused_when_it_is_read(
    application: Application, settings: Any, extra: int
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4000
    client = Client("/echo", method="POST", headers=[("transfer-encoding", "chunked")])
    client.give(*[b"x" * 1000] * 4, b"x" * extra)
    assert (await client.ask(application)).status == (200 if extra == 0 else 400)


async def test_an_endless_body_is_dropped_not_kept(application: Application, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4000
    client = Client("/echo", method="POST", headers=[("content-length", "1000000000")])
    for _ in range(50):
        client.incoming.put_nowait({"type": "http.request", "body": b"x" * 1000, "more_body": True})
    assert (await client.ask(application)).status == 400
    assert client.incoming.qsize() > 30


async def test_clients_that_send_slowly_hold_no_thread(application: Application) -> None:
    header = [("content-length", "4")]
    slow = [Client("/echo", method="POST", headers=header) for _ in range(THREADS * 5)]
    waiting = [asyncio.create_task(client.ask(application)) for client in slow]
    await asyncio.sleep(0.05)
    assert (await Client("/echo").ask(application)).status == 200
    for client in slow:
        client.give(b"body")
    assert [client.status for client in await asyncio.gather(*waiting)] == [200] * len(slow)


async def test_who_leaves_or_falls_silent_in_the_middle_of_a_body_reaches_no_view(
    application: Application, monkeypatch: Any
) -> None:
    monkeypatch.setattr(serving, "BODY_SILENCE_SECONDS", 0.05)
    gone = Client("/echo", method="POST", headers=[("content-length", "4")])
    gone.leave()
    silent = Client("/echo", method="POST", headers=[("content-length", "4")])
    silent.incoming.put_nowait({"type": "http.request", "body": b"b", "more_body": True})
    for client, status in ((gone, 400), (silent, 408)):
        await client.ask(application)
        assert client.status == status  # the server says the same of who left and of who sent what is no body
    assert gone.json["errors"][0]["code"] == "body_incomplete"


async def test_a_crowd_at_the_doors_keeps_nobody_else_waiting(application: Application, settings: Any) -> None:
    settings.DOOR_PATHS = ("/gate",)
    serving_urls.gate.clear()
    crowd = [Client("/gate", method="POST").give(b"") for _ in range(THREADS * 8)]
    waiting = [asyncio.create_task(client.ask(application)) for client in crowd]
    try:
        await asyncio.sleep(0.05)
        for _ in range(5):
            assert (await Client("/echo").ask(application)).status == 200
        assert not any(task.done() for task in waiting)
    finally:
        serving_urls.gate.set()
    assert {client.status for client in await asyncio.gather(*waiting)} == {200}


async def test_a_crowd_beyond_bounds_is_sent_away_by_name(
    settings: Any, application: Application, monkeypatch: Any
) -> None:
    settings.DOOR_PATHS = ("/gate",)
    application.doors = Turns(places=1, waiting=1, patience=0.05)
    serving_urls.gate.clear()
    crowd = [Client("/gate", method="POST").give(b"") for _ in range(6)]
    waiting = [asyncio.create_task(client.ask(application)) for client in crowd]
    try:
        await asyncio.wait(waiting[1:])
    finally:
        serving_urls.gate.set()
    await asyncio.gather(*waiting)
    assert [client.status for client in crowd] == [200] + [503] * 5
    assert crowd[-1].header("retry-after") == ["1"]
    assert crowd[-1].json["errors"][0]["code"] == "sign_in_busy"
    serving_urls.gate.set()
    assert (await Client("/gate", method="POST").give(b"").ask(application)).status == 200  # nobody holds a turn


async def test_every_response_is_closed_in_its_thread_and_keeps_each_cookie(application: Application) -> None:
    client = await Client("/noted").ask(application)
    assert client.content == b"ok"
    assert len(client.header("set-cookie")) == 2
    assert [note[:13] for note in serving_urls.closed] == ["closed in web"]


async def test_head_has_the_length_and_no_body(application: Application) -> None:
    client = await Client("/noted", method="HEAD").ask(application)
    assert (client.status, client.content) == (200, b"")
    assert serving_urls.closed


async def test_an_error_of_a_view_and_one_of_the_handler_itself_are_500_and_tell_nothing(
    application: Application,
) -> None:
    first = await Client("/broken").ask(application)

    def unable(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("a secret")

    application.handler = unable  # type: ignore[assignment]
    second = await Client("/noted").ask(application)
    for client in (first, second):
        assert client.status == 500
        assert client.json["errors"][0]["code"] == "error"
        assert b"secret" not in client.content


@pytest.mark.django_db(transaction=True)
async def test_connections_go_back_to_the_pool_when_a_response_is_sent(application: Application) -> None:
    pool = connections["default"].pool  # type: ignore[attr-defined]

    def taken() -> int:
        figures = pool.get_stats()
        return int(figures["pool_size"] - figures["pool_available"])

    before = taken()  # by the test itself, and by threads that earlier tests of this process have left
    await asyncio.gather(*(Client(f"/{what}").ask(application) for what in ["queried", "pieces?rows=9&db=1"] * 10))
    async with asyncio.timeout(20):  # the pool takes back, and opens ahead of need, in threads of its own
        while taken() > before:
            await asyncio.sleep(0.01)


async def test_a_file_is_read_only_as_fast_as_it_is_taken_and_holds_no_thread(
    application: Application, tmp_path: Path
) -> None:
    file = tmp_path / "big.bin"
    data = bytes(range(256)) * (20 * serving.SPOOL_BYTES // 256)
    file.write_bytes(data)
    readers = [Client(f"/download?file={file}") for _ in range(THREADS * 3)]
    for reader in readers:
        reader.reads = asyncio.Semaphore(3)  # takes the head and two pieces, then stops reading
    taking = [asyncio.create_task(reader.ask(application)) for reader in readers]
    await got(readers, 3)
    assert (await Client("/echo").ask(application)).status == 200
    assert {len(reader.content) for reader in readers} == {2 * serving.SPOOL_BYTES}
    for reader in readers:
        for _ in range(100):
            reader.reads.release()
    await asyncio.gather(*taking)
    assert {hashlib.sha256(reader.content).digest() for reader in readers} == {hashlib.sha256(data).digest()}


async def test_a_stream_that_breaks_is_not_ended_as_if_it_were_whole(application: Application, caplog: Any) -> None:
    client = Client("/pieces?rows=9&fail=3")
    with pytest.raises(RuntimeError):
        await client.ask(application)
    assert client.sent[-1]["more_body"]
    assert serving_urls.closed == ["pieces ended"]


async def test_event_streams_run_on_the_loop_know_their_request_and_end_with_their_reader(
    application: Application,
) -> None:
    readers = [Client("/ticks") for _ in range(THREADS * 10)]
    reading = [asyncio.create_task(reader.ask(application)) for reader in readers]
    await got(readers, 4)
    assert (await Client("/echo").ask(application)).status == 200
    assert readers[0].sent[1]["body"] == b"data: bound True\n\n"
    for reader in readers:
        reader.leave()
    await asyncio.gather(*reading)
    assert serving_urls.closed == ["ticks ended"] * len(readers)


async def test_shutting_down_waits_for_the_views_that_run(application: Application) -> None:
    running = asyncio.create_task(Client("/slow?seconds=0.3").ask(application))
    await asyncio.sleep(0.05)
    life = Client("/")
    life.scope = {"type": "lifespan"}
    life.incoming.put_nowait({"type": "lifespan.startup"})
    life.incoming.put_nowait({"type": "lifespan.shutdown"})
    await life.ask(application)
    assert [message["type"] for message in life.sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert (await asyncio.wait_for(running, 0.2)).content == b"done"


async def test_probes_are_answered_while_every_thread_is_busy(application: Application) -> None:
    busy = [Client("/slow?seconds=1") for _ in range(THREADS * 3)]
    working = [asyncio.create_task(client.ask(application)) for client in busy]
    await asyncio.sleep(0.05)
    alive, ready = Client("/livez"), Client("/readyz")
    await asyncio.gather(alive.ask(application), ready.ask(application))
    assert (alive.status, alive.json) == (200, {"status": "ok"})
    assert ready.json["thread"].startswith("probe")
    assert not any(client.sent for client in busy)
    await asyncio.gather(*working)


async def test_who_leaves_while_waiting_for_a_thread_costs_none(application: Application) -> None:
    serving_urls.closed.clear()
    busy = [Client("/slow?seconds=0.3") for _ in range(THREADS)]
    working = [asyncio.create_task(client.ask(application)) for client in busy]
    await asyncio.sleep(0.05)
    impatient = [Client("/noted") for _ in range(20)]
    waiting = [asyncio.create_task(client.ask(application)) for client in impatient]
    await asyncio.sleep(0.05)
    for client in impatient[1:]:
        client.leave()
    await asyncio.gather(*working, *waiting)
    assert impatient[0].status == 200
    assert len(serving_urls.closed) == 1, "only the view of the one who stayed has run"
    assert [client.sent for client in impatient[1:]] == [[]] * 19


async def test_event_streams_end_when_the_server_stops(application: Application) -> None:
    reader = Client("/ticks")
    reading = asyncio.create_task(reader.ask(application))
    await got([reader], 3)
    life = Client("/")
    life.scope = {"type": "lifespan"}
    life.incoming.put_nowait({"type": "lifespan.shutdown"})
    await life.ask(application)
    await asyncio.wait_for(reading, 5)
    assert serving_urls.closed == ["ticks ended"]

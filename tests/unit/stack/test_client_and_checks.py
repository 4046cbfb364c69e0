"""The demo's own honesty (a wrong citation fails it) and the one-line cures before anything starts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from typing import Any, ClassVar

import pytest

from tutor_project.stack import preflight
from tutor_project.stack.client import ApiError, TutorClient
from tutor_project.stack.errors import StackError
from tutor_project.stack.main_job import MainJobResult, check_citations, citations_of

TEXT = "Größe zählt: 𝒳 is one code point."


class Handler(BaseHTTPRequestHandler):
    """Answers from ``answers`` (path to status and body) and keeps what it was asked."""

    answers: ClassVar[dict[str, tuple[int, Any]]] = {}
    asked: ClassVar[list[tuple[str, str | None, bytes]]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.path, self.headers.get("Authorization"), body))
        status, answer = self.answers[self.path]
        self.send_response(status)
        if status == 301:
            self.send_header("Location", answer)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_POST = do_GET

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def client() -> Iterator[TutorClient]:
    server = TCPServer(("127.0.0.1", 0), Handler)  # HTTPServer would look up a host name
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Handler.asked.clear()
    Handler.answers = {"/api/v1/documents/d1/content?type=text_only": (200, {"text": TEXT})}
    yield TutorClient(f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    thread.join()
    server.server_close()


def citation(start: int, end: int, text: str) -> dict[str, Any]:
    return {"document_id": "d1", "filename": "a.md", "char_start": start, "char_end": end, "text": text}


def test_citations_are_found_wherever_they_stand() -> None:
    shape = {"concepts": [{"evidence": [citation(0, 1, "G")]}], "other": [[{"citation": citation(1, 2, "r")}], None]}
    assert [found["text"] for found in citations_of(shape)] == ["G", "r"]


def test_citations_are_counted_in_code_points_against_the_stored_text(client: TutorClient) -> None:
    result = MainJobResult(analysis=[citation(13, 20, TEXT[13:20]), citation(0, 5, "Größe")])
    assert check_citations(client, result) == 2
    assert len(Handler.asked) == 1


def test_a_citation_beside_the_text_fails_the_demo(client: TutorClient) -> None:
    with pytest.raises(StackError, match="does not match"):
        check_citations(client, MainJobResult(graded=citation(0, 4, "Größe")))


def test_an_answer_that_cites_nothing_fails_the_demo(client: TutorClient) -> None:
    with pytest.raises(StackError, match="Nothing was cited"):
        check_citations(client, MainJobResult(analysis={}, lesson=None))


def test_a_refusal_is_told_with_its_code_and_cure(client: TutorClient) -> None:
    body = {"type": "client_error", "errors": [{"code": "file_empty", "detail": "The file is empty.", "attr": None}]}
    Handler.answers["/api/v1/sessions"] = (400, body)
    with pytest.raises(ApiError, match="file_empty: The file is empty") as caught:
        client.post("/sessions", {})
    assert caught.value.status == 400


def test_the_token_of_the_login_is_sent_from_then_on(client: TutorClient) -> None:
    Handler.answers["/api/v1/auth/login"] = (200, {"token": "abc"})
    Handler.answers["/api/v1/sessions"] = (200, {"results": []})
    client.login("demo", "pw")
    client.get("/sessions")
    assert [authorization for _, authorization, _ in Handler.asked] == [None, "Bearer abc"]


def test_a_file_name_cannot_break_out_of_its_header(client: TutorClient, tmp_path: Path) -> None:
    file = tmp_path / 'a"\r\nX-Evil: 1.md'
    file.write_text("content")
    Handler.answers["/api/v1/sessions/s/documents"] = (202, {"job_id": "j"})
    client.upload("s", file)
    body = Handler.asked[0][2].decode()
    assert 'filename="a%22%0D%0AX-Evil: 1.md"' in body
    assert body.count("\r\n\r\n") == 1


def test_a_server_that_insists_on_https_is_told_with_the_cure(client: TutorClient) -> None:
    Handler.answers["/api/v1/sessions"] = (301, "https://127.0.0.1/api/v1/sessions")
    with pytest.raises(StackError, match="HTTPS=false"):
        client.post("/sessions", {})


def test_what_is_missing_is_named(client: TutorClient) -> None:
    Handler.answers["/readyz?role=web"] = (503, {"status": "unavailable", "checks": {"database": True, "redis": False}})
    assert client.missing() == ["redis"]
    Handler.answers["/readyz?role=web"] = (200, {"status": "ok"})
    assert client.ready()


def test_nobody_at_the_address_is_one_line(tmp_path: Path) -> None:
    client = TutorClient("http://127.0.0.1:9")
    assert not client.ready()
    with pytest.raises(StackError, match="does not answer"):
        client.get("/sessions")


def test_a_taken_port_is_told_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=rf"{port} is taken.*PORT={port + 1}"):
            preflight.check_port("127.0.0.1", port)
    preflight.check_port("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(StackError, match="not a port"):
        preflight.check_port("127.0.0.1", port)


def test_an_old_python_a_full_disk_and_a_missing_file_each_have_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StackError, match=r"3\.10 is too old"):
        preflight.check_python((3, 10))
    monkeypatch.setattr(preflight, "NEEDED_MEGABYTES", 2**40)
    with pytest.raises(StackError, match="free some space"):
        preflight.check_disk(tmp_path / "not" / "yet")
    with pytest.raises(StackError, match="make demo FILE="):
        preflight.check_file(tmp_path / "absent.pdf")

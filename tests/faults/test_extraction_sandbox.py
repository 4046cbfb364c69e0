"""The child process: same result as in process, named failures, nothing left hanging, no secrets inside."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.made import files, hostile_pdfs
from benchmarks.made.files import paragraph, pdf
from documents_app.domain.errors import (
    CorruptFile,
    EncryptedFile,
    ExtractionCrashed,
    ExtractionOutOfMemory,
    ExtractionTimeout,
    FileTooLarge,
)
from documents_app.extraction import registry, sandbox, wire
from documents_app.extraction.limits import MEBIBYTE, ExtractionLimits

pytestmark = pytest.mark.faults

LIMITS = ExtractionLimits(use_ocr=False)
GOOD = pdf([paragraph(["A good neighbour is read before and after the bad one."])] * 60)


@pytest.fixture(autouse=True, scope="module")
def _child() -> Iterator[None]:
    yield
    sandbox.close()


def child_pid() -> int:
    process = sandbox._child()._process
    assert process is not None
    return process.pid


@pytest.mark.parametrize(
    ("data", "name"), [(GOOD, "a.pdf"), (files.docx(), "a.docx"), (files.xlsx(), "a.xlsx"), (b"# One\n\ntext", "a.md")]
)
def test_the_child_reads_what_the_process_itself_would(data: bytes, name: str) -> None:
    assert sandbox.extract(data, name, LIMITS) == registry.extract(data, name, LIMITS)


def test_one_child_serves_many_files() -> None:
    sandbox.extract(GOOD, "a.pdf", LIMITS)
    first = child_pid()
    sandbox.extract(b"text", "b.txt", LIMITS)
    assert child_pid() == first


def test_named_failures_come_through_with_their_sentence() -> None:
    with pytest.raises(EncryptedFile, match="password"):
        sandbox.extract(files.encrypted_pdf(), "a.pdf", LIMITS)
    with pytest.raises(CorruptFile, match="damaged"):
        sandbox.extract(b"%PDF-1.7\n", "a.pdf", LIMITS)
    with pytest.raises(FileTooLarge):
        sandbox.extract(b"x" * 11, "a.txt", ExtractionLimits(max_bytes=10))


def test_a_child_that_dies_is_a_named_failure_and_the_next_file_is_read() -> None:
    def kill(done: int, total: int) -> None:
        os.kill(child_pid(), signal.SIGSEGV)

    with pytest.raises(ExtractionCrashed):
        sandbox.extract(GOOD * 1, "a.pdf", LIMITS, on_progress=kill)
    assert sandbox.extract(b"the neighbour", "b.txt", LIMITS).text == "the neighbour"


def test_a_file_that_takes_too_long_is_stopped_and_the_next_is_read() -> None:
    sandbox.extract(b"warm", "a.txt", LIMITS)
    before = child_pid()
    with pytest.raises(ExtractionTimeout, match=r"0\.05 seconds"):
        sandbox.extract(hostile_pdfs.compressed_page(b"q " * 8_000_000), "a.pdf", replace(LIMITS, wall_seconds=0.05))
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert sandbox.extract(b"the neighbour", "b.txt", LIMITS).text == "the neighbour"


def test_a_file_that_needs_too_much_memory_is_a_named_failure() -> None:
    flood = hostile_pdfs.compressed_page(b"BT /F1 1 Tf 10 10 Td " + b"(flood of text ) Tj " * 300_000 + b"ET")
    with pytest.raises(ExtractionOutOfMemory):
        sandbox.extract(flood, "a.pdf", replace(LIMITS, memory_bytes=100 * MEBIBYTE))
    assert sandbox.extract(b"the neighbour", "b.txt", LIMITS).text == "the neighbour"


def test_progress_counts_pages_and_an_exception_of_the_listener_stops_the_reading() -> None:
    seen: list[tuple[int, int]] = []
    sandbox.extract(GOOD, "a.pdf", LIMITS, on_progress=lambda done, total: seen.append((done, total)))
    assert list(dict.fromkeys(seen))[-3:] == [(20, 60), (40, 60), (60, 60)]

    def cancel(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sandbox.extract(GOOD, "a.pdf", LIMITS, on_progress=cancel)
    assert sandbox.extract(b"the neighbour", "b.txt", LIMITS).text == "the neighbour"


def test_one_slow_page_is_given_up_as_soon_as_the_listener_says_so() -> None:
    sandbox.extract(b"warm", "a.txt", LIMITS)
    asked: list[int] = []

    def cancel(done: int, total: int) -> None:
        asked.append(done)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sandbox.extract(hostile_pdfs.compressed_page(b"q " * 8_000_000), "a.pdf", LIMITS, on_progress=cancel)
    assert asked == [0]
    assert sandbox.extract(b"the neighbour", "b.txt", LIMITS).text == "the neighbour"


def test_a_killed_idle_child_is_replaced_without_a_failure() -> None:
    sandbox.extract(b"warm", "a.txt", LIMITS)
    os.kill(child_pid(), signal.SIGKILL)
    sandbox._child()._process.wait()  # type: ignore[union-attr]
    assert sandbox.extract(b"the neighbour", "b.txt", LIMITS).text == "the neighbour"


def test_threads_take_turns() -> None:
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(sandbox.extract(f"text {n}".encode(), "a.txt", LIMITS).text))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [f"text {n}" for n in range(8)]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_child_inherits_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-pass-on")
    sandbox.close()
    sandbox.extract(b"text", "a.txt", LIMITS)
    assert b"do-not-pass-on" not in Path(f"/proc/{child_pid()}/environ").read_bytes()


def test_a_reply_with_spans_outside_the_text_is_refused() -> None:
    payload = wire.pack_document(registry.extract(b"text", "a.txt", LIMITS))
    payload["pages"] = [(1, 0, 99)]
    with pytest.raises(ValueError, match="outside"):
        wire.unpack_document(payload)

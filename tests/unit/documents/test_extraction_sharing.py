"""Two processes that read one PDF give what one alone gives, whatever becomes of the second."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from benchmarks.made.files import paragraph, pdf
from documents_app.domain.errors import ExpandedTooLarge
from documents_app.extraction import progress
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf import sharing
from documents_app.extraction.pdf.lines import Line
from documents_app.extraction.pdf.reading import extract_pdf
from documents_app.extraction.pdf.sharing import PageLines, ReadPage, read_pages

PAGES = 25


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make a second process worth it from the fifth page on; the processes that were forked."""
    started: list[int] = []
    fork = os.fork

    def counted() -> int:
        child = fork()
        if child:
            started.append(child)
        return child

    monkeypatch.setattr(sharing, "_WORTH_SECONDS", -1.0)
    monkeypatch.setattr(sharing.os, "fork", counted)
    return started


def page(index: int) -> PageLines:
    time.sleep(0.002)  # long enough for both processes to get some
    line = Line(f"Page {index}", 1.5, 0.1 + index, 99.0, 12.25, 10.0, rows=(("a", "b"),) if index % 2 else None)
    return PageLines([line], 800.0, failed=index % 2 == 0, blank=index % 3 == 0)


@contextmanager
def opened() -> Iterator[ReadPage]:
    yield page


def all_reaped(helpers: list[int]) -> bool:
    for helper in helpers:
        with pytest.raises(ChildProcessError):
            os.waitpid(helper, os.WNOHANG)
    return bool(helpers)


def test_two_readers_give_the_document_of_one(helpers: list[int], tmp_path: Path) -> None:
    sheets = [
        paragraph([f"Sentence {line} of page {number} stands here." for line in range(5)]) for number in range(30)
    ]
    file = tmp_path / "book.pdf"
    file.write_bytes(pdf(sheets))
    alone = extract_pdf(file, ExtractionLimits(use_ocr=False))
    assert not helpers
    assert extract_pdf(file, ExtractionLimits(use_ocr=False, readers=2)) == alone
    assert len(helpers) == 1
    assert all_reaped(helpers)


def test_every_page_comes_once_and_in_order_with_all_that_is_known_of_it(helpers: list[int]) -> None:
    assert read_pages(PAGES, page, opened, readers=2) == [page(index) for index in range(PAGES)]
    assert helpers


def test_what_a_second_process_leaves_when_it_dies_is_read_by_the_first(helpers: list[int]) -> None:
    @contextmanager
    def dying() -> Iterator[ReadPage]:
        def read(index: int) -> PageLines:
            os._exit(9)

        yield read

    assert read_pages(PAGES, page, dying, readers=2) == [page(index) for index in range(PAGES)]
    assert all_reaped(helpers)


def test_a_failure_of_the_first_process_ends_the_second(helpers: list[int]) -> None:
    def full(index: int) -> PageLines:
        if index > 6:
            raise ExpandedTooLarge(limit=1, unit="characters of text")
        return page(index)

    with pytest.raises(ExpandedTooLarge):
        read_pages(400, full, opened, readers=2)
    assert all_reaped(helpers)


def test_reports_end_with_all_pages_that_have_text(helpers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_EVERY", 1)
    reports: list[tuple[int, int]] = []
    with progress.listening(lambda done, total: reports.append((done, total))):
        read_pages(PAGES, page, opened, readers=2)
    without = sum(page(index).blank for index in range(PAGES))
    assert 0 < without < PAGES
    assert reports[-1] == (PAGES - without, PAGES)


def test_a_document_that_is_read_quickly_gets_no_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing.os, "fork", lambda: pytest.fail("forked"))
    assert len(read_pages(PAGES, page, opened, readers=2)) == PAGES


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a process with its parent")
def test_a_second_process_does_not_outlive_the_first(helpers: list[int], tmp_path: Path) -> None:
    """The first one is itself forked here, and killed in the middle."""
    pid = tmp_path / "helper"

    @contextmanager
    def endless() -> Iterator[ReadPage]:
        def read(index: int) -> PageLines:
            pid.write_text(str(os.getpid()))
            time.sleep(60)
            return page(index)

        yield read

    first = os.fork()
    if first == 0:
        read_pages(PAGES, page, endless, readers=2)
        os._exit(0)
    while not pid.exists() or not pid.read_text():
        time.sleep(0.005)
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    for _ in range(400):
        if not psutil.pid_exists(int(pid.read_text())) or psutil.Process(int(pid.read_text())).status() == "zombie":
            return
        time.sleep(0.01)
    pytest.fail("the second process is still there")

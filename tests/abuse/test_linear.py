"""Work on what strangers send grows with its length and no faster, in processor time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from documents_app.services.receiving import safe_filename
from sessions_app.api.uploads import _decoded
from tutor_project.accounts.domain.names import disguised, folded, skeleton
from tutor_project.common.text import sanitize, truncate

SHORT = 50_000
GROWTH = 8
LOOKS_LIKE = "а\u0301ｍ1l\u202e"

WORK: dict[str, tuple[Callable[[str], object], str]] = {
    "skeleton of a name": (skeleton, LOOKS_LIKE),
    "folding of a name": (folded, LOOKS_LIKE),
    "disguise of a name": (disguised, "аb"),
    "name of a file": (safe_filename, "../a.\u202e\n"),
    "name of a file, all dots": (safe_filename, "."),
    "sanitizing": (sanitize, "a\x00\ud800"),
    "truncating": (lambda text: truncate(text, len(text) - 1), "ab "),
    "base64 with line breaks": (lambda text: _decoded({"filename": "x", "content": text}), "QUJD\r\n"),
    "base64 of nothing but breaks": (lambda text: _decoded({"filename": "x", "content": text}), "\r\n"),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    """Return the least processor time of three runs."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        work(text)
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.mark.parametrize(("work", "pattern"), WORK.values(), ids=WORK)
def test_four_times_the_text_takes_about_four_times_the_work(work: Callable[[str], object], pattern: str) -> None:
    text = pattern * (SHORT // len(pattern))
    once, four_times = seconds(work, text), seconds(work, text * 4)
    assert four_times <= GROWTH * max(once, 0.002)

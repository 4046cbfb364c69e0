"""Reading and chunking a file takes time that grows with the file, whatever is repeated in it."""

from __future__ import annotations

import time

import pytest

from documents_app.domain.chunking import chunk
from documents_app.extraction.registry import extract

GROWING = {
    "dots.md": lambda n: "." * n,
    "definitions.md": lambda n: "\n\n".join(f"Term{i} is the thing number {i}." for i in range(n // 30)),
    "headings.md": lambda n: "\n\n".join(f"# Heading {i}" for i in range(n // 14)),
    "indented.md": lambda n: "\n".join(f"{'  ' * (i % 8)}- item {i}" for i in range(n // 16)),
    "blanks.md": lambda n: "a" + "\n" * n + "b",
    "spaces.txt": lambda n: "a" + " " * n + "b",
    "dollars.md": lambda n: "$a " * (n // 3),
    "brackets.md": lambda n: "\\[ x\n" * (n // 5),
    "comments.md": lambda n: "<!-- x\n\n" * (n // 8),
    "paragraphs.html": lambda n: "<p>aa <b>b</b></p>" * (n // 18),
    "navigation.html": lambda n: "<div class=cookie>a</div>" * (n // 25),
    "items.html": lambda n: "<ul>" + "<li>a" * (n // 5),
}


@pytest.mark.parametrize("name", GROWING)
def test_reading_and_chunking_grow_with_the_file_and_not_with_its_square(name: str) -> None:
    def seconds(size: int) -> float:
        source = f"{GROWING[name](size)}\n\nword end".encode()
        started = time.process_time()
        chunk(extract(source, name))
        return time.process_time() - started

    seconds(2_000)
    small, large = min(seconds(20_000) for _ in range(2)), min(seconds(160_000) for _ in range(2))
    # Eight times as much text: 8 if linear, 64 if quadratic; a floor for what is too fast to be measured.
    assert large < 24 * max(small, 0.01)

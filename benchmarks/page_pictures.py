"""Pictures of PDF pages by REST: what the first reader of a page waits (cold) and everybody after (warm).

    python -m benchmarks.page_pictures [--data DIR | --files PDF …] [--pages 30] [--rounds 20]

Starts a stack of its own. Cold is the first request for a page, which draws it in the bounded child process; warm is the
same request again, answered from the file store. Pages are spread evenly over each file. The first page asked for is not
counted: the child starts for it. By the clock, and in processor time of all processes of the stack, which a busy machine
stretches less. DIR holds ``textbook/*.pdf`` and ``pdf/GeoTopo-komprimiert.pdf``; without it pages are generated.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.ingest import Stack, chosen_files, generated_files
from benchmarks.support.own_stack import own_stack
from tutor_project.stack.client import ApiError

BARS_MS = {"cold": 200.0, "warm": 10.0}
_TIMEOUT_SECONDS = 30


class Answer(NamedTuple):
    """One request: milliseconds by the clock, of processor time, and bytes."""

    clock: float
    used: float
    size: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--files", type=Path, nargs="*")
    parser.add_argument("--pages", type=int, default=30, help="pages of each file, spread evenly")
    parser.add_argument("--rounds", type=int, default=20, help="warm requests for each page")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, own_stack() as (url, var):
        stack = Stack(url, var)
        files = chosen_files(arguments) or generated_files(Path(folder))
        session = stack.session()
        stack.finished(stack.send(session, [(file.name, file.read_bytes()) for file in files]))
        undisturbed(stack)
        documents = stack.client.get(f"/sessions/{session}/documents?limit=100")["results"]
        for document in sorted(documents, key=lambda one: str(one["filename"])):
            measure(stack, document, arguments.pages, arguments.rounds)


def undisturbed(stack: Stack) -> None:
    """Cancel the reading and analysis that the upload asked for, which would take long, and wait until they are gone."""
    for status in ("pending", "running"):
        for job in stack.client.get(f"/jobs?status={status}&limit=100")["results"]:
            with suppress(ApiError):  # it may have ended meanwhile
                stack.client.post(f"/jobs/{job['id']}/cancel")
    stack.quiet()


def measure(stack: Stack, document: dict[str, object], pages: int, rounds: int) -> None:
    """Print what the pages of one document cost."""
    count = int(str(document["page_count"]))
    chosen = sorted({1 + place * count // (pages + 1) for place in range(pages + 1)})
    first, *others = chosen
    asked(stack, document, first)  # the child starts
    cold = [asked(stack, document, page) for page in others]
    warm = [asked(stack, document, page) for page in others for _ in range(rounds)]
    for name, answers in (("cold", cold), ("warm", warm)):
        print(f"{document['filename']!s:<28} {name}  {_summary(answers)}; bar {BARS_MS[name]:g} ms", flush=True)


def asked(stack: Stack, document: dict[str, object], page: int) -> Answer:
    """Ask for the picture of a page once."""
    request = urllib.request.Request(
        f"{stack.client.base_url}/api/v1/documents/{document['id']}/pages/{page}/image",
        headers={"Authorization": f"Bearer {stack.client.token}"},
    )
    used, started = stack.used(), time.perf_counter()
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
        data = response.read()
    clock = time.perf_counter() - started
    if response.headers["Content-Type"] != "image/webp" or not data:
        raise SystemExit(f"page {page} of {document['filename']} was answered without a picture")
    return Answer(1000 * clock, 1000 * (stack.used() - used), len(data))


def _summary(answers: Sequence[Answer]) -> str:
    clocks = sorted(answer.clock for answer in answers)
    return (
        f"{len(answers):4} requests: median {statistics.median(clocks):6.1f} ms, p95 {clocks[int(0.95 * (len(clocks) - 1))]:6.1f}, at most"
        f" {clocks[-1]:6.1f}; processor time {statistics.fmean(answer.used for answer in answers):6.1f} ms on the mean;"
        f" {statistics.fmean(answer.size for answer in answers) / 1000:.0f} kB"
    )


if __name__ == "__main__":
    main()

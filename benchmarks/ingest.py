"""PDF in, chunks searchable: pages a second through the real worker, beside LangChain's pipeline on the same PostgreSQL.

    python -m benchmarks.ingest --data DIR [--pairs 5] [--uploads 500] [--pages 500] [--small-files 1500]

Starts servers, web and worker of its own in a temporary folder, makes the other side's environment
(``benchmarks/rivals/requirements-ingest.txt``) once, and ends all of it. DIR holds ``textbook/*.pdf`` and
``pdf/GeoTopo-komprimiert.pdf`` (any PDFs with ``--files``). This side's clock runs from the moment the upload is committed
(the batch job's ``created_at``) until its last document is committed as searchable (``completed_at``), which one search
then confirms. The other side's runs from the loader's call until PGVector's return, everything imported, loaded and warm.
Sides take turns. Processor time counts every process of a side, its part of PostgreSQL included: a busy machine
stretches it less than the clock. On this side it also counts the first moments of the analysis that follows.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from benchmarks.made.files import paragraph, pdf
from benchmarks.support.own_stack import ROOT, database_process, environment_of, own_stack, processor_seconds
from tutor_project import embedded
from tutor_project.stack.client import FINISHED, TutorClient

BARS = {("pypdfium2", "batch"): 1.0, ("pypdfium2", "single file"): 0.6}
"""What the ratio must be at least, beside a loader, for a batch of files and for one long file."""
FLAT_BAR = 1.3
MEMORY_BAR_MB = 400
WAIT_SECONDS = 900.0
SMALL_FILES_SECONDS = 600
FILES_A_REQUEST = 20
ENVIRONMENT = ROOT / "var" / "benchmarks" / "langchain"
REQUIREMENTS = ROOT / "benchmarks" / "rivals" / "requirements-ingest.txt"
SENTENCE = "Membrane {0} carries channel {1}, which lets ion {2} pass while gradient {0} holds."


class Run(NamedTuple):
    """What one side took: seconds by the clock, pages, seconds of processor time."""

    seconds: float
    pages: int
    used: float

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


class Stack:
    """The running stack, as a learner sees it, and what its processes use."""

    def __init__(self, url: str, var: Path) -> None:
        self.var = var
        self.client = TutorClient(url)
        self.client.login("demo", json.loads((var / "credentials.json").read_text())["demo"])

    def processes(self, name: str = "") -> list[psutil.Process]:
        """The processes of the stack whose name begins so."""
        started = json.loads((self.var / "stack.json").read_text())["processes"]
        return [psutil.Process(entry["pid"]) for key, entry in started.items() if key.startswith(name)]

    def used(self) -> float:
        """Processor time used so far, PostgreSQL's included, in seconds."""
        return processor_seconds(*self.processes(), database_process(self.var))

    def session(self) -> str:
        """Begin a session."""
        return str(self.client.post("/sessions", {"title": "Ingestion benchmark"})["session_id"])

    def send(self, session: str, files: Sequence[tuple[str, bytes]]) -> str:
        """Upload files in one request; the id of their batch job."""
        boundary = secrets.token_hex(16)
        parts = []
        for name, data in files:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
            parts += [head.encode(), data, b"\r\n"]
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={boundary}"
        return str(self.client.request("POST", f"/sessions/{session}/documents", body, kind)["job_id"])

    def finished(self, job_id: str) -> dict[str, Any]:
        """Wait for a job by its events, as the learner's page does; fails when it ends otherwise than completed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (job := self.client.get(f"/jobs/{job_id}"))["status"] not in FINISHED:
            if time.monotonic() > deadline:
                raise SystemExit(f"job {job_id} is still {job['status']} after {WAIT_SECONDS:.0f} s")
            self._listen(f"/jobs/{job_id}/events")
        if job["status"] != "completed":
            raise SystemExit(f"job {job_id}: {job['error_code']} {job['error_message']}")
        return dict(job)

    def _listen(self, path: str) -> None:
        """Listen to the events of a job until it is done or the server ends the stream."""
        request = urllib.request.Request(
            f"{self.client.base_url}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.client.token}", "Accept": "text/event-stream"},
        )
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as stream:
            for line in stream:
                if line.startswith(b"event: done"):
                    return

    def quiet(self) -> None:
        """Wait until nothing is under way (the analysis that an upload asks for), so that it is not timed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while any(self.client.get(f"/jobs?status={status}&limit=1")["results"] for status in ("pending", "running")):
            if time.monotonic() > deadline:
                raise SystemExit("the stack does not come to rest")
            time.sleep(0.2)

    def found(self, session: str, document: str) -> bool:
        """Whether a search for words from the middle of a document has a hit."""
        text = self.client.get(f"/documents/{document}/content?type=text_only")["text"]
        words = [word for word in text[len(text) // 2 :].split() if word.isalpha() and len(word) > 4][:8]
        return bool(self.client.post(f"/sessions/{session}/search", {"query": " ".join(words)})["hits"])

    def ingest(self, files: Sequence[tuple[str, bytes]]) -> Run:
        """Take files through the main path in a session of their own."""
        session = self.session()
        job_id = self.send(session, files)
        before = self.used()
        job = self.finished(job_id)
        used = self.used() - before
        documents = self.client.get(f"/sessions/{session}/documents?limit=100")["results"]
        if not all(document["status"] == "completed" and self.found(session, document["id"]) for document in documents):
            raise SystemExit("not everything that was uploaded can be searched")
        pages = sum(document["page_count"] for document in documents)
        self.client.request("DELETE", f"/sessions/{session}")  # and with it the analysis that the upload asked for
        self.quiet()
        return Run(seconds_between(job["created_at"], job["completed_at"]), pages, used)


def seconds_between(start: str, end: str) -> float:
    """Return the time between two timestamps of the API."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


class LangChain:
    """The other side in a process of its own, started once."""

    def __init__(self, python: Path, var: Path) -> None:
        script = Path(__file__).parent / "rivals" / "ingest_langchain.py"
        self._database = database_process(var)
        url = (
            embedded.postgres_url(var)
            .replace("postgresql://", "postgresql+psycopg://", 1)
            .replace("postgres://", "postgresql+psycopg://", 1)
        )
        self.process = subprocess.Popen(
            [str(python), "-P", str(script), url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=script.parent,
            env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
        )  # fmt: skip
        self._answer()
        self._own = psutil.Process(self.process.pid)

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(
                "the other side ended; is its environment complete (benchmarks/rivals/requirements-ingest.txt)?"
            )
        return dict(json.loads(line))

    def ingest(self, loader: str, files: Sequence[Path]) -> Run:
        """Take files through a loader's pipeline."""
        assert self.process.stdin is not None
        before = processor_seconds(self._own, self._database)
        self.process.stdin.write(json.dumps({"loader": loader, "files": [str(file) for file in files]}) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        return Run(answer["seconds"], answer["pages"], processor_seconds(self._own, self._database) - before)

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(10)


def compare(stack: Stack, other: LangChain, loader: str, name: str, files: Sequence[Path], pairs: int) -> None:
    """Print pages a second of both sides and the median ratio of the pairs."""
    loaded = [(file.name, file.read_bytes()) for file in files]
    ours: list[Run] = []
    theirs: list[Run] = []
    for number in range(pairs + 1):
        mine, other_run = stack.ingest(loaded), other.ingest(loader, files)
        if number:  # the first pair warms both sides
            ours.append(mine)
            theirs.append(other_run)
            print(f"  pair {number}: {mine.rate:.1f} and {other_run.rate:.1f} pages/s", file=sys.stderr, flush=True)
    bar = f"; bar {BARS[loader, name]:g}" if (loader, name) in BARS else ""
    ratios = [mine.rate / one.rate for mine, one in zip(ours, theirs, strict=True)]
    print(
        f"{name:<12} {ours[0].pages:4} pages  this project {statistics.median(run.rate for run in ours):7.1f} pages/s"
        f"   LangChain {loader:<10} {statistics.median(run.rate for run in theirs):7.1f} pages/s"
        f"   ratio {statistics.median(ratios):6.2f} (median of {pairs} pairs, {min(ratios):.2f} at least"
        f"{bar}); processor time {statistics.median(run.used for run in ours):.2f}"
        f" and {statistics.median(run.used for run in theirs):.2f} s",
        flush=True,
    )


def flat_cost(stack: Stack, uploads: int) -> None:
    """Print what the last uploads into one session cost beside the tenth: request and processing of one small file."""
    session = stack.session()
    costs = []
    for number in range(uploads):
        text = f"# Note {number}\n\n" + " ".join(SENTENCE.format(number, n, n + number) for n in range(12))
        started = time.perf_counter()
        job = stack.send(session, [(f"note-{number}.md", text.encode())])
        requested = time.perf_counter() - started
        done = stack.finished(job)
        costs.append((requested, seconds_between(done["created_at"], done["completed_at"])))
    first, last = costs[5:15], costs[-10:]
    for place, what in enumerate(("request", "processing")):
        early, late = (statistics.median(cost[place] for cost in part) for part in (first, last))
        print(
            f"small files  upload {uploads} of one session costs {late / early:.2f} times the 10th ({what}: {late * 1000:.0f}"
            f" and {early * 1000:.0f} ms, medians of ten; bar {FLAT_BAR})",
            flush=True,
        )
    stack.quiet()
    stack.client.request("DELETE", f"/sessions/{session}")


def peak_memory(stack: Stack, pages: int) -> None:
    """Print the peak memory of a worker process, together with its readers, while a long PDF is processed."""
    sheets = [paragraph([SENTENCE.format(page, line, page * line) for line in range(48)]) for page in range(pages)]
    session = stack.session()
    job = stack.send(session, [("long.pdf", pdf(sheets))])
    peak = alone = 0
    while stack.client.get(f"/jobs/{job}")["status"] not in FINISHED:
        for worker in (child for parent in stack.processes("worker") for child in parent.children()):
            sizes = [_memory(process) for process in (worker, *worker.children(recursive=True))]
            peak, alone = max(peak, sum(size[1] for size in sizes)), max(alone, *(size[0] for size in sizes))
        time.sleep(0.02)
    stack.finished(job)
    print(
        f"memory       {pages}-page PDF: a worker process and its readers together {peak / 2**20:.0f} MB at most (shared"
        f" pages counted once), the largest alone {alone / 2**20:.0f} MB resident (bar {MEMORY_BAR_MB})",
        flush=True,
    )
    stack.quiet()
    stack.client.request("DELETE", f"/sessions/{session}")


def _memory(process: psutil.Process) -> tuple[int, int]:
    """Return ``(resident, proportional)`` bytes; where the system tells no proportion, resident counts."""
    try:
        info = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0, 0
    return info.rss, getattr(info, "pss", info.rss)


def small_files(stack: Stack, count: int) -> None:
    """Print how long one learner takes to put many small files into one session, until all are searchable."""
    session = stack.session()
    started = time.perf_counter()
    jobs = []
    for first in range(0, count, FILES_A_REQUEST):
        files = [
            (f"note-{n}.md", f"# Note {n}\n\n{SENTENCE.format(n, n + 1, n + 2)}\n".encode())
            for n in range(first, min(first + FILES_A_REQUEST, count))
        ]
        jobs.append(stack.send(session, files))
    sent = time.perf_counter() - started
    results = [stack.finished(job)["result"] for job in jobs]
    seconds = time.perf_counter() - started
    print(
        f"small files  {sum(result['processed_files'] for result in results)} of {count} files in one session: sent in"
        f" {sent:.0f} s, all searchable after {seconds:.0f} s (bar {SMALL_FILES_SECONDS})",
        flush=True,
    )
    stack.quiet()
    stack.client.request("DELETE", f"/sessions/{session}")


def chosen_files(arguments: argparse.Namespace) -> list[Path]:
    """Return the PDFs to take; explains itself when there are none."""
    if arguments.files:
        return [file.resolve() for file in arguments.files]
    if arguments.data is None:
        return []
    found = sorted((arguments.data / "textbook").glob("*.pdf"))
    found += [file for file in [arguments.data / "pdf" / "GeoTopo-komprimiert.pdf"] if file.exists()]
    return [file.resolve() for file in found]


def generated_files(folder: Path) -> list[Path]:
    """Write four PDFs of 40 pages of generated sentences."""
    files = []
    for book in range(4):
        sheets = [paragraph([SENTENCE.format(book, line, page) for line in range(48)]) for page in range(40)]
        files.append(folder / f"generated-{book}.pdf")
        files[-1].write_bytes(pdf(sheets))
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--files", type=Path, nargs="*")
    parser.add_argument(
        "--environment", type=Path, default=ENVIRONMENT, help="where the other side's packages are kept"
    )
    parser.add_argument("--pairs", type=int, default=5, help="beside PyPDFium2Loader; 0 leaves it out")
    parser.add_argument("--plumber-pairs", type=int, default=5, help="beside PDFPlumberLoader")
    parser.add_argument("--uploads", type=int, default=500, help="small files into one session, one by one")
    parser.add_argument("--pages", type=int, default=500, help="pages of the PDF of the memory figure")
    parser.add_argument("--small-files", type=int, default=1500, help="small files into one session, twenty a request")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, own_stack() as (url, var):
        stack = Stack(url, var)
        files = chosen_files(arguments)
        if not files:
            print(
                "no --data with textbook/*.pdf or pdf/GeoTopo-komprimiert.pdf, and no --files: generated PDFs instead"
            )
            files = generated_files(Path(folder))
        if arguments.pairs or arguments.plumber_pairs:
            speed(stack, files, arguments)
        if arguments.pages:
            peak_memory(stack, arguments.pages)
        if arguments.uploads >= 30:
            flat_cost(stack, arguments.uploads)
        if arguments.small_files:
            small_files(stack, arguments.small_files)


def speed(stack: Stack, files: list[Path], arguments: argparse.Namespace) -> None:
    """Compare with both loaders."""
    other = LangChain(environment_of(REQUIREMENTS, arguments.environment), stack.var)
    try:
        longest = max(files, key=lambda file: file.stat().st_size)
        for loader, pairs in (("pypdfium2", arguments.pairs), ("pdfplumber", arguments.plumber_pairs)):
            if pairs:
                compare(stack, other, loader, "batch", files, pairs)
                compare(stack, other, loader, "single file", [longest], pairs)
    finally:
        other.close()


if __name__ == "__main__":
    main()

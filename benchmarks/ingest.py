"""PDF in, chunks searchable: pages a second through the real worker, beside LangChain's pipeline on the same PostgreSQL.

    python -m benchmarks.ingest --data DIR --langchain-python PATH [--pairs 5] [--plumber-pairs 5] [--uploads 500]

Needs a running stack (``make up``; ``--url`` and the account in ``var/credentials.json`` or ``--token``) and, for the other
side, an environment with ``benchmarks/requirements-ingest.txt``. DIR holds ``textbook/*.pdf`` and ``pdf/GeoTopo-komprimiert.pdf``
(any PDFs with ``--files``). This side's clock runs from the moment the upload is committed (the batch job's ``created_at``)
until its last document is committed as searchable (``completed_at``), which one search then confirms. The other side's runs
from the loader's call until PGVector's return, everything imported, loaded and warm. Sides take turns.
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
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.files import paragraph, pdf
from tutor_project.stack.client import FINISHED, TutorClient

BARS = {"pypdfium2": 2.0, "pdfplumber": 20.0}
FLAT_BAR = 1.3
MEMORY_BAR_MB = 400
WAIT_SECONDS = 600.0
SENTENCE = "Membrane {0} carries channel {1}, which lets ion {2} pass while gradient {0} holds."


class Stack:
    """The running stack, as a learner sees it."""

    def __init__(self, url: str, token: str, var: Path) -> None:
        self.client = TutorClient(url, token)
        if not token:
            accounts = json.loads((var / "credentials.json").read_text())
            self.client.login("demo", accounts["demo"])

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
        """Wait for a job; fails when it ends otherwise than completed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (job := self.client.get(f"/jobs/{job_id}"))["status"] not in FINISHED:
            if time.monotonic() > deadline:
                raise SystemExit(f"job {job_id} is still {job['status']} after {WAIT_SECONDS:.0f} s")
            time.sleep(0.1)
        if job["status"] != "completed":
            raise SystemExit(f"job {job_id}: {job['error_code']} {job['error_message']}")
        return dict(job)

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

    def ingest(self, files: Sequence[tuple[str, bytes]]) -> tuple[float, int]:
        """Take files through the main path in a session of their own; ``(seconds, pages)``."""
        session = self.session()
        job = self.finished(self.send(session, files))
        documents = self.client.get(f"/sessions/{session}/documents?limit=100")["results"]
        if not all(document["status"] == "completed" and self.found(session, document["id"]) for document in documents):
            raise SystemExit("not everything that was uploaded can be searched")
        pages = sum(document["page_count"] for document in documents)
        self.client.request("DELETE", f"/sessions/{session}")  # and with it the analysis that the upload asked for
        self.quiet()
        return seconds_between(job["created_at"], job["completed_at"]), pages


def seconds_between(start: str, end: str) -> float:
    """Return the time between two timestamps of the API."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


class LangChain:
    """The other side in a process of its own, started once."""

    def __init__(self, python: Path, database_url: str) -> None:
        script = Path(__file__).with_name("ingest_langchain.py")
        url = database_url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
            "postgres://", "postgresql+psycopg://", 1
        )
        self.process = subprocess.Popen(
            [str(python), "-P", str(script), url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=script.parent,
            env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
        )  # fmt: skip
        self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the other side ended; is its environment complete (benchmarks/requirements-ingest.txt)?")
        return dict(json.loads(line))

    def ingest(self, loader: str, files: Sequence[Path]) -> tuple[float, int]:
        """Take files through a loader's pipeline; ``(seconds, pages)``."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"loader": loader, "files": [str(file) for file in files]}) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        return answer["seconds"], answer["pages"]

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(10)


def compare(stack: Stack, other: LangChain, loader: str, name: str, files: Sequence[Path], pairs: int) -> None:
    """Print pages a second of both sides and the median ratio of the pairs."""
    loaded = [(file.name, file.read_bytes()) for file in files]
    ours, theirs = [], []
    for number in range(pairs + 1):
        seconds, pages = stack.ingest(loaded)
        other_seconds, other_pages = other.ingest(loader, files)
        if number:  # the first pair warms both sides
            ours.append(pages / seconds)
            theirs.append(other_pages / other_seconds)
            print(f"  pair {number}: {ours[-1]:.1f} and {theirs[-1]:.1f} pages/s", file=sys.stderr, flush=True)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"{name:<12} {pages:4} pages  this project {statistics.median(ours):7.1f} pages/s   LangChain {loader:<10}"
        f" {statistics.median(theirs):7.1f} pages/s   ratio {ratio:6.2f} (median of {pairs} pairs,"
        f" {min(a / b for a, b in zip(ours, theirs, strict=True)):.2f} at least; bar {BARS[loader]:g})",
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


def peak_memory(stack: Stack, var: Path, pages: int) -> None:
    """Print the peak resident memory of a worker process and of its reader while a long PDF is processed."""
    state = json.loads((var / "stack.json").read_text())
    workers = [psutil.Process(entry["pid"]) for name, entry in state["processes"].items() if name.startswith("worker")]
    sheets = [paragraph([SENTENCE.format(page, line, page * line) for line in range(48)]) for page in range(pages)]
    session = stack.session()
    job = stack.send(session, [("long.pdf", pdf(sheets))])
    peaks: dict[int, int] = {}
    while stack.client.get(f"/jobs/{job}")["status"] not in FINISHED:
        for worker in workers:
            for process in (worker, *worker.children(recursive=True)):
                try:
                    peaks[process.pid] = max(peaks.get(process.pid, 0), process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
        time.sleep(0.02)
    stack.finished(job)
    print(
        f"memory       {pages}-page PDF: largest process of the workers {max(peaks.values()) / 2**20:.0f} MB resident"
        f" (bar {MEMORY_BAR_MB})",
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
    parser.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--token", default="")
    parser.add_argument("--var", type=Path, default=Path(os.environ.get("TUTOR_VAR_DIR", "var")))
    parser.add_argument("--database-url", default="", help="PostgreSQL of the stack; that of --var by default")
    parser.add_argument("--langchain-python", type=Path, help="python of an environment with requirements-ingest.txt")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--plumber-pairs", type=int, default=5)
    parser.add_argument("--uploads", type=int, default=60, help="small files into one session; 500 for the full form")
    parser.add_argument("--pages", type=int, default=500, help="pages of the PDF of the memory figure")
    arguments = parser.parse_args()
    stack = Stack(arguments.url, arguments.token, arguments.var)
    with tempfile.TemporaryDirectory() as folder:
        files = chosen_files(arguments)
        if not files:
            print(
                "no --data with textbook/*.pdf or pdf/GeoTopo-komprimiert.pdf, and no --files: generated PDFs instead"
            )
            files = generated_files(Path(folder))
        speed(stack, files, arguments)
    if arguments.pages:
        peak_memory(stack, arguments.var, arguments.pages)
    if arguments.uploads >= 30:
        flat_cost(stack, arguments.uploads)


def speed(stack: Stack, files: list[Path], arguments: argparse.Namespace) -> None:
    """Compare with both loaders, or say what is missing and print this side alone."""
    python = arguments.langchain_python
    if python is None or not python.exists():
        print(
            "the other side is left out: no --langchain-python, or it does not exist. Make an environment with\n"
            "  python3 -m venv DIR && DIR/bin/pip install -r benchmarks/requirements-ingest.txt\n"
            "and name it: --langchain-python DIR/bin/python",
            file=sys.stderr,
        )
        loaded = [(file.name, file.read_bytes()) for file in files]
        runs = [stack.ingest(loaded) for _ in range(arguments.pairs + 1)][1:]
        rate = statistics.median(pages / seconds for seconds, pages in runs)
        print(
            f"batch        {runs[0][1]:4} pages  this project {rate:7.1f} pages/s (median of {len(runs)})", flush=True
        )
        return
    from tutor_project import embedded

    other = LangChain(python, arguments.database_url or embedded.postgres_url(arguments.var))
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

"""How long ``ask`` takes, first and warm, in a session of one document and of very many; what a web process keeps of it.

    python -m benchmarks.asking [--data DIR] [--documents 2000] [--chunks 50] [--sessions 200] [--questions 40]

Passages are put together from sentences of DIR's ``cranfield/`` and ``textbook/`` and go through the services the ingestion
uses, into a database that is made for this and dropped at the end. The vectors of the sentences' meaning are random numbers:
to make the real ones takes an hour of a core for ten million words, and to compare with them takes as long. Questions are
asked by the service that the endpoint calls, in processes that were just started and hold what a web process holds before it
answers: the first question is timed alone. ``cpu`` is processor time of the process and its database backend. Memory is what the
process holds privately, before the first and after the last of the sessions asked, each by another learner.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.support.environment import set_up

set_up()

import numpy as np  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.search import cpu_seconds, documents, sources  # noqa: E402
from benchmarks.support.retrieval_load import Library  # noqa: E402
from documents_app.models import Document  # noqa: E402
from documents_app.retrieval.maintenance import vector_index_build  # noqa: E402
from documents_app.retrieval.spaces import spaces_in_use  # noqa: E402
from documents_app.services import reading  # noqa: E402
from sessions_app.models import LearningSession  # noqa: E402
from sessions_app.services.answering import answer_builtin, asked_in_session, passages_for  # noqa: E402
from tutor_project.llm.minilm import DIMENSIONS  # noqa: E402
from tutor_project.stack.forking import import_project  # noqa: E402

CHARACTERS_A_CHUNK = 620
MEBIBYTE = 1024


def random_vectors(texts: Sequence[str], **_: Any) -> list[bytes]:
    """Return a vector for each text, as the encoder would store it."""
    rows = np.random.default_rng(1).integers(-40, 40, size=(len(texts), DIMENSIONS), dtype=np.int8)
    return [row.tobytes() for row in rows]


def fill(library: Library, texts: Sequence[str]) -> UUID:
    """Put documents into a session, read them, and return the session's id."""
    LearningSession.objects.create(pk=library.session_id, owner_id=library.owner_id, title="Asked")
    for number, text in enumerate(texts):
        reading.reading_ensure(document_id=library.add(f"{number}.txt", text))
    Document.objects.filter(session_id=library.session_id).update(status=Document.Status.COMPLETED, language="en")
    return library.session_id


def private_memory() -> float:
    """Return the MB this process holds for itself."""
    rows = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Private_")) / MEBIBYTE


def ask(session_id: str, question: str) -> tuple[float, float]:
    """Ask as the endpoint does; return the milliseconds by the clock and of processor."""
    started, used = time.perf_counter(), cpu_seconds()
    session = LearningSession.objects.select_related("owner").get(pk=session_id)
    asked = asked_in_session(session, question)
    answer_builtin(asked, passages_for(asked))
    return 1000 * (time.perf_counter() - started), 1000 * (cpu_seconds() - used)


def asked_here(order: dict[str, Any]) -> dict[str, Any]:
    """Ask every question of an order in this process: ``sessions`` in turn."""
    import_project()
    connection.settings_dict["NAME"] = order["database"]
    connection.ensure_connection()
    sessions, questions = order["sessions"], order["questions"]
    times = []
    for at, question in enumerate(questions):
        times.append(ask(sessions[at % len(sessions)], question))
        if at == order["settled"]:
            before = private_memory()
    return {"times": times, "grown": private_memory() - before}


def asked_afresh(sessions: Sequence[UUID], questions: Sequence[str], *, settled: int = 0) -> dict[str, Any]:
    """Ask in a process that was just started; memory counts from the question ``settled`` on."""
    order = {
        "database": connection.settings_dict["NAME"], "sessions": [str(one) for one in sessions],
        "questions": list(questions), "settled": settled,
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.asking", "--order", json.dumps(order)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def report(name: str, result: dict[str, Any]) -> None:
    """Print the first and the warm times."""
    (first, first_used), *warm = result["times"]
    every = sorted(wall for wall, _ in warm)
    used = statistics.mean(cpu for _, cpu in warm)
    print(
        f"{name:28s} first {first:6.0f} ms (cpu {first_used:.0f})   warm p50 {statistics.median(every):6.0f} ms   "
        f"p95 {every[int(0.95 * len(every))]:6.0f} ms   cpu {used:.0f} ms a question",
        flush=True,
    )


def main() -> None:
    """Fill, ask, drop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with cranfield/ and textbook/")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--chunks", type=int, default=50, help="of a document")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--order", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.order:
        print(json.dumps(asked_here(json.loads(options.order))))
        return
    reading.encode_in_child = random_vectors
    groups, queries = sources(options.data)
    texts = documents(groups, 2)
    size = options.chunks * CHARACTERS_A_CHUNK
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        started = time.perf_counter()
        large = Library("large")
        many = fill(large, [next(texts)[:size] for _ in range(options.documents)])
        others = [fill(Library(f"learner {n}"), [next(texts)[:size]]) for n in range(options.sessions)]
        vector_index_build(space_id=spaces_in_use()[0].id)
        large.analyse()
        print(
            f"{large.session_chunks()} chunks in {options.documents} documents; {time.perf_counter() - started:.0f} s"
        )
        asked = [queries[at % len(queries)] for at in range(options.questions + 1)]
        report("a session of 1 document", asked_afresh(others[:1], asked))
        report(f"a session of {options.documents:,}", asked_afresh([many], asked))
        turns = [queries[at % len(queries)] for at in range(len(others))]
        result = asked_afresh(others, turns, settled=min(5, len(others) - 1))
        report(f"{len(others)} sessions in turn", result)
        print(f"memory held by the process grew by {result['grown']:.1f} MB from the sixth session to the last")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()

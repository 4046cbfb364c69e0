"""A change of the embedding model that is killed on its way: searches never notice, and nothing is lost or mixed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.harness import PATIENCE, Stack, orphans, wait_until
from tests.faults.test_document_jobs import begin, settled

pytestmark = [pytest.mark.faults, pytest.mark.slow]

NOTES = 12
MODEL = "standin:wide"
DIMENSIONS = 768
AT_ONCE = 3
PACKAGE = f"""
import os
import time
from hashlib import blake2b

from langchain_core.embeddings import Embeddings

__all__ = ["StandinEmbeddings"]
done = 0


class StandinEmbeddings(Embeddings):
    def __init__(self, model):
        self.model = model

    def embed_documents(self, texts):
        global done
        while done >= {AT_ONCE} and os.path.exists("provider-is-slow"):
            time.sleep(0.02)
        done += 1
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        vector = [0.0] * {DIMENSIONS}
        for word in text.lower().split():
            vector[int.from_bytes(blake2b(word.strip(".,").encode(), digest_size=4).digest()) % {DIMENSIONS}] += 1.0
        return vector
"""
"""A provider's package as LangChain's are; while it is slow, each process gets so many answers and then waits."""


@pytest.fixture
def provider(stack: Stack) -> Iterator[Stack]:
    """The stack with the package beside it; the bundled model is back in use at the end."""
    (stack.folder / "langchain_standin.py").write_text(PACKAGE, encoding="utf-8")
    slow(stack).touch()
    yield stack
    slow(stack).unlink(missing_ok=True)
    if spaces(stack).get("active") != "bundled":
        assert reembed(stack, "--model", "bundled").wait(PATIENCE) == 0


def slow(stack: Stack) -> Path:
    return stack.folder / "provider-is-slow"


def reembed(stack: Stack, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "reembed", *arguments],
        cwd=stack.folder,
        env=stack.environment(),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def spaces(stack: Stack) -> dict[str, str]:
    return dict(stack.rows("SELECT state, spec FROM documents_app_embeddingspace"))


def built(stack: Stack) -> int:
    """Documents that are complete in the generation that is being built."""
    sql = (
        "SELECT count(*) FROM documents_app_documentembedding e JOIN documents_app_embeddingspace s ON s.id = e.space_id"
        " WHERE s.state = 'building'"
    )
    return int(stack.value(sql) or 0)


def vectors(stack: Stack, session_id: str) -> dict[str, tuple[int, int]]:
    """``(vectors, distinct dimensions)`` of a session's chunks in each state of a space."""
    sql = (
        "SELECT s.state, count(*), count(DISTINCT (vector_dims(v.embedding), s.dimensions)) FROM"
        " documents_app_chunkembedding v JOIN documents_app_embeddingspace s ON s.id = v.space_id"
        " WHERE v.session_id = %s AND vector_dims(v.embedding) = s.dimensions GROUP BY 1"
    )
    return {state: (count, kinds) for state, count, kinds in stack.rows(sql, session_id)}


def answer(stack: Stack, session_id: str, query: str = "subject7 chlorophyll") -> dict[str, Any]:
    """What a search says, the scores left out."""
    found = stack.client().post(f"/sessions/{session_id}/search", {"query": query, "mode": "dense", "limit": 50})
    return {"hits": [hit["citation"]["filename"] for hit in found["hits"]], "coverage": found["coverage"]}


def document_ids(stack: Stack, session_id: str) -> dict[str, str]:
    return dict(stack.rows("SELECT filename, id::text FROM documents_app_document WHERE session_id = %s", session_id))


def test_a_killed_re_embed_leaves_the_old_answers_and_goes_on_where_it_was(provider: Stack, tmp_path: Path) -> None:
    stack, files = provider, []
    for number in range(NOTES):
        files.append(tmp_path / f"note-{number:02}.md")
        files[-1].write_text(
            f"# Note {number}\n\nChlorophyll and subject{number} are treated here.\n", encoding="utf-8"
        )
    session_id, _ = begin(stack, files)
    settled(stack, session_id)
    ids, before = document_ids(stack, session_id), answer(stack, session_id)
    assert before["hits"][0] == "note-07.md"
    assert before["coverage"]["searched"] == 1.0

    first = reembed(stack, "--model", MODEL)
    wait_until(lambda: built(stack) == AT_ONCE)
    during = answer(stack, session_id)
    assert during["hits"] == before["hits"]
    assert during["coverage"]["rebuilding"] == MODEL
    first.send_signal(signal.SIGKILL)
    first.wait()

    killed = answer(stack, session_id)
    assert built(stack) == AT_ONCE
    assert killed["hits"] == before["hits"]
    assert killed["coverage"]["model"] == before["coverage"]["model"]
    assert killed["coverage"]["searched"] == 1.0
    assert killed["coverage"]["rebuilt"] < 1.0
    assert vectors(stack, session_id)["active"] == (NOTES, 1)

    stack.client().request("DELETE", f"/documents/{ids['note-00.md']}")
    left = built(stack)
    second = reembed(stack, "--model", MODEL)
    wait_until(lambda: built(stack) == left + AT_ONCE)
    stack.client().request("DELETE", f"/documents/{ids['note-11.md']}")
    slow(stack).unlink()
    wait_until(lambda: spaces(stack)["active"] == MODEL)
    after = answer(stack, session_id)
    assert vectors(stack, session_id)["active"] == (NOTES - 2, 1)
    assert vectors(stack, session_id).get("retired", (NOTES - 2, 1)) == (NOTES - 2, 1)
    assert after["hits"][0] == "note-07.md"
    assert not {"note-00.md", "note-11.md"} & set(after["hits"])
    assert after["coverage"] == {"model": MODEL, "searched": 1.0}

    assert second.wait(PATIENCE) == 0
    assert set(spaces(stack)) == {"active"}
    assert set(vectors(stack, session_id)) == {"active"}
    assert orphans(stack) == {}
    assert answer(stack, session_id) == after


# As a job of the console


def held_document(stack: Stack, session_id: str, number: int) -> psycopg.Connection[Any]:
    """A connection that holds the row which a new vector of the so-many-th document needs."""
    connection = stack.database()
    connection.execute(
        "SELECT 1 FROM documents_app_documentindex WHERE document_id = (SELECT id FROM documents_app_document"
        " WHERE session_id = %s ORDER BY id LIMIT 1 OFFSET %s) FOR UPDATE",
        [session_id, number],
    )
    return connection


def blocks(stack: Stack, connection: psycopg.Connection[Any]) -> bool:
    """Whether a process waits for what the connection holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    return bool(stack.value(waiting, connection.info.backend_pid))


def embedded_at(stack: Stack, session_id: str) -> list[Any]:
    """When the active vectors of each document were made, in the order of the documents."""
    sql = (
        "SELECT e.embedded_at FROM documents_app_documentembedding e JOIN documents_app_embeddingspace s ON s.id ="
        " e.space_id JOIN documents_app_document d ON d.id = e.document_id"
        " WHERE s.state = 'active' AND d.session_id = %s ORDER BY d.id"
    )
    return [moment for (moment,) in stack.rows(sql, session_id)]


def requested(stack: Stack, state: str) -> str:
    """Ask for the vectors of the space in this state as the console does; the job's id."""
    code = (
        "from documents_app.models import EmbeddingSpace as S\n"
        "from documents_app.services.reembedding import space_reembed_request as ask\n"
        f"print(ask(space=S.objects.get(state='{state}')))"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=stack.folder, env=stack.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def kill_worker_of(stack: Stack, job_id: str) -> None:
    os.kill(
        int(stack.value("SELECT split_part(worker, ':', 2) FROM jobs_app_job WHERE id = %s", job_id)), signal.SIGKILL
    )


def ended(stack: Stack, job_id: str) -> tuple[Any, ...]:
    """The end of a job: ``(status, attempts)``."""
    final = "SELECT status, attempts FROM jobs_app_job WHERE id = %s AND status IN ('completed', 'failed', 'cancelled')"
    return tuple(wait_until(lambda: stack.rows(final, job_id))[0])


@pytest.fixture
def notes(stack: Stack, tmp_path: Path) -> str:
    """A session of small documents, ready."""
    files = []
    for number in range(NOTES):
        files.append(tmp_path / f"note-{number:02}.md")
        files[-1].write_text(f"# Note {number}\n\nXylem and subject{number} are told of here.\n", encoding="utf-8")
    session_id, _ = begin(stack, files)
    settled(stack, session_id)
    return session_id


def test_a_job_that_makes_all_vectors_anew_and_is_killed_goes_on_where_it_was(stack: Stack, notes: str) -> None:
    before, first = answer(stack, notes, "subject7 xylem"), embedded_at(stack, notes)
    held = held_document(stack, notes, 5)
    job_id = requested(stack, "active")
    wait_until(lambda: blocks(stack, held))
    kill_worker_of(stack, job_id)
    at_kill = embedded_at(stack, notes)
    assert [new > old for new, old in zip(at_kill, first, strict=True)] == [True] * 5 + [False] * (NOTES - 5)
    assert answer(stack, notes, "subject7 xylem") == before
    held.close()
    assert ended(stack, job_id) == ("completed", 2)
    after = embedded_at(stack, notes)
    # What the killed process had asked for ends with its connection: the document it was at is made by the second.
    assert [new > old for new, old in zip(after, at_kill, strict=True)] == [False] * 5 + [True] * (NOTES - 5)
    assert answer(stack, notes, "subject7 xylem") == before
    assert vectors(stack, notes)["active"] == (NOTES, 1)
    assert orphans(stack) == {}


def test_a_job_that_finishes_a_new_model_and_is_killed_still_switches_once(provider: Stack, notes: str) -> None:
    stack, before = provider, answer(provider, notes, "subject7 xylem")
    command = reembed(stack, "--model", MODEL)
    wait_until(lambda: built(stack) == AT_ONCE)
    command.send_signal(signal.SIGKILL)
    command.wait()
    job_id = requested(stack, "building")
    wait_until(lambda: built(stack) == 2 * AT_ONCE)
    kill_worker_of(stack, job_id)
    assert answer(stack, notes, "subject7 xylem")["hits"] == before["hits"]
    assert spaces(stack)["active"] == "bundled"
    slow(stack).unlink()
    assert ended(stack, job_id) == ("completed", 2)
    assert spaces(stack)["active"] == MODEL
    assert vectors(stack, notes)["active"] == (NOTES, 1)
    assert answer(stack, notes, "subject7 xylem")["coverage"] == {"model": MODEL, "searched": 1.0}
    assert orphans(stack) == {}

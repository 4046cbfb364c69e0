"""A change of the embedding model that is killed on its way: searches never notice, and nothing is lost or mixed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

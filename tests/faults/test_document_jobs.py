"""The document jobs under fire: whatever is killed, the end state is that of an undisturbed run, row for row.

``FAULTS=full`` takes twenty documents through twenty-five kills with the leases of production; the short form takes
six documents through four kills with short leases.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.harness import PATIENCE, Stack, end_state, orphans, running_stack, wait_until
from tutor_project import embedded
from tutor_project.embedded.postgres import PostgresServer
from tutor_project.embedded.valkey import ValkeyServer
from tutor_project.stack.client import ApiError

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FULL = os.environ.get("FAULTS") == "full"
DOCUMENTS, KILLS, PARTS = (20, 25, 12) if FULL else (6, 4, 6)
LEASE_SECONDS = 30 if FULL else 10
STAGES = ("begin", "extract", "embed", "store", "finish")
GROUP_KILL_EVERY = 6
GROUP_KILL_PAUSE_SECONDS = 15.0
"""The supervisor gives up on a process that ends more than five times a minute."""

full_only = pytest.mark.skipif(not FULL, reason="part of 'make faults'")
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("faults") / "checkout"
    with running_stack(folder, JOB_LEASE_SECONDS=str(LEASE_SECONDS), JOB_PROCESSES="2") as running:
        with running.database() as connection:  # the sweeper as an operator may set it, so that nobody waits for it
            connection.execute(
                "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (%s, 'seconds')",
                [15 if FULL else 3],
            )
            connection.execute(
                "UPDATE django_celery_beat_periodictask SET interval_id = (SELECT max(id) FROM"
                " django_celery_beat_intervalschedule), expire_seconds = 60 WHERE name = 'job-sweeper'"
            )
            connection.execute("UPDATE django_celery_beat_periodictasks SET last_update = now()")
        yield running


@pytest.fixture(scope="module")
def chapters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Documents that differ, each long enough to be interrupted in every stage."""
    folder = tmp_path_factory.mktemp("chapters")
    text = SAMPLE.read_text(encoding="utf-8")
    files = []
    for number in range(DOCUMENTS):
        parts = "\n\n".join(
            f"# Part {number}.{part}\n\nPart {part} of book {number}.\n\n{text}" for part in range(PARTS)
        )
        files.append(folder / f"book-{number:02}.md")
        files[-1].write_text(parts, encoding="utf-8")
    return files


def begin(stack: Stack, files: list[Path]) -> tuple[str, list[str]]:
    """Upload to a new session; its id and those of the batch jobs."""
    client = stack.client()
    session_id = client.post("/sessions", {"title": "faults"})["session_id"]
    return session_id, [client.upload(session_id, file)["job_id"] for file in files]


def settled(stack: Stack, session_id: str, seconds: float = PATIENCE) -> dict[str, Any]:
    """Wait until nothing of the session waits or runs, its analysis included; returns the end state."""

    def idle() -> bool:
        active = stack.rows(
            "SELECT count(*) FROM jobs_app_job WHERE status IN ('pending', 'running') AND"
            " (input->>'session_id' = %s OR input->>'document_id' IN"
            " (SELECT id::text FROM documents_app_document WHERE session_id = %s))",
            session_id,
            session_id,
        )
        return bool(active) and active[0][0] == 0

    wait_until(idle, seconds, every=0.2)
    return end_state(stack, session_id)


def comparable(state: dict[str, Any]) -> dict[str, Any]:
    """An end state without the number of analyses: how many batches shared one is a matter of timing."""
    jobs = [row[:-1] if row[0] == "session_analysis" else row for row in state["jobs"]]
    return {**state, "jobs": jobs}


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, chapters: list[Path]) -> dict[str, Any]:
    session_id, _ = begin(stack, chapters)
    state = settled(stack, session_id)
    assert Counter(row[4] for row in state["documents"]) == {"completed": len(chapters)}
    return comparable(state)


# Kills


def candidates(stack: Stack, session_id: str) -> list[tuple[str, str]]:
    """Jobs that may still be killed: a third loss would be quarantine, as designed. ``(job id, document id)``."""
    return stack.rows(
        "SELECT id::text, input->>'document_id' FROM jobs_app_job WHERE job_type = 'document_ingest'"
        " AND status IN ('pending', 'running') AND attempts - (status = 'running')::int < 2"
        " AND input->>'document_id' IN (SELECT id::text FROM documents_app_document WHERE session_id = %s) ORDER BY id",
        session_id,
    )


def kill_in_stage(stack: Stack, job_id: str, document_id: str, stage: str, *, whole_group: bool) -> str | None:
    """kill -9 the process that runs the job in ``stage``; returns the stage it was in, None when it had ended before.

    A lock on the rows that the next stage needs holds the job in the wanted one, however fast the machine is.
    """
    with stack.database() as gate:
        locked = "jobs_app_jobattempt WHERE job_id" if stage == "finish" else "documents_app_document WHERE id"
        if stage == "finish":
            wait_until(lambda: stack.value("SELECT status <> 'pending' FROM jobs_app_job WHERE id = %s", job_id))
        elif stage != "begin":
            wait_until(lambda: stack.value("SELECT stage <> '' OR status NOT IN ('pending', 'running') FROM jobs_app_job WHERE id = %s", job_id))  # fmt: skip
        gate.execute("SET lock_timeout = '20s'")
        gate.execute(f"SELECT 1 FROM {locked} = %s FOR UPDATE", [document_id if stage != "finish" else job_id])
        reached = wait_until(lambda: _reached(stack, job_id, document_id, stage))
        if reached == "over":
            return None
        pid = int(stack.value("SELECT split_part(worker, ':', 2) FROM jobs_app_job WHERE id = %s", job_id))
        if whole_group:
            stack.kill_group("worker")
        else:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        gate.rollback()
    return str(reached)


def _reached(stack: Stack, job_id: str, document_id: str, stage: str) -> str | None:
    row = stack.rows(
        "SELECT j.status, j.stage, j.progress, d.status, (SELECT count(*) FROM pg_locks WHERE NOT granted)"
        " FROM jobs_app_job j JOIN documents_app_document d ON d.id = %s WHERE j.id = %s",
        document_id,
        job_id,
    )
    if not row:
        return None
    status, at, progress, document, waiting = row[0]
    if status not in ("pending", "running"):
        return "over"
    if status == "pending":
        return None
    if stage == "finish":
        return "finish" if document == "completed" else None
    if stage == "begin":
        return "begin" if waiting else None
    if at == stage:
        return stage
    blocked = waiting and at == "embed" and progress >= 94
    return "store" if blocked else None


def test_kill_9_of_workers_in_every_stage_changes_nothing_in_the_end_state(
    stack: Stack, chapters: list[Path], undisturbed: dict[str, Any]
) -> None:
    session_id, _ = begin(stack, chapters)
    killed: Counter[str] = Counter()
    stages = itertools.cycle(STAGES if FULL else STAGES[1:])
    last_group_kill = 0.0
    while killed.total() < KILLS:
        possible = candidates(stack, session_id)
        assert possible, f"all documents were ready after {dict(killed)}"
        job_id, document_id = possible[0]
        due = killed.total() % GROUP_KILL_EVERY == GROUP_KILL_EVERY // 2
        whole_group = due and time.monotonic() - last_group_kill > GROUP_KILL_PAUSE_SECONDS
        stage = kill_in_stage(stack, job_id, document_id, next(stages), whole_group=whole_group)
        if stage is not None:
            killed[stage] += 1
            last_group_kill = time.monotonic() if whole_group else last_group_kill
    last_kill = time.monotonic()
    state = comparable(settled(stack, session_id))
    print(f"\n{killed.total()} kills: {dict(killed)}; settled {time.monotonic() - last_kill:.0f} s after the last one")
    assert state == undisturbed
    lost = stack.value("SELECT count(*) FROM jobs_app_jobattempt WHERE outcome = 'lost'")
    assert lost >= KILLS
    assert orphans(stack) == {}


# Servers


def restart_valkey(stack: Stack) -> None:
    ValkeyServer(stack.var).stop()
    embedded.ensure_redis(stack.var)


def restart_postgres(stack: Stack) -> None:
    PostgresServer(stack.var).stop()
    embedded.ensure_postgres(stack.var)


def test_flushed_and_restarted_servers_in_the_middle_lose_and_double_nothing(
    stack: Stack, chapters: list[Path], undisturbed: dict[str, Any]
) -> None:
    with stack.stopped("worker"):
        session_id, _ = begin(stack, chapters)
        stack.redis().flushall()
    wait_until(lambda: stack.value("SELECT count(*) FROM documents_app_document WHERE session_id = %s AND status = 'completed'", session_id))  # fmt: skip
    restart_valkey(stack)
    restart_postgres(stack)
    assert comparable(settled(stack, session_id)) == undisturbed
    assert stack.client().get("/jobs?limit=1")["results"]


def test_a_message_delivered_ten_times_is_one_run(stack: Stack, chapters: list[Path]) -> None:
    broker = stack.redis()
    with stack.stopped("worker"):
        session_id, _ = begin(stack, chapters[:3])
        messages = broker.lrange("default", 0, -1)
        assert messages
        for message in messages:
            broker.lpush("default", *[message] * 9)
    settled(stack, session_id)
    ran = stack.rows(
        "SELECT attempts, status FROM jobs_app_job WHERE job_type = 'document_ingest' AND input->>'document_id' IN"
        " (SELECT id::text FROM documents_app_document WHERE session_id = %s)",
        session_id,
    )
    assert ran == [(1, "completed")] * 3


# Files


def test_twenty_uploads_of_the_same_bytes_at_once_are_one_document(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "same.md"
    file.write_text(SAMPLE.read_text(encoding="utf-8") + "\n\nSent twenty times.\n", encoding="utf-8")
    client = stack.client()
    session_id = client.post("/sessions", {"title": "same"})["session_id"]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.upload(session_id, file), range(20)))
    assert len({answer["job_id"] for answer in answers}) == 20
    settled(stack, session_id)
    assert stack.rows(
        "SELECT status, count(*) FROM documents_app_document WHERE session_id = %s GROUP BY 1", session_id
    ) == [("completed", 1)]
    assert stack.value(
        "SELECT count(*) FROM jobs_app_job WHERE job_type = 'document_ingest' AND input->>'document_id' ="
        " (SELECT id::text FROM documents_app_document WHERE session_id = %s)", session_id
    ) == 1  # fmt: skip


def test_a_full_disk_refuses_the_upload_by_name_and_leaves_nothing(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "disk.md"
    file.write_text(SAMPLE.read_text(encoding="utf-8") + "\n\nFor a full disk.\n", encoding="utf-8")
    client = stack.client()
    session_id = client.post("/sessions", {"title": "disk"})["session_id"]
    stack.full_disk.touch()
    try:
        with pytest.raises(ApiError) as refused:
            client.upload(session_id, file)
    finally:
        stack.full_disk.unlink()
    assert (refused.value.status, refused.value.body["errors"][0]["code"]) == (507, "storage_full")
    assert end_state(stack, session_id)["documents"] == []
    client.upload(session_id, file)
    assert [row[4] for row in settled(stack, session_id)["documents"]] == ["completed"]


def test_a_poison_document_is_quarantined_and_its_neighbours_are_ready(stack: Stack, tmp_path: Path) -> None:
    """A file on which the worker itself dies each time, among good ones in one upload."""
    files = []
    for name in ("good-1", "poison", "good-2"):
        files.append(tmp_path / f"{name}.md")
        files[-1].write_text(f"# {name}\n\n{SAMPLE.read_text(encoding='utf-8')}", encoding="utf-8")
    session_id, _ = begin(stack, files)
    find = (
        "SELECT j.id::text, d.id::text FROM jobs_app_job j JOIN documents_app_document d ON d.job_id = j.id"
        " WHERE d.session_id = %s AND d.filename = 'poison.md'"
    )
    ((job_id, document_id),) = wait_until(lambda: stack.rows(find, session_id))
    deaths = 0
    while kill_in_stage(stack, job_id, document_id, "store", whole_group=False) is not None:
        deaths += 1
        attempt = deaths
        wait_until(
            lambda: stack.value(  # noqa: B023 - called at once
                "SELECT count(*) >= %s FROM jobs_app_jobattempt WHERE job_id = %s AND outcome = 'lost'", attempt, job_id
            )
        )
        assert deaths <= 3
    documents = {row[0]: (row[4], row[8]) for row in settled(stack, session_id)["documents"]}
    assert deaths == 3
    assert documents == {
        "good-1.md": ("completed", None), "good-2.md": ("completed", None), "poison.md": ("failed", "worker_lost"),
    }  # fmt: skip
    assert stack.value("SELECT quarantined FROM jobs_app_job WHERE id = %s", job_id)
    assert orphans(stack) == {}


# People


@pytest.mark.parametrize("stage", ["extract", "embed", "store"] if FULL else ["embed"])
def test_a_document_deleted_while_it_is_processed_leaves_no_row(stack: Stack, chapters: list[Path], stage: str) -> None:
    client = stack.client()
    with stack.stopped("worker"):
        session_id, _ = begin(stack, [chapters[0]])
        ((job_id, document_id),) = candidates(stack, session_id)
    wait_until(lambda: stack.value("SELECT stage = %s OR status NOT IN ('pending', 'running') FROM jobs_app_job WHERE id = %s", "embed" if stage == "store" else stage, job_id))  # fmt: skip
    client.request("DELETE", f"/documents/{document_id}")
    wait_until(
        lambda: stack.value("SELECT status IN ('completed', 'cancelled') FROM jobs_app_job WHERE id = %s", job_id)
    )
    assert end_state(stack, session_id)["documents"] == []
    assert orphans(stack) == {}


@pytest.mark.parametrize("stage", ["begin", "extract", "embed", "store"] if FULL else ["embed"])
def test_a_cancelled_job_stops_soon_and_nothing_half_made_is_visible(
    stack: Stack, chapters: list[Path], stage: str
) -> None:
    client = stack.client()
    with stack.stopped("worker"):
        session_id, (batch_id,) = begin(stack, [chapters[1]])
        ((job_id, document_id),) = candidates(stack, session_id)
    if stage != "begin":
        at = "embed" if stage == "store" else stage
        wait_until(lambda: stack.value("SELECT stage = %s OR status NOT IN ('pending', 'running') FROM jobs_app_job WHERE id = %s", at, job_id))  # fmt: skip
    with suppress(ApiError):  # a machine fast enough to have finished
        client.post(f"/jobs/{batch_id}/cancel")
    asked = time.monotonic()
    settled(stack, session_id, 60)
    took = time.monotonic() - asked
    status = stack.value("SELECT status FROM jobs_app_job WHERE id = %s", job_id)
    print(f"\ncancelled in {stage}: {status} after {took:.1f} s")
    chunks = stack.value("SELECT count(*) FROM documents_app_chunk WHERE document_id = %s", document_id)
    assert (status == "cancelled" and chunks == 0) or (status == "completed" and chunks > 0)


# Beat


@full_only
def test_a_second_beat_stands_by_and_takes_over_when_the_first_is_killed(stack: Stack) -> None:
    command = [sys.executable, "-m", "celery", "--app", "tutor_project", "beat", "--pidfile=", "--loglevel", "info"]
    second = subprocess.Popen(command, cwd=stack.folder, env=stack.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_until(lambda: stack.value("SELECT count(*) = 2 FROM jobs_app_processheartbeat WHERE role = 'beat'"))
        stack.kill_group("beat")
        since = stack.value("SELECT now()")
        wait_until(
            lambda: stack.value(
                "SELECT count(*) >= 2 FROM jobs_app_job WHERE job_type = 'embedding_queue' AND created_at > %s"
                " AND status = 'completed'",
                since,
            )
        )
        overlapping = stack.value(
            "SELECT count(*) FROM jobs_app_job a JOIN jobs_app_job b ON a.id < b.id AND a.job_type = b.job_type"
            " AND a.completed_at > b.started_at WHERE a.job_type = 'embedding_queue' AND a.status = 'completed'"
            " AND b.status = 'completed'"
        )
        assert overlapping == 0
    finally:
        second.kill()
        second.wait()


def test_nothing_is_left_waiting_and_the_counters_equal_the_ledger(stack: Stack) -> None:
    def quiet() -> bool:
        with suppress(psycopg.Error):
            return stack.value("SELECT count(*) FROM jobs_app_job WHERE status IN ('pending', 'running')") == 0
        return False

    wait_until(quiet, every=0.05)
    shown = stack.client("admin").get("/system/health")["queues"]
    assert {name: queue["depth"] for name, queue in shown.items()} == {"high": 0, "default": 0, "low": 0}

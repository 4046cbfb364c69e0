"""The document jobs under fire: whatever is killed, the end state is that of an undisturbed run, row for row.

``FAULTS=full`` takes twenty documents through twenty-five kills with the leases of production; the short form takes
six documents through four kills with short leases.
"""

from __future__ import annotations

import itertools
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.faults.harness import FULL, PATIENCE, Stack, end_state, orphans, skewed_worker, wait_until
from tutor_project import embedded
from tutor_project.embedded.postgres import PostgresServer
from tutor_project.embedded.valkey import ValkeyServer
from tutor_project.stack.client import ApiError

pytestmark = [pytest.mark.faults, pytest.mark.slow]

DOCUMENTS, KILLS, PARTS = (20, 25, 6) if FULL else (6, 4, 3)
STAGES = ("begin", "extract", "embed", "store", "finish")
GROUP_KILL_EVERY = 6
GROUP_KILL_PAUSE_SECONDS = 15.0
"""The supervisor gives up on a process that ends more than five times a minute."""

full_only = pytest.mark.skipif(not FULL, reason="part of 'make faults'")
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"


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


def begin(stack: Stack, files: list[Path]) -> tuple[str, str]:
    """Upload to a new session in one request; the session's id and that of the batch job."""
    client = stack.client()
    session_id = client.post("/sessions", {"title": "faults"})["session_id"]
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file.name}"\r\n'
        f"Content-Type: text/markdown\r\n\r\n{file.read_text(encoding='utf-8')}\r\n"
        for file in files
    ]
    body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
    content_type = f"multipart/form-data; boundary={boundary}"
    answer = client.request("POST", f"/sessions/{session_id}/documents", body, content_type)
    return session_id, answer["job_id"]


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


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, chapters: list[Path]) -> dict[str, Any]:
    session_id, _ = begin(stack, chapters)
    state = settled(stack, session_id)
    assert Counter(row[4] for row in state["documents"]) == {"completed": len(chapters)}
    return state


def job_value(stack: Stack, expression: str, job_id: str) -> Any:
    """An SQL expression over the row of a job; None while the server is away."""
    return stack.value(f"SELECT {expression} FROM jobs_app_job WHERE id = %s", job_id)


# Kills


class Gate:
    """Holds the row of one document, so that its job stops where it needs the row: before it begins, and at the end."""

    def __init__(self, stack: Stack, document_id: str) -> None:
        self.stack, self.document_id = stack, document_id
        self.job_id = str(stack.value("SELECT job_id FROM documents_app_document WHERE id = %s", document_id))
        self.reader: psutil.Process | None = None
        self.connection = stack.database()
        self.connection.execute("SET lock_timeout = '50s'")
        self.connection.commit()
        self._close()

    def _close(self) -> None:
        self.connection.execute("SELECT 1 FROM documents_app_document WHERE id = %s FOR UPDATE", [self.document_id])

    def let_pass(self) -> None:
        """Open for whoever waits, and close behind it: a lock asked for at once might overtake who is just waking up."""
        me = self.connection.info.backend_pid
        waiting = "SELECT pid, query_start FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        before = self.stack.rows(f"{waiting} AND %s = ANY(pg_blocking_pids(pid))", me)
        self.connection.rollback()
        wait_until(lambda: not set(before) & set(self.stack.rows(waiting)), every=0.005)
        self._close()

    def open(self) -> None:
        self.connection.close()

    def holds_somebody(self) -> bool:
        """Whether a process waits at this gate."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
        return bool(self.stack.value(waiting, self.connection.info.backend_pid))

    def job(self, expression: str) -> Any:
        return job_value(self.stack, expression, self.job_id)


def gates(stack: Stack, session_id: str) -> list[Gate]:
    """A gate before each document of a session."""
    rows = stack.rows("SELECT id::text FROM documents_app_document WHERE session_id = %s ORDER BY id", session_id)
    return [Gate(stack, document_id) for (document_id,) in rows]


def kill_in_stage(gate: Gate, stage: str, *, whole_group: bool = False) -> str:
    """kill -9 the process that runs the job, which waits at its gate, once it is in ``stage``; returns the real stage.

    A stage that is over before it can be seen becomes ``store``: no further does the gate let the job go.
    """
    seen = "begin" if stage == "begin" else advance(gate, stage)
    if stage != "finish":
        _kill(gate, whole_group)
        gate.let_pass()  # the server ends what the dead process asked for only when that gets its turn
        return str(seen)
    with gate.stack.database() as attempts:
        attempts.execute("SELECT 1 FROM jobs_app_jobattempt WHERE job_id = %s FOR UPDATE", [gate.job_id])
        gate.let_pass()
        stored = "SELECT status = 'completed' FROM documents_app_document WHERE id = %s"
        wait_until(lambda: gate.stack.value(stored, gate.document_id))
        _kill(gate, whole_group)
        attempts.rollback()
    return "finish"


def advance(gate: Gate, stage: str) -> str:
    """Let the job at the gate run on into ``stage``; returns where it is, ``store`` when it is at the gate again."""
    if stage == "extract":
        return _stop_in_extraction(gate)
    gate.let_pass()
    wanted = ("chunk", "embed") if stage == "embed" else ()  # chunking and embedding follow each other in the worker

    def seen() -> str | None:
        if gate.holds_somebody():
            return "store"
        return "embed" if gate.job("stage") in wanted else None

    return str(wait_until(seen, every=0.002))


def _stop_in_extraction(gate: Gate) -> str:
    """Hold the process that reads the file (SIGSTOP) until its worker is dead."""
    worker = psutil.Process(int(gate.job("split_part(worker, ':', 2)")))
    reader = next(iter(worker.children()), None)
    if reader is not None:
        reader.suspend()
    gate.let_pass()
    if reader is None:  # the worker's first file: its reader starts now
        reader = wait_until(lambda: next(iter(worker.children()), None), every=0.002)
        reader.suspend()
    gate.reader = reader
    time.sleep(0.2)
    return "store" if gate.holds_somebody() else "extract"


def _kill(gate: Gate, whole_group: bool) -> None:
    pid = int(gate.job("split_part(worker, ':', 2)"))
    if whole_group:
        gate.stack.kill_group("worker")
    else:
        os.kill(pid, signal.SIGKILL)
    if gate.reader is not None:
        gate.reader.resume()
        gate.reader = None


def test_kill_9_of_workers_in_every_stage_changes_nothing_in_the_end_state(
    stack: Stack, chapters: list[Path], undisturbed: dict[str, Any]
) -> None:
    with stack.stopped("worker"):
        session_id, _ = begin(stack, chapters)
        closed = gates(stack, session_id)
    killed: Counter[str] = Counter()
    stages = itertools.cycle(STAGES if FULL else STAGES[1:])
    last_group_kill = 0.0
    while sum(killed.values()) < KILLS:
        gate = wait_until(lambda: next((gate for gate in closed if gate.holds_somebody()), None))
        if int(gate.job("attempts")) == 3:  # a third loss would be quarantined, as designed
            closed.remove(gate)
            gate.open()
            continue
        due = sum(killed.values()) % GROUP_KILL_EVERY == GROUP_KILL_EVERY // 2
        last_attempts = "SELECT count(*) FROM jobs_app_job WHERE status = 'running' AND attempts = max_attempts"
        spared = stack.value(last_attempts) or time.monotonic() - last_group_kill < GROUP_KILL_PAUSE_SECONDS
        whole_group = due and not spared
        killed[kill_in_stage(gate, next(stages), whole_group=whole_group)] += 1
        if whole_group:
            last_group_kill = time.monotonic()
            for other in closed:
                other.let_pass()
    last_kill = time.monotonic()
    for gate in closed:
        gate.open()
    state = settled(stack, session_id)
    print(
        f"\n{sum(killed.values())} kills: {dict(killed)}; settled {time.monotonic() - last_kill:.0f} s after the last"
    )
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
    ready = "SELECT count(*) FROM documents_app_document WHERE session_id = %s AND status = 'completed'"
    wait_until(lambda: stack.value(ready, session_id))
    restart_valkey(stack)
    restart_postgres(stack)
    assert settled(stack, session_id) == undisturbed
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


# Clocks


def test_workers_whose_clocks_differ_by_two_minutes_lose_and_double_nothing(
    stack: Stack, chapters: list[Path], undisturbed: dict[str, Any]
) -> None:
    """One worker a minute ahead, one a minute behind, while the stack's own stand still."""
    with stack.stopped("worker", "worker-high"):
        skewed = [skewed_worker(stack, seconds) for seconds in (60, -60)]
        try:
            session_id, _ = begin(stack, chapters)
            assert settled(stack, session_id) == undisturbed
        finally:
            for process in skewed:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    runs = stack.rows(
        "SELECT a.outcome, count(*), count(DISTINCT a.worker) FROM jobs_app_jobattempt a JOIN jobs_app_job j ON j.id ="
        " a.job_id WHERE j.job_type = 'document_ingest' AND j.input->>'document_id' IN"
        " (SELECT id::text FROM documents_app_document WHERE session_id = %s)"
        " GROUP BY 1",
        session_id,
    )
    print(f"\nruns under two clocks: {runs}")
    assert runs == [("completed", len(chapters), 2)]


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


def is_poison(gate: Gate) -> bool:
    return bool(
        gate.stack.value("SELECT filename = 'poison.md' FROM documents_app_document WHERE id = %s", gate.document_id)
    )


@full_only  # three leases must run out; the short form leaves it to the tests of the sweeper
def test_a_poison_document_is_quarantined_and_its_neighbours_are_ready(stack: Stack, tmp_path: Path) -> None:
    """A file on which the worker itself dies each time, among good ones in one upload."""
    files = []
    for name in ("good-1", "poison", "good-2"):
        files.append(tmp_path / f"{name}.md")
        files[-1].write_text(f"# {name}\n\n{SAMPLE.read_text(encoding='utf-8')}", encoding="utf-8")
    with stack.stopped("worker"):
        session_id, _ = begin(stack, files)
        poison, *good = sorted(gates(stack, session_id), key=lambda gate: not is_poison(gate))
    for gate in good:
        gate.open()
    for attempt in (1, 2, 3):
        wait_until(lambda number=attempt: poison.job("attempts") == number and poison.holds_somebody())
        kill_in_stage(poison, "store")
    poison.open()
    documents = {row[0]: (row[4], row[8]) for row in settled(stack, session_id)["documents"]}
    assert documents == {
        "good-1.md": ("completed", None), "good-2.md": ("completed", None), "poison.md": ("failed", "worker_lost"),
    }  # fmt: skip
    assert poison.job("quarantined")
    assert orphans(stack) == {}


# People


@pytest.mark.parametrize("stage", ["begin", "embed", "store"] if FULL else ["embed"])
def test_a_document_deleted_while_it_is_processed_leaves_no_row(stack: Stack, chapters: list[Path], stage: str) -> None:
    client = stack.client()
    with stack.stopped("worker"):
        session_id, _ = begin(stack, [chapters[0]])
        (gate,) = gates(stack, session_id)
    bring_to(gate, stage)
    with ThreadPoolExecutor(1) as pool:
        deletion = pool.submit(client.request, "DELETE", f"/documents/{gate.document_id}")
        if stage in ("begin", "store"):
            wait_until(lambda: stack.value("SELECT count(*) >= 2 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        gate.open()
        deletion.result(PATIENCE)
    wait_until(lambda: gate.job("status IN ('completed', 'cancelled')"))
    assert end_state(stack, session_id)["documents"] == []
    assert orphans(stack) == {}


@pytest.mark.parametrize("stage", ["pending", "begin", "embed", "store"] if FULL else ["embed"])
def test_a_cancelled_job_stops_soon_and_nothing_half_made_is_visible(
    stack: Stack, chapters: list[Path], stage: str
) -> None:
    client = stack.client()
    with stack.stopped("worker"):
        session_id, batch_id = begin(stack, [chapters[1]])
        (gate,) = gates(stack, session_id)
        if stage == "pending":
            gate.open()
            client.post(f"/jobs/{batch_id}/cancel")
    if stage != "pending":
        bring_to(gate, stage)
        with ThreadPoolExecutor(1) as pool:
            cancelling = pool.submit(client.post, f"/jobs/{batch_id}/cancel")
            if stage in ("begin", "store"):  # the job holds its row while it waits for the document's
                wait_until(
                    lambda: stack.value("SELECT count(*) >= 2 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                )
            gate.open()
            with suppress(ApiError):  # the job was over first
                cancelling.result(PATIENCE)
    asked = time.monotonic()
    settled(stack, session_id)
    status = gate.job("status")
    print(f"\ncancelled in {stage}: {status} {time.monotonic() - asked:.1f} s later")
    chunks = stack.value("SELECT count(*) FROM documents_app_chunk WHERE document_id = %s", gate.document_id)
    assert status == "cancelled" or (stage in ("store", "embed") and status == "completed")
    assert (chunks > 0) == (status == "completed")
    assert orphans(stack) == {}


def bring_to(gate: Gate, stage: str) -> None:
    """Let the job of a gate run until it is in ``stage``, or at the gate again."""
    wait_until(gate.holds_somebody)
    if stage != "begin":
        advance(gate, stage)


# Beat


@full_only
def test_a_second_beat_stands_by_and_takes_over_when_the_first_is_killed(stack: Stack) -> None:
    command = [sys.executable, "-m", "celery", "--app", "tutor_project", "beat", "--pidfile=", "--loglevel", "info"]
    second = subprocess.Popen(
        command,
        cwd=stack.folder,
        env=stack.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
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
    assert {name: queue["depth"] for name, queue in shown.items()} == dict.fromkeys(
        ("high", "default", "low", "model"), 0
    )

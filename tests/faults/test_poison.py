"""Files made to be slow and eight people who ask at once: another learner goes on working as if they were not there.

Judged by ratios and states as far as possible: the other's calls against the same calls on the quiet stack, the wait of
the other's jobs against the time after which an owner has to yield, and where every job of the attacker ended.
"""

from __future__ import annotations

import secrets
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs_app.services.sharing import HOLD_SECONDS
from tests.faults.conftest import SWEEP_SECONDS
from tests.faults.harness import FULL, Stack, wait_until
from tests.support.poison import poison_files
from tutor_project.stack.client import ApiError, TutorClient

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"
SIZE = 400_000 if FULL else 60_000
ASKERS = 8
ROUNDS = 4
FILES_A_REQUEST = 20
LIVE_SECONDS, CALL_SECONDS, SLOWER = 1.0, 2.0, 10.0
"""The bounds of the product; on a machine that is slow by itself, so many times what a quiet stack takes there."""
REFUSED = {409, 429, 503}


def newcomer(stack: Stack) -> TutorClient:
    client = TutorClient(f"http://127.0.0.1:{stack.port}")
    client.register()
    return client


def upload(client: TutorClient, session_id: str, files: dict[str, bytes]) -> str:
    """Send files in one request; the id of the batch job."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in files.items()
    ]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    kind = f"multipart/form-data; boundary={boundary}"
    return str(client.request("POST", f"/sessions/{session_id}/documents", body, kind)["job_id"])


def timed(call: Callable[[], Any]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def is_live(stack: Stack) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/livez", timeout=30) as response:
        assert response.status == 200


def calls_of(client: TutorClient, session_id: str) -> list[Callable[[], Any]]:
    """What a learner at work asks for."""
    return [
        lambda: client.get("/sessions"),
        lambda: client.get(f"/sessions/{session_id}"),
        lambda: client.get(f"/sessions/{session_id}/documents"),
        lambda: client.post(f"/sessions/{session_id}/search", {"query": "what splits water?"}),
        lambda: client.post(f"/sessions/{session_id}/ask", {"question": "What splits water?"}),
        lambda: client.get(f"/sessions/{session_id}/analysis"),
        lambda: client.post("/sessions", {"title": "one more"}),
    ]


def worked(stack: Stack, client: TutorClient, session_id: str) -> tuple[list[float], list[float]]:
    """Seconds of each call of some rounds, and of ``/livez`` between them."""
    calls, lives = [], []
    for _ in range(ROUNDS):
        for call in calls_of(client, session_id):
            calls.append(timed(call))
            lives.append(timed(lambda: is_live(stack)))
    return calls, lives


def ready(client: TutorClient, file: Path | dict[str, bytes]) -> str:
    """A new session whose document has gone through the main job."""
    session_id = client.post("/sessions", {"title": "mine"})["session_id"]
    job = client.upload(session_id, file)["job_id"] if isinstance(file, Path) else upload(client, session_id, file)
    *_, ended = client.job_states(job, timeout_seconds=300)
    assert ended["status"] == "completed"
    return str(session_id)


@contextmanager
def asked_without_end(client: TutorClient, session_id: str) -> Iterator[Counter[str]]:
    """Eight callers of one learner who ask at once, again and again; what they were answered."""
    over, answers = threading.Event(), Counter[str]()

    def ask() -> None:
        while not over.is_set():
            try:
                client.post(f"/sessions/{session_id}/ask", {"question": f"What is a term? {secrets.token_hex(4)}"})
            except ApiError as error:
                if error.status not in REFUSED:
                    raise
                answers[error.body["errors"][0]["code"]] += 1
                time.sleep(0.2)
            else:
                answers["answered"] += 1

    with ThreadPoolExecutor(ASKERS) as pool:
        asking = [pool.submit(ask) for _ in range(ASKERS)]
        try:
            yield answers
        finally:
            over.set()
    for one in asking:
        one.result()


def test_poison_and_eight_asks_leave_another_learner_working(stack: Stack) -> None:
    learner, attacker = newcomer(stack), newcomer(stack)
    owner, other = (str(client.get("/auth/me")["id"]) for client in (attacker, learner))
    mine = ready(learner, SAMPLE)
    worked(stack, learner, mine)  # what is loaded once is loaded now
    quiet, _ = worked(stack, learner, mine)

    poison, asked_in = list(poison_files(SIZE).items()), ready(attacker, SAMPLE)
    batches = []
    for start in range(0, len(poison), FILES_A_REQUEST):
        session_id = attacker.post("/sessions", {"title": "slow"})["session_id"]
        batches.append(upload(attacker, session_id, dict(poison[start : start + FILES_A_REQUEST])))
    busy = "SELECT count(*) FROM jobs_app_job WHERE owner_id = %s AND status = 'running' AND NOT is_group"
    wait_until(lambda: stack.value(busy, owner))
    with asked_without_end(attacker, asked_in) as answers:
        began = time.monotonic()
        calls, lives = worked(stack, learner, mine)
        fresh = SAMPLE.read_bytes() + secrets.token_hex(8).encode()
        ready(learner, {"fresh.md": fresh})
        assert stack.value(f"SELECT 0 < ({busy.replace('running', 'pending')}) + ({busy})", owner, owner), (
            "all was over"
        )
        under_fire = time.monotonic() - began
    print(f"\n{len(poison)} files of {SIZE:,} characters; under fire for {under_fire:.0f} s; asks {dict(answers)}")
    print(f"p95 of a call {p95(quiet):.2f} s, under fire {p95(calls):.2f} s; /livez at most {max(lives):.2f} s")
    assert max(lives) < max(LIVE_SECONDS, SLOWER * p95(quiet))
    assert p95(calls) < max(CALL_SECONDS, SLOWER * p95(quiet))
    assert answers["answered"]

    for batch in batches:
        *_, ended = attacker.job_states(batch, timeout_seconds=900)
        assert ended["status"] in ("completed", "failed")
    waited = stack.value(
        "SELECT extract(epoch FROM max(started_at - created_at)) FROM jobs_app_job WHERE owner_id = %s AND NOT is_group",
        other,
    )
    ended = stack.rows(
        "SELECT job_type, status, error_code, count(*), max(attempts), max(completed_at - started_at)::text"
        " FROM jobs_app_job WHERE owner_id = %s AND NOT is_group AND job_type = 'document_ingest' GROUP BY 1, 2, 3",
        owner,
    )
    print(f"the other's jobs waited {waited:.1f} s at most; the attacker's ended: {ended}")
    assert waited < HOLD_SECONDS + 2 * SWEEP_SECONDS
    assert {status for _, status, *_ in ended} <= {"completed", "failed"}
    assert None not in {code for _, status, code, *_ in ended if status == "failed"}
    assert "worker_lost" not in {code for _, _, code, *_ in ended}

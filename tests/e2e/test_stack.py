"""The stack as a newcomer has it: a copy of the repository, its processes, and nothing but HTTP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tutor_project.stack.client import TutorClient
from tutor_project.stack.main_job import MainJobResult, check_citations, run_main_job
from tutor_project.stack.state import StateFile

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
COMMAND_TIMEOUT_SECONDS = 240
JOB_TIMEOUT_SECONDS = 240
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules", ".env"
)
# The copy must find its own way: nothing else of the test run's environment may lead it to other servers or folders.
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository with a port of its own."""

    folder: Path
    port: int

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stack(self, *arguments: str, port: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the stack as the Makefile does."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "tutor_project.stack", *arguments],
            cwd=self.folder,
            env={**kept, "PORT": str(port or self.port)},
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )

    def logs(self) -> str:
        """The ends of all logs, for the report of a failed test."""
        ends = [
            f"== {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in sorted((self.var / "log").glob("*"))
        ]
        return "\n".join(ends)

    def learner(self) -> TutorClient:
        """The account the embedded mode makes for trying things."""
        client = TutorClient(self.url)
        client.login("demo", json.loads((self.var / "credentials.json").read_text())["demo"])
        return client

    def kill(self, *names: str) -> list[psutil.Process]:
        """kill -9 the named processes of the stack, each with its whole group."""
        state = StateFile(self.var).read()
        assert state is not None
        killed = []
        for name in names:
            process = (state.supervisor if name == "supervisor" else state.processes[name]).process()
            assert process is not None, f"{name} does not run"
            killed.append(process)
            if name == "supervisor":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        return killed


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("e2e") / "checkout"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    copy = Checkout(folder, port)
    yield copy
    copy.stack("down")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def running(checkout: Checkout) -> Checkout:
    if not TutorClient(checkout.url).ready():
        started = checkout.stack("up")
        assert started.returncode == 0, started.stdout + started.stderr + checkout.logs()
    return checkout


def wait_until(what: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return value


def long_chapter(folder: Path, sections: int = 30) -> Path:
    """The sample many times over, long enough to be interrupted; no two copies are the same."""
    chapter = (ROOT / "samples" / "photosynthesis.md").read_text(encoding="utf-8")
    file = folder / f"long-{sections}.md"
    file.write_text(
        "\n\n".join(f"# Part {n}\n\nThis is part {n}.\n\n{chapter}" for n in range(sections)), encoding="utf-8"
    )
    return file


def end_state(client: TutorClient, session_id: str) -> Any:
    """All that processing left behind, without identities and times."""
    documents = _listed(client.get(f"/sessions/{session_id}/documents"))
    analysis = client.get(f"/sessions/{session_id}/analysis")["analysis"]
    assert check_citations(client, MainJobResult(analysis=analysis)) > 0
    contents = [client.get(f"/documents/{document['id']}/content?type=text_only") for document in documents]
    hits = client.post(f"/sessions/{session_id}/search", {"query": "what splits water?", "limit": 10})
    return {
        "documents": [(d["filename"], d["status"], d["embedding_status"], d["page_count"]) for d in documents],
        "texts": [(content["text"], content["pages"]) for content in contents],
        "concepts": analysis["key_concepts"],
        "terms": analysis["key_terms"],
        "hits": [(hit["citation"]["char_start"], hit["citation"]["char_end"]) for hit in _listed(hits)],
    }


def _listed(answer: Any) -> list[Any]:
    if isinstance(answer, dict):
        return next(value for value in answer.values() if isinstance(value, list))
    return list(answer)


def processed(client: TutorClient, file: Path, meanwhile: Callable[[], None] | None = None) -> str:
    """Upload ``file`` to a new session and wait for it; ``meanwhile`` happens while the job runs. The session's id."""
    session_id = client.post("/sessions", {"title": file.name})["session_id"]
    job_id = client.upload(session_id, file)["job_id"]
    if meanwhile is not None:
        wait_until(lambda: client.get(f"/jobs/{job_id}")["status"] == "running", 60)
        meanwhile()
        assert client.get(f"/jobs/{job_id}")["status"] == "running", "the job was over before it could be interrupted"
    *_, job = client.job_states(job_id, timeout_seconds=JOB_TIMEOUT_SECONDS)
    assert job["status"] == "completed", job
    wait_until(lambda: client.get(f"/sessions/{session_id}/analysis")["status"] == "completed", JOB_TIMEOUT_SECONDS)
    return session_id


def test_the_main_job_by_http_only(running: Checkout) -> None:
    result = run_main_job(running.learner(), ROOT / "samples" / "photosynthesis.pdf", lambda what, percent: None)
    assert result.analysis["concepts"]
    assert result.plan["sections"]
    assert result.lesson["sections"]
    assert result.quiz["questions"]
    assert result.graded["total_questions"] == len(result.quiz["questions"])
    assert all(item["citation"] for item in result.graded["feedback_items"])
    assert result.citations_checked > 10


def test_passwords_are_kept_where_only_the_owner_reads_them(running: Checkout) -> None:
    credentials = running.var / "credentials.json"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    assert set(json.loads(credentials.read_text())) == {"admin", "demo"}


def test_kill_9_of_the_worker_in_the_middle_changes_nothing_in_the_end_state(running: Checkout, tmp_path: Path) -> None:
    client = running.learner()
    chapter = long_chapter(tmp_path)
    undisturbed = end_state(client, processed(client, chapter))
    other = running.learner()
    killed: list[psutil.Process] = []
    disturbed = processed(other, chapter, meanwhile=lambda: killed.extend(running.kill("worker")))
    assert killed
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in killed)
    assert end_state(other, disturbed) == undisturbed


def test_kill_9_of_everything_loses_nothing_and_the_next_start_recovers(running: Checkout) -> None:
    client = running.learner()
    session_id = client.post("/sessions", {"title": "kept"})["session_id"]
    servers = [
        process
        for process in psutil.process_iter()
        if str(running.var) in " ".join(_command(process)) and "tutor_project" not in " ".join(_command(process))
    ]
    killed = running.kill("supervisor", "web", "worker", "beat")
    for process in servers:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs([*killed, *servers], timeout=30)
    assert not TutorClient(running.url).ready()
    started = running.stack("up")
    assert started.returncode == 0, started.stdout + started.stderr + running.logs()
    assert running.learner().get(f"/sessions/{session_id}")["title"] == "kept"


def test_a_second_start_says_where_the_first_one_runs(running: Checkout) -> None:
    again = running.stack("up")
    assert again.returncode == 1
    assert "make down" in again.stderr
    assert running.url in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1


def test_down_stops_every_process(running: Checkout) -> None:
    state = StateFile(running.var).read()
    assert state is not None
    stopped = running.stack("down")
    assert stopped.returncode == 0, stopped.stderr
    assert not any(identity.process() for identity in (state.supervisor, *state.processes.values()))
    assert [p for p in psutil.process_iter() if str(running.var) in " ".join(_command(p))] == []
    assert running.stack("down").stdout.strip() == "nothing was running"


def test_demo_prints_the_whole_job_and_leaves_nothing_running(checkout: Checkout) -> None:
    checkout.stack("down")
    done = checkout.stack("demo", "samples/photosynthesis.md")
    assert done.returncode == 0, done.stdout + done.stderr + checkout.logs()
    for part in ("Analysis", "Plan", "Lesson", "Quiz", "citations compared with the stored text: all equal"):
        assert part in done.stdout
    assert not TutorClient(checkout.url).ready()
    assert not StateFile(checkout.var).supervised()


def test_a_taken_port_is_one_line_with_the_cure(checkout: Checkout) -> None:
    checkout.stack("down")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = checkout.stack("up", port=port)
    assert refused.returncode == 1
    assert (
        refused.stderr.strip() == f"Port {port} is taken by another program: choose another (make run PORT={port + 1})."
    )


def test_a_file_that_is_not_there_is_one_line_and_starts_nothing(checkout: Checkout) -> None:
    refused = checkout.stack("demo", "absent.pdf")
    assert refused.returncode == 1
    assert refused.stderr.strip().startswith("absent.pdf is not a file")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []

"""Mixed load for long while every part is killed again and again: what is answered, what is lost, what comes back when.

    python -m benchmarks.soak [--minutes 12] [--round 120] [--learners 6] [--write docs/operations.md]

No material is needed (``--data`` is accepted). A stack of its own in a folder of its own, ended at the end. Learners
read, search, ask, upload, make and submit quizzes; one of them uploads files made to be slow; one request in twenty is
hostile. Every ``--round`` seconds each part gets kill -9, one after the other, and is timed until it does its work again.

Exit status 1 when an answer was a 5xx that is no named 503, something accepted was lost, or a part was not back in time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import secrets
import signal
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from benchmarks.memory import by_part
from benchmarks.support.own_stack import ROOT, own_stack
from tests.support.poison import poison_files
from tutor_project import embedded
from tutor_project.stack.client import ApiError, TutorClient
from tutor_project.stack.errors import StackError
from tutor_project.stack.state import StateFile

BACK_WITHIN_SECONDS = 30.0
HOSTILE_SHARE = 0.05
PAUSE_SECONDS = 1.0
UPLOAD_SHARE, QUIZ_SHARE, POISON_PAUSE_SECONDS = 0.02, 0.02, 10.0
SETTLE_SECONDS = 900.0
NEVER_THROTTLED = 100_000
PROGRAMS = ("base", "web", "worker", "worker-model", "worker-high", "beat")
SAMPLE = (ROOT / "samples" / "photosynthesis.md").read_text(encoding="utf-8")
NOWHERE = "0197a000-0000-7000-8000-000000000000"
_BEGIN, _END = "<!-- soak -->\n", "<!-- end of soak -->\n"

HOSTILE: list[tuple[str, str, bytes | None, str]] = [
    ("GET", "/sessions?limit=" + "9" * 400, None, ""),
    ("GET", "/sessions?cursor=%ff%00", None, ""),
    ("GET", "/jobs?status=%00&job_type=" + "x" * 4000, None, ""),
    ("GET", f"/documents/{NOWHERE}", None, ""),
    ("DELETE", f"/sessions/{NOWHERE}", None, ""),
    ("POST", "/sessions", b"{", "application/json"),
    ("POST", "/sessions", b"[" * 50_000, "application/json"),
    ("POST", "/sessions", json.dumps({"title": "x" * 200_000}).encode(), "application/json"),
    ("POST", "/sessions/{session}/ask", b'{"question": "\\u0000\\ud800"}', "application/json"),
    ("POST", "/sessions/{session}/search", b'{"query": "' + b"a " * 200_000 + b'"}', "application/json"),
    ("POST", "/sessions/{session}/documents", b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    ("POST", "/sessions/{session}/documents", b'{"files": [{"filename": "a", "content": "%%%"}]}', "application/json"),
    ("POST", "/analytics/events", b'{"event_type": 1e999}', "application/json"),
    ("POST", "/jobs", b'{"job_type": "ping", "priority": {}}', "application/json"),
    ("PUT", "/config/UPLOAD_MAX_FILES", b'{"value": 1}', "application/json"),
]  # fmt: skip


@dataclass
class Heard:
    """What all callers were answered, and what was accepted; shared by the threads."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    hostile: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    sessions: list[tuple[TutorClient, str]] = field(default_factory=list)
    documents: list[tuple[TutorClient, str, str]] = field(default_factory=list)
    jobs: list[tuple[TutorClient, str]] = field(default_factory=list)
    quizzes: list[tuple[TutorClient, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, status: int, body: Any, *, hostile: bool) -> None:
        """Count an answer; a 5xx that is no 503 with a name is a fault."""
        with self.lock:
            errors = body.get("errors") if isinstance(body, dict) else None
            code = errors[0].get("code", "") if errors else ""
            named = status == 503 and code
            key = f"503 {code}" if named else str(status) if status else "cut off"
            (self.hostile if hostile else self.answers)[key] += 1
            if status >= 500 and not named:
                path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", what.split("?")[0])
                self.faults[f"{path}: {status} {code}".strip()] += 1


class Caller:
    """A client whose calls are counted; an answer that is none is None."""

    def __init__(self, url: str, heard: Heard) -> None:
        self.client, self.heard = TutorClient(url), heard

    def __call__(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json", hostile: bool = False
    ) -> Any:
        """One request; what it was answered with, None when it was refused or cut off."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        began = time.monotonic()
        status, answer = 0, None
        try:
            answer, status = self.client.request(method, path, data, kind if data is not None else ""), 200
        except ApiError as error:
            status, answer = error.status, error.body
        except (StackError, OSError, HTTPException, ValueError):
            pass  # the web is being killed at this moment: nobody answers, or not to the end
        took = time.monotonic() - began
        self.heard.note(f"{method} {path}", status, answer, hostile=hostile)
        if status == 200 and not hostile:
            with self.heard.lock:
                self.heard.seconds.append(took)
        return answer if status == 200 else None

    def surely(self, method: str, path: str, body: Any = None) -> Any:
        """Try again until it is answered."""
        while (answer := self(method, path, body)) is None:
            time.sleep(0.5)
        return answer

    def register(self) -> None:
        """Make an account nobody else knows."""
        account = {"username": f"soak-{secrets.token_hex(6)}", "password": secrets.token_urlsafe(16)}
        self.client.token = self.surely("POST", "/auth/register", account)["token"]

    def session(self) -> str:
        """A new session, which must be there at the end."""
        session_id = str(self.surely("POST", "/sessions", {"title": "soak"})["session_id"])
        with self.heard.lock:
            self.heard.sessions.append((self.client, session_id))
        return session_id

    def upload(self, session_id: str, name: str, data: bytes) -> None:
        """Send a file; what was accepted must be there at the end."""
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        answer = self("POST", f"/sessions/{session_id}/documents", body, kind=kind)
        if answer is not None:
            with self.heard.lock:
                self.heard.jobs.append((self.client, answer["job_id"]))
                self.heard.documents += [(self.client, one["id"], name) for one in answer["documents"] if one.get("id")]


def learn(caller: Caller, over: threading.Event, seed: int) -> None:
    """A learner at work, until it is over."""
    pick = random.Random(seed)
    caller.register()
    session_id = caller.session()
    caller.upload(session_id, "mine.md", SAMPLE.encode() + secrets.token_hex(8).encode())
    reads = [
        "/auth/me", "/sessions", f"/sessions/{session_id}", f"/sessions/{session_id}/documents", "/jobs",
        f"/sessions/{session_id}/analysis", f"/sessions/{session_id}/messages", "/reviews/due", "/usage",
        f"/sessions/{session_id}/mastery", "/users/me/analytics",
    ]  # fmt: skip
    for number in itertools.count():
        if over.wait(PAUSE_SECONDS * 2 * pick.random()):
            return
        chance = pick.random()
        if chance < HOSTILE_SHARE:
            method, path, body, kind = pick.choice(HOSTILE)
            caller(method, path.format(session=session_id), body, kind=kind, hostile=True)
        elif chance < HOSTILE_SHARE + UPLOAD_SHARE:
            caller.upload(
                session_id, f"more-{number}.md", f"# Note {number}\n\n{secrets.token_hex(8)}\n\n{SAMPLE}".encode()
            )
        elif chance < HOSTILE_SHARE + UPLOAD_SHARE + QUIZ_SHARE:
            take_quiz(caller, session_id)
        elif chance < 0.25:
            caller(
                "POST", f"/sessions/{session_id}/search", {"query": pick.choice(("water", "light", "sugar of leaves"))}
            )
        elif chance < 0.35:
            caller("POST", f"/sessions/{session_id}/ask", {"question": f"What splits water? ({number})"})
        elif chance < 0.4:
            caller.session()
        else:
            caller("GET", pick.choice(reads))


def take_quiz(caller: Caller, session_id: str) -> None:
    """Make a quiz and submit it; the attempt must be there at the end."""
    quiz = caller("POST", f"/sessions/{session_id}/quiz", {"question_count": 3})
    if not quiz or "questions" not in quiz:
        return
    answers = [
        {"question_id": one["id"], **({"option_id": one["options"][0]["id"]} if one["options"] else {"text": "water"})}
        for one in quiz["questions"]
    ]
    if caller("POST", f"/quizzes/{quiz['id']}/submit", {"answers": answers}) is not None:
        with caller.heard.lock:
            caller.heard.quizzes.append((caller.client, quiz["id"]))


def poison(caller: Caller, over: threading.Event) -> None:
    """Somebody who uploads one file after another that was made to be slow."""
    caller.register()
    session_id = caller.session()
    for number, (name, data) in enumerate(itertools.cycle(poison_files().items())):
        if over.wait(POISON_PAUSE_SECONDS):
            return
        caller.upload(session_id, f"{number}-{name}", data + f" {secrets.token_hex(8)}".encode())


# --- kills -----------------------------------------------------------------------------------------------------------


class Parts:
    """The parts of a stack: what to kill, and how to tell that it works again."""

    def __init__(self, url: str, var: Path) -> None:
        self.url, self.var = url, var
        self.admin = TutorClient(url)
        self.admin.login("admin", json.loads((var / "credentials.json").read_text())["admin"])
        for scope in ("DEFAULT", "GENERATE", "UPLOAD", "REGISTER"):
            value = json.dumps({"value": NEVER_THROTTLED}).encode()
            self.admin.request("PUT", f"/config/THROTTLE_{scope}", value, "application/json")

    def living(self, name: str) -> psutil.Process | None:
        """The process of a part, None while it is away."""
        with suppress(OSError, ValueError, psutil.Error, redis.RedisError, AttributeError, KeyError):
            if name == "postgres":
                return psutil.Process(int((self.var / "postgres" / "postmaster.pid").read_text().split()[0]))
            if name == "valkey":
                with redis.Redis.from_url(embedded.redis_url(self.var), socket_timeout=2) as server:
                    return psutil.Process(int(server.info("server")["process_id"]))  # type: ignore[index]
            return StateFile(self.var).read().processes[name].process()  # type: ignore[union-attr]
        return None

    def kill(self, name: str) -> None:
        """kill -9; a program with all its processes, a server's main one."""
        process = self.living(name)
        if process is None:
            raise RuntimeError(f"{name} does not run")
        if name in PROGRAMS:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        psutil.wait_procs([process], timeout=10)

    def works(self, name: str) -> bool:
        """Whether the part does its work, seen from outside where it can be."""
        process = self.living(name)
        if process is None:
            return False
        if name in ("web", "postgres"):
            return self._answered(lambda: self.admin.get("/sessions"))
        if name == "valkey":
            return self._answered(self._log_in) and self._answered(lambda: self.admin.get("/sessions"))
        if name == "worker":
            return self._answered(self._ping)
        if name == "base":
            return Path(f"/proc/{process.pid}/comm").read_text().strip() == "base"  # its name once it can be forked
        return bool(self._rows("SELECT 1 FROM jobs_app_processheartbeat WHERE pid = %s", process.pid))

    def memory(self) -> dict[str, int]:
        """MB by part, each page shared counted in parts (PSS); nothing of what is away."""
        found: dict[str, int] = {}
        with suppress(OSError, ValueError, psutil.Error, AssertionError):
            found = by_part(self.var)
        return {name: found.get(name, 0) for name in (*PROGRAMS, "postgres", "valkey")}

    def _log_in(self) -> None:
        TutorClient(self.url).login("demo", json.loads((self.var / "credentials.json").read_text())["demo"])

    def _ping(self) -> None:
        job = self.admin.post("/jobs", {"job_type": "ping", "priority": "medium"})
        list(self.admin.job_states(job["id"], timeout_seconds=BACK_WITHIN_SECONDS))

    @staticmethod
    def _answered(call: Callable[[], Any]) -> bool:
        try:
            call()
        except (StackError, OSError, ValueError):
            return False
        return True

    def _rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(embedded.postgres_url(self.var), connect_timeout=2) as connection:
                return connection.execute(sql, parameters).fetchall()
        except psycopg.Error:
            return []


def kills(parts: Parts, over: threading.Event, round_seconds: float, back: dict[str, list[float]]) -> None:
    """Each part once a round, one after the other, until it is over; the seconds until each worked again."""
    names = (*PROGRAMS, "postgres", "valkey")
    started = time.monotonic()
    for number, name in enumerate(itertools.cycle(names)):
        due = started + (number + 1) * round_seconds / len(names)
        if over.wait(max(due - time.monotonic(), 0)):
            return
        parts.kill(name)
        began = time.monotonic()
        while not parts.works(name) and time.monotonic() - began < 4 * BACK_WITHIN_SECONDS:
            time.sleep(0.2)
        back[name].append(time.monotonic() - began)
        print(f"{time.strftime('%X')} killed {name}, back after {back[name][-1]:.1f} s", file=sys.stderr, flush=True)


# --- the end ---------------------------------------------------------------------------------------------------------


def lost(heard: Heard, parts: Parts) -> tuple[Counter[str], Counter[str]]:
    """What was accepted and is not there, and how documents ended, after everything has come to its end."""
    deadline = time.monotonic() + SETTLE_SECONDS
    waiting = "SELECT count(*) FROM jobs_app_job WHERE status IN ('pending', 'running') AND owner_id IS NOT NULL"
    while parts._rows(waiting) != [(0,)] and time.monotonic() < deadline:
        time.sleep(1)
    missing: Counter[str] = Counter()
    ends: Counter[str] = Counter()

    def got(client: TutorClient, path: str) -> Any:
        with suppress(ApiError):
            return client.get(path)
        missing[path.split("/")[1]] += 1
        return None

    for client, session_id in heard.sessions:
        got(client, f"/sessions/{session_id}")
    for client, document_id, _ in heard.documents:
        if document := got(client, f"/documents/{document_id}"):
            error = document["error"]
            ends[f"{document['status']}{' ' + error['code'] if error else ''}"] += 1
    for client, job_id in heard.jobs:
        job = got(client, f"/jobs/{job_id}")
        if job and job["status"] not in ("completed", "failed"):
            missing[f"job {job['status']}"] += 1
    for client, quiz_id in heard.quizzes:
        attempts = got(client, f"/quizzes/{quiz_id}/attempts")
        if attempts is not None and not attempts:
            missing["attempt"] += 1
    for (count,) in parts._rows(
        "SELECT count(*) FROM documents_app_chunk c WHERE NOT EXISTS"
        " (SELECT 1 FROM documents_app_document d WHERE d.id = c.document_id)"
    ):
        if count:
            missing["rows of no document"] += count
    return missing, ends


def quantile(values: list[float], fraction: float) -> float:
    """Nearest-rank quantile; 0 of nothing."""
    return sorted(values)[min(int(fraction * len(values)), len(values) - 1)] if values else 0.0


def table(
    asked: argparse.Namespace, heard: Heard, back: dict[str, list[float]], memory: list[dict[str, int]],
    missing: Counter[str], ends: Counter[str],
) -> str:  # fmt: skip
    """The report as Markdown."""

    def counted(counts: Counter[str]) -> str:
        return ", ".join(f"{name}: {count:,}" for name, count in counts.most_common()) or "none"

    lines = [
        f"{asked.minutes:g} minutes, {asked.learners} learners and one who uploads files made to be slow, one request in"
        f" twenty hostile; each part killed (kill -9) every {asked.round:g} s. `python -m benchmarks.soak`.", "",
        "| what | figure |", "|---|---|",
        f"| answers to learners | {counted(heard.answers)} |",
        f"| seconds of an answer, p50 / p95 | {quantile(heard.seconds, 0.5):.2f} / {quantile(heard.seconds, 0.95):.2f} |",
        f"| answers to hostile requests | {counted(heard.hostile)} |",
        f"| 5xx that are no named 503 | {counted(heard.faults)} |",
        f"| accepted | {len(heard.sessions)} sessions, {len(heard.documents)} documents, {len(heard.quizzes)} submitted quizzes |",
        f"| lost of it | {counted(missing)} |",
        f"| how documents ended | {counted(ends)} |", "",
        "| part | kills | back after, median (s) | at most (s) | memory by minute (MB) |", "|---|---:|---:|---:|---|",
    ]  # fmt: skip
    for name in (*PROGRAMS, "postgres", "valkey"):
        times = back[name] or [0.0]
        rest = ", ".join(str(one[name]) for one in memory)
        lines.append(f"| {name} | {len(back[name])} | {statistics.median(times):.1f} | {max(times):.1f} | {rest} |")
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Put the table between its marks."""
    page = path.read_text(encoding="utf-8")
    head, rest = page.split(_BEGIN)
    path.write_text(f"{head}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}", encoding="utf-8")


def run(asked: argparse.Namespace) -> bool:
    """The whole run; whether all held."""
    heard, over, back, memory = Heard(), threading.Event(), defaultdict[str, list[float]](list), list[dict[str, int]]()
    with own_stack(WEB_WORKERS="2", JOB_PROCESSES="2") as (url, var):
        parts = Parts(url, var)
        threads = [
            threading.Thread(target=learn, args=(Caller(url, heard), over, seed)) for seed in range(asked.learners)
        ]
        threads.append(threading.Thread(target=poison, args=(Caller(url, heard), over)))
        threads.append(threading.Thread(target=kills, args=(parts, over, asked.round, back)))
        for thread in threads:
            thread.start()
        try:
            for _ in _minutes(asked.minutes):
                memory.append(parts.memory())
        finally:
            over.set()
            for thread in threads:
                thread.join()
        missing, ends = lost(heard, parts)
        memory.append(parts.memory())
    report = table(asked, heard, back, memory, missing, ends)
    print(report)
    if asked.write:
        write(asked.write, report)
    return not heard.faults and not missing and max(itertools.chain(*back.values()), default=0) <= BACK_WITHIN_SECONDS


def _minutes(minutes: float) -> Iterator[None]:
    """Come back once a minute, for so many."""
    end = time.monotonic() + minutes * 60
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(60.0, left))
        yield


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed: the load is generated")
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--round", type=float, default=120.0, help="seconds in which each part is killed once")
    parser.add_argument("--learners", type=int, default=6)
    parser.add_argument("--write", type=Path, help="put the table between its marks in this Markdown file")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # ends the stack as well
    return 0 if run(parser.parse_args()) else 1


if __name__ == "__main__":
    raise SystemExit(main())

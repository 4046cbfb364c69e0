"""A stack of real processes to do harm to, and what it left behind, read past the application."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from tutor_project import embedded
from tutor_project.stack.client import TutorClient
from tutor_project.stack.state import StateFile

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules", ".env"
)
OWN_VARIABLES = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "LLM_MODEL", "EMBEDDING_MODEL")
FULL = os.environ.get("FAULTS") == "full"
PATIENCE = 300.0
"""The longest any wait may take, in seconds; far beyond what a quiet machine needs."""


def wait_until(what: Callable[[], Any], seconds: float = PATIENCE, every: float = 0.02) -> Any:
    """Return the first true value of ``what()``; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
        time.sleep(every)
    return value


@dataclass
class Stack:
    """A copy of the repository with servers, processes and a port of its own."""

    folder: Path
    port: int
    settings: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def full_disk(self) -> Path:
        """While this file exists, the storage has no space left."""
        return self.folder / "disk-is-full"

    def environment(self) -> dict[str, str]:
        """Nothing of the test run's own environment may lead the copy to other servers or folders."""
        kept = {
            k: v for k, v in os.environ.items() if k not in OWN_VARIABLES and not k.startswith(("TUTOR_", "EMBEDDED_"))
        }
        storage = {
            "STORAGE_BACKEND": "tests.faults.full_storage.FullStorage",
            "STORAGE_OPTIONS": json.dumps({"location": str(self.var / "media"), "full": str(self.full_disk)}),
        }
        return {**kept, **storage, "PORT": str(self.port), "PYTHONPATH": "", **self.settings}

    def command(self, *arguments: str) -> None:
        """Run a command of the stack."""
        done = subprocess.run(
            [sys.executable, "-m", "tutor_project.stack", *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.logs()

    def logs(self) -> str:
        """The ends of all logs, for the report of a failed test."""
        logs = sorted((self.var / "log").glob("*"))
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def client(self, account: str = "demo") -> TutorClient:
        """One of the accounts that the embedded mode makes, logged in once: logins are throttled."""
        client = TutorClient(f"http://127.0.0.1:{self.port}", self.tokens.get(account, ""))
        if not client.token:
            client.login(account, json.loads((self.var / "credentials.json").read_text())[account])
            self.tokens[account] = client.token
        return client

    def database(self) -> psycopg.Connection[Any]:
        """A connection of the test's own; not in autocommit, so that it can hold locks."""
        return psycopg.connect(embedded.postgres_url(self.var))

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query; none while the server is away."""
        try:
            with self.database() as connection:
                return connection.execute(sql, parameters).fetchall()
        except psycopg.OperationalError:
            return []

    def value(self, sql: str, *parameters: Any) -> Any:
        """The first column of the first row, or None."""
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None

    def redis(self) -> redis.Redis:
        """A client of the broker."""
        return redis.Redis.from_url(embedded.redis_url(self.var))

    def process(self, name: str) -> psutil.Process:
        """A process of the stack by its name; waits for one that is being started."""

        def living() -> psutil.Process | None:
            state = StateFile(self.var).read()
            return state.processes[name].process() if state and name in state.processes else None

        process: psutil.Process = wait_until(living)
        return process

    def kill_group(self, name: str) -> None:
        """kill -9 a process of the stack with all its children."""
        os.killpg(self.process(name).pid, signal.SIGKILL)

    @contextmanager
    def stopped(self, *names: str) -> Iterator[None]:
        """Hold processes still (SIGSTOP) while the block runs, each with its group."""
        groups = [self.process(name).pid for name in names]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            for group in groups:
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGCONT)


@contextmanager
def running_stack(folder: Path, **settings: str) -> Iterator[Stack]:
    """A fresh copy of the repository, up while the block runs."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stack = Stack(folder, port, settings)
    try:
        stack.command("up")
        yield stack
    finally:
        with suppress(AssertionError):
            stack.command("down")
        shutil.rmtree(folder, ignore_errors=True)


def skewed_worker(stack: Stack, seconds: int) -> subprocess.Popen[bytes]:
    """A worker of the stack's version whose clock is so far ahead."""
    command = [sys.executable, "-m", "celery", "--app", "tests.faults.skewed_worker", "worker", "--concurrency", "1"]
    command += ["--queues", "high,default,low", "--without-gossip", "--without-mingle", "--loglevel", "error"]
    return subprocess.Popen(
        [*command, "--hostname", f"skewed{seconds}@%h"],
        cwd=stack.folder,
        env={**stack.environment(), "CLOCK_SKEW_SECONDS": str(seconds)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


# Identities and times differ between two runs of the same work; everything else must not.
_IDENTITIES = {
    "id", "document_id", "session_id", "owner_id", "parent_id", "job_id", "timings", "lease_token", "worker", "metadata",
    "attempts", "max_attempts", "input", "result", "dedupe_key", "exclusive_key", "ann", "source_fingerprint",
    "digest",  # names its document in every citation; the matter beside it does not, and is compared
}  # fmt: skip
_TABLES = """
SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position)
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND c.table_name LIKE 'documents_app_%%' AND t.table_type = 'BASE TABLE'
  AND c.data_type NOT LIKE 'timestamp%%'
GROUP BY 1 HAVING bool_or(c.column_name = 'document_id') ORDER BY 1
"""


def end_state(stack: Stack, session_id: str) -> dict[str, Any]:
    """Every row that the work on a session left, without identities and times: ``{table: sorted rows}``."""
    state: dict[str, Any] = {
        "documents": stack.rows(
            "SELECT filename, mime_type, size, page_count, status, embedding_status, stage, progress, error_code,"
            " error_detail, file_id FROM documents_app_document WHERE session_id = %s ORDER BY filename",
            session_id,
        ),
        "jobs": stack.rows(
            "SELECT job_type, status, progress, stage, error_code, error_message, quarantined, is_group, count(*)"
            " FROM jobs_app_job WHERE input->>'session_id' = %s OR input->>'document_id' IN"
            " (SELECT id::text FROM documents_app_document WHERE session_id = %s)"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2",
            session_id, session_id,
        ),
        "files": stack.rows(
            "SELECT sha256, size, path FROM documents_app_storedfile WHERE sha256 IN"
            " (SELECT file_id FROM documents_app_document WHERE session_id = %s) ORDER BY 1",
            session_id,
        ),
        "analysis": stack.rows(
            "SELECT analysis_type, status, error_code, result->'key_concepts', result->'key_terms'"
            " FROM documents_app_sessionanalysis WHERE session_id = %s ORDER BY 1",
            session_id,
        ),
    }  # fmt: skip
    for table, columns in stack.rows(_TABLES):
        kept = [
            name
            for name in columns
            if name not in _IDENTITIES or (table, name) == ("documents_app_documentcontent", "metadata")
        ]
        listed = ", ".join(f't."{name}"::text' for name in kept)
        rows = stack.rows(
            f"SELECT d.filename, {listed} FROM {table} t JOIN documents_app_document d ON d.id = t.document_id"
            f" WHERE d.session_id = %s ORDER BY 1, {', '.join(str(n + 2) for n in range(len(kept)))}",
            session_id,
        )
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()
        state[table] = (len(rows), digest)
    return state


def orphans(stack: Stack) -> dict[str, int]:
    """Rows of documents that do not exist, by table; empty when all is well."""
    found = {}
    for table, _ in stack.rows(_TABLES):
        sql = f"SELECT count(*) FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM documents_app_document d WHERE d.id = t.document_id)"
        if count := stack.value(sql):
            found[table] = count
    return found

"""Where the stack of this checkout lies, where it listens, and which processes it consists of."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tutor_project.environment import STACK_FORKS, VAR_DIR, env
from tutor_project.stack.errors import StackError
from tutor_project.stack.forking import can_fork
from tutor_project.stack.processes import Program
from tutor_project.stack.state import StateFile

SPARING = {
    "MALLOC_ARENA_MAX": "2",  # threads keep no heap of their own
    "MALLOC_TRIM_THRESHOLD_": "1048576",  # and what was freed goes back to the system
    "OPENBLAS_NUM_THREADS": "1",  # no process splits its work: there are others beside it
    "CELERY_SKIP_CHECKS": "1",  # made before the stack starts; once in each worker they touch all there is
}
"""For all programs, unless the environment says otherwise."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the stack of this checkout lies and listens."""

    var_dir: Path
    host: str
    port: int
    web_workers: int
    job_processes: int
    model_processes: int

    @classmethod
    def configured(cls) -> Stack:
        """As the environment says. Raises ``StackError`` when it cannot be read."""
        return cls(
            var_dir=VAR_DIR,
            host=env.str("TUTOR_HOST", default="127.0.0.1"),
            port=_number("PORT", 8000),
            web_workers=_number("WEB_WORKERS", 1),
            job_processes=_number("JOB_PROCESSES", 2),
            model_processes=_number("MODEL_PROCESSES", 2),
        )

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def state(self) -> StateFile:
        """What is known about it while it runs."""
        return StateFile(self.var_dir)

    @property
    def log_dir(self) -> Path:
        """The logs of its processes."""
        return self.var_dir / "log"

    def programs(self) -> list[Program]:
        """In the order they start; they stop the other way round: beat, workers, web, and what these are forks of."""
        python = [sys.executable, "-m"]
        # HTTP/2 without TLS would let anybody send headers of 16 MB, 200 requests at a time; a proxy speaks HTTP/1 to this.
        web = [*python, "granian", "--interface", "asgi", "--host", self.host, "--port", str(self.port)]
        web += [
            "--http",
            "1",
            "--no-ws",
            "--workers",
            str(self.web_workers),
            "--workers-kill-timeout",
            "5",
            "--respawn-failed-workers",
        ]
        celery = [*python, "celery", "--quiet", "--app", "tutor_project"]
        programs = [
            Program("web", [*web, "tutor_project.asgi:application"], patience=10),
            Program("worker", _worker(celery, "worker", self.job_processes, "high,default,low"), patience=30),
        ]
        # Apart: what waits for a language model may take minutes, and an upload must not wait behind it.
        programs.append(
            Program("worker-model", _worker(celery, "worker-model", self.model_processes, "model"), patience=30)
        )
        if self.job_processes > 1:
            # Held back: long jobs of the other queues may occupy every process of the worker, never this one.
            programs.append(Program("worker-high", _worker(celery, "worker-high", 1, "high"), patience=30))
        programs.append(Program("beat", [*celery, "beat", "--pidfile=", "--loglevel", "info"], patience=10))
        # An exporter of traces has a thread and a name before there is anything to fork.
        if env.str("OTLP_ENDPOINT", default="") or not STACK_FORKS or not can_fork():
            return programs
        base = Program("base", [*python, "tutor_project.stack.forking"], patience=2, is_base=True)
        return [base, *(replace(program, forked=True) for program in programs)]

    @property
    def credentials_file(self) -> Path:
        """The passwords of the accounts the embedded mode makes."""
        return self.var_dir / "credentials.json"

    def credentials(self) -> dict[str, Any]:
        """User name to password; empty when there are no such accounts."""
        try:
            return dict(json.loads(self.credentials_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return {}


def _worker(celery: list[str], name: str, processes: int, queues: str) -> list[str]:
    served = ["--concurrency", str(processes), "--queues", queues, "--hostname", f"{name}@%h"]
    return [*celery, "worker", *served, "--without-gossip", "--without-mingle", "--loglevel", "info"]


def _number(variable: str, default: int) -> int:
    try:
        return int(env.str(variable, default=str(default)))
    except ValueError:
        raise StackError(f"{variable} must be a whole number, such as {default}.") from None

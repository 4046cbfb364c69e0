"""A stack of processes for the browser: the web server, workers and beat that people get, in a folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")
COMMAND_TIMEOUT_SECONDS = 240


@dataclass(frozen=True)
class Stack:
    """A running stack: its folder and its address."""

    var: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Python module or file of the project in the stack's environment."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**kept, "PORT": str(self.port), "TUTOR_VAR_DIR": str(self.var)},
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )


@contextmanager
def running_stack(var: Path) -> Iterator[Stack]:
    """Start a stack, stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stack = Stack(var, port)
    started = stack.run("-m", "tutor_project.stack", "up")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield stack
    finally:
        stack.run("-m", "tutor_project.stack", "down")

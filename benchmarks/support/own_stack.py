"""A stack of its own for a benchmark: servers, web and worker in a temporary folder, gone at the end.

Also builds the environment of the other side, once, from a requirements file.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
_SERVERS = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "TUTOR_VAR_DIR", "PORT")


@contextmanager
def own_stack(**settings: str) -> Iterator[tuple[str, Path]]:
    """Start the stack as ``make up`` does, with servers and a folder of its own; its URL and its folder."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if name not in _SERVERS}
        environment = {**kept, "TUTOR_VAR_DIR": folder, "PORT": str(port), **settings}
        _command(environment, "up")
        try:
            yield f"http://127.0.0.1:{port}", Path(folder)
        finally:
            _command(environment, "down")


def _command(environment: dict[str, str], name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tutor_project.stack", name], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"the stack of this benchmark: {name} failed\n{done.stdout}{done.stderr}")


def environment_of(requirements: Path, folder: Path) -> Path:
    """Return the Python of an environment with ``requirements``; made in ``folder`` if it is not there."""
    python, stamp = folder / "bin" / "python", folder / ".requirements"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if python.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"making the other side's environment in {folder} (once) …", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)], check=True)
    stamp.write_text(wanted)
    return python


def processor_seconds(*roots: psutil.Process) -> float:
    """Return the processor time that processes and everything below them have used, in seconds; each counts once.

    The programs of a stack are forks of one of them, so that they stand below one another.
    """
    total = 0.0
    for process in {one for root in roots for one in (root, *root.children(recursive=True))}:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system + used.children_user + used.children_system
    return total


def database_process(var: Path) -> psutil.Process:
    """Return the main process of the PostgreSQL of a stack."""
    return psutil.Process(int((var / "postgres" / "postmaster.pid").read_text().split()[0]))

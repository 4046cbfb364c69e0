"""What can be found out before anything is started: each finding is one line with its cure."""

from __future__ import annotations

import errno
import shutil
import socket
import sys
from pathlib import Path

from tutor_project.stack.errors import StackError

OLDEST_PYTHON = (3, 11)
NEEDED_MEGABYTES = 300


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Refuse a Python that is too old."""
    if version < OLDEST_PYTHON:
        raise StackError(
            f"Python {version[0]}.{version[1]} is too old: use 3.11 or newer (make run PYTHON=python3.12)."
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that is taken, forbidden or not a port."""
    if not 0 < port < 65536:
        raise StackError(f"PORT={port} is not a port: choose one between 1024 and 65535 (make run PORT=8001).")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StackError(f"Port {port} is taken by another program: choose another (make run PORT={port + 1}).")
            raise StackError(f"Port {port} on {host} cannot be used ({error.strerror}): choose another (PORT=8000).")


def check_disk(folder: Path) -> None:
    """Refuse to start on a disk that is as good as full."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free // 2**20
    if free < NEEDED_MEGABYTES:
        raise StackError(
            f"Only {free} MB are free where {existing} lies and {NEEDED_MEGABYTES} MB are needed: free some space."
        )


def check_file(path: Path) -> None:
    """Refuse a document that is not there before anything is started for it."""
    if not path.is_file():
        raise StackError(f"{path} is not a file: name the document to take (make demo FILE=chapter.pdf).")

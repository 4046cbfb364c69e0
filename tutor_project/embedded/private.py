"""Files and folders that other users of the machine may not look into."""

from __future__ import annotations

from pathlib import Path


def private_folder(path: Path) -> Path:
    """Make ``path`` a folder for its owner alone, also one that was made with another mode; returns it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def private_file(path: Path) -> Path:
    """Make ``path`` a file for its owner alone, also one that was made with another mode; returns it."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    return path

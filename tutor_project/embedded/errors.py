"""The one error of the embedded servers."""

from __future__ import annotations

import shutil
from pathlib import Path

USE_YOUR_OWN = "or set {variable} to a server of your own"


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot run here; the message is one line that names the cure."""


def require_free_space(folder: Path, megabytes: int, *, variable: str) -> None:
    """Raise ``EmbeddedServerError`` when less than ``megabytes`` are free where ``folder`` lies."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise EmbeddedServerError(
            f"Only {free} MB are free where {folder} lies and {megabytes} MB are needed: "
            f"free some space, {USE_YOUR_OWN.format(variable=variable)}."
        )

"""Servers that are away, as this process sees them: real sockets that nobody listens on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tutor_project.common.postgres.base import circuit


@contextmanager
def database_away() -> Iterator[None]:
    """Let this thread's connections go to a folder without a PostgreSQL while the block runs."""
    kept = connection.settings_dict
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    pool: dict[str, Any] = {**kept["OPTIONS"]["pool"], "timeout": 0.2}
    try:
        with tempfile.TemporaryDirectory() as nobody:
            connection.settings_dict = {**kept, "HOST": nobody, "OPTIONS": {**kept["OPTIONS"], "pool": pool}}
            yield
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        connection.settings_dict = kept
        circuit.close()

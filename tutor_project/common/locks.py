"""PostgreSQL advisory locks; their keys stand in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

ADVISORY_LOCKS = {
    "bootstrap": 7_301_001,
    "sweeper": 7_301_002,
    "partitions": 7_301_003,
    "rollup": 7_301_004,
    "reembed": 7_301_005,
}


@contextmanager
def try_advisory_lock(name: str) -> Iterator[bool]:
    """Hold the named lock inside the present transaction if it is free; yields whether it is held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCKS[name]])
        (held,) = cursor.fetchone()
    yield bool(held)


def lock_text(namespace: str, key: str) -> None:
    """Wait for the transaction-scoped lock of a text key, e.g. one learner's content hash."""
    digest = hashlib.blake2b(f"{namespace}:{key}".encode(), digest_size=8).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest, "big", signed=True)])

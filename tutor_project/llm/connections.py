"""Database connections are not kept while a model thinks: seconds of waiting must not occupy the pool."""

from __future__ import annotations

from typing import Any

from tutor_project.llm.errors import ModelCallInTransaction


def release_database_connections() -> None:
    """Close this thread's idle database connections (Django reopens them on use).

    Raises ``ModelCallInTransaction`` inside ``atomic``: the transaction would stay open, with its locks,
    for as long as the model takes. The transactions a test case wraps around a test do not count.
    """
    from django.conf import settings

    if not settings.configured:
        return
    from django.db import connections

    opened = connections.all(initialized_only=True)
    for connection in opened:
        if _own_transaction_is_open(connection):
            raise ModelCallInTransaction("A model must not be called inside a database transaction; call it before.")
    for connection in opened:
        if not connection.in_atomic_block:
            connection.close()


def _own_transaction_is_open(connection: Any) -> bool:
    return any(not block._from_testcase for block in connection.atomic_blocks)

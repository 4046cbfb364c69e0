"""Queries whose answers are read as numbers."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import Cursor


def binary_row(sql: str, arguments: list[Any]) -> tuple[Any, ...]:
    """Return the one row of a query, its columns sent in PostgreSQL's binary form."""
    row: tuple[Any, ...] = binary_rows(sql, arguments)[0]
    return row


def binary_rows(sql: str, arguments: list[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query, its arguments and columns sent in PostgreSQL's binary form.

    Django's own cursors write arguments into the text of the query and have it planned each time, which costs more
    than the search itself.
    """
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return cursor.execute(sql, arguments, binary=True, prepare=_prepare()).fetchall()


def _prepare() -> bool:
    """Whether statements may be kept prepared: not behind a pooler that changes servers between transactions."""
    return not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)

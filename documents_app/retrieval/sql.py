"""Queries whose answers are read as numbers.

Rows wanted by key are looked up by LATERAL … LIMIT 1, which the planner can only carry out as one index search a row; left
the choice, it reads small tables whole, at four times the cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg import Cursor


def uuid_array(documents: npt.NDArray[np.uint8]) -> str:
    """Return rows of UUID bytes as an array literal: the driver takes ten times as long for a list of UUIDs."""
    digits = documents.tobytes().hex()
    return "{" + ",".join(digits[start : start + 32] for start in range(0, len(digits), 32)) + "}"


def integer_array(numbers: npt.NDArray[np.int64]) -> str:
    """Return numbers as an array literal."""
    return "{" + ",".join(map(str, numbers.tolist())) + "}"


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

"""Queries whose answers are read as numbers.

Rows wanted by key are looked up by LATERAL … LIMIT 1, which the planner can only carry out as one index search a row; left
the choice, it reads small tables whole, at four times the cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg import Cursor


def uuid_array(documents: npt.NDArray[np.uint8]) -> str:
    """Return rows of UUID bytes as an array literal: the driver takes ten times as long for a list of UUIDs."""
    digits = documents.tobytes().hex()
    return "{" + ",".join(digits[start : start + 32] for start in range(0, len(digits), 32)) + "}"


def integer_array(numbers: Iterable[int]) -> str:
    """Return numbers as an array literal: a list would be sent as the smallest type that holds it, each another plan."""
    return "{" + ",".join(map(str, numbers)) + "}"


def binary_row(sql: str, arguments: list[Any]) -> tuple[Any, ...]:
    """Return the one row of a query, its columns sent in PostgreSQL's binary form."""
    row: tuple[Any, ...] = binary_rows(sql, arguments)[0]
    return row


def binary_rows(sql: str, arguments: list[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query, its arguments and columns sent in PostgreSQL's binary form.

    Django's own cursors write arguments into the text of the query and have it planned each time, which costs more
    than the search itself. Failures are Django's own all the same: whoever answers for an outage knows only those.
    """
    connection.ensure_connection()
    driver = connection.connection
    prepare = not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
    if prepare and driver.prepare_threshold is None:  # Django forbids what a pooler between transactions cannot do
        driver.prepare_threshold = 5
    with connection.wrap_database_errors, Cursor(driver) as cursor:
        return cursor.execute(sql, arguments, binary=True, prepare=prepare).fetchall()

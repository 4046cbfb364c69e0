"""The cursor of statements that run all the time."""

from __future__ import annotations

from typing import Any, cast

from django.db import connection

from tutor_project.common.postgres.base import DatabaseWrapper


def prepared_cursor() -> Any:
    """Return a cursor of the present connection whose statements are prepared; see ``DatabaseWrapper.prepared_cursor``."""
    return cast(DatabaseWrapper, connection).prepared_cursor()

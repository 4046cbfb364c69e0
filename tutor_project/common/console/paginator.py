"""Pages of big tables: what is counted is bounded, what is beyond is estimated by the database."""

from __future__ import annotations

import json
from math import ceil
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.utils.functional import cached_property

EXACT_UP_TO = 10_000
DEEPEST_PAGE = 200
"""Pages beyond this are reached by a filter or a search: a deep OFFSET reads everything before it."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to ``EXACT_UP_TO`` rows; more are estimated from the planner's statistics."""

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        """Rows in all: exact up to ten thousand, an estimate beyond."""
        rows: Any = self.object_list
        rows = rows.order_by()
        counted = rows[: EXACT_UP_TO + 1].count()
        return int(counted) if counted <= EXACT_UP_TO else max(counted, estimated_rows(rows))

    @cached_property
    def num_pages(self) -> int:  # type: ignore[override]
        """Pages that can be turned to."""
        return min(max(1, ceil(self.count / self.per_page)), DEEPEST_PAGE)


def estimated_rows(rows: Any) -> int:
    """Return the planner's estimate for a queryset, without reading its rows."""
    if not rows.query.where and not rows.query.distinct:
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
            )
            estimate: int = cursor.fetchone()[0]
        if estimate > 0:
            return estimate
    plan = json.loads(rows.explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])

"""Who spent most: exact, without adding up everybody's month each time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from analytics_app import sql
from analytics_app.domain.buckets import RollupCoverage, Segment, split_closed
from analytics_app.domain.rollups import Measures
from analytics_app.selectors.keeping import kept
from analytics_app.selectors.statements import FigureQuery, figure_parts, figure_segments

SPENT = ("count", "prompt_tokens", "completion_tokens", "cost_usd", "unpriced")
CANDIDATES = 100
"""How many of the largest spenders of closed hours and days are kept; must exceed what is asked for."""

Spent = dict[UUID, Measures]


def top_spenders(start: datetime, end: datetime, coverage: RollupCoverage, count: int) -> list[tuple[UUID, Measures]]:
    """Return users and what they spent in ``[start, end)``, most first; of the measures only those of ``SPENT``.

    Of closed hours and days only the largest spenders are kept. Every other user spent at most what the last of these did.
    Such a user is added up anew only if that much and what is new together could reach the top.
    """
    closed, live = split_closed(figure_segments(_query(start, end), coverage))
    totals = dict(_largest(closed, coverage.revision))
    everybody = len(totals) < CANDIDATES
    most_of_others = 0 if everybody else min(spent.cost_usd for spent in totals.values())
    latest = _read(live)
    for user in totals.keys() & latest.keys():
        totals[user] = totals[user].merge(latest[user])
    costs = sorted((spent.cost_usd for spent in totals.values()), reverse=True)
    needed = costs[count - 1] if len(costs) >= count else 0
    others = {
        user: spent
        for user, spent in latest.items()
        if user not in totals and spent.cost_usd + most_of_others >= needed
    }
    before = {} if everybody or not others else _read(closed, users=others.keys())
    totals |= {user: spent.merge(before.get(user, Measures())) for user, spent in others.items()}
    return sorted(totals.items(), key=lambda item: (-item[1].cost_usd, -item[1].tokens))[:count]


@kept
def _largest(segments: tuple[Segment, ...], revision: UUID | None) -> Spent:
    """The largest spenders of rolled up segments."""
    return _read(segments, most=CANDIDATES)


def _query(start: datetime, end: datetime) -> FigureQuery:
    return FigureQuery("token_usage", start, end, by=("user_id",))


def _read(segments: Sequence[Segment], *, users: Collection[UUID] | None = None, most: int | None = None) -> Spent:
    if not segments:
        return {}
    parts, params = figure_parts(_query(segments[0].start, segments[-1].end), segments)
    statement = f"SELECT user_id, {sql.merged(SPENT)} FROM ({parts}) AS parts WHERE user_id IS NOT NULL"
    values: list[Any] = [*params]
    if users is not None:
        statement += " AND user_id = ANY(%s)"
        values.append(list(users))
    statement += " GROUP BY user_id"
    if most is not None:
        statement += " ORDER BY sum(cost_usd) DESC, sum(prompt_tokens + completion_tokens) DESC LIMIT %s"
        values.append(most)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {row[0]: Measures(**dict(zip(SPENT, row[1:], strict=True))) for row in cursor.fetchall()}

"""The statements behind figures: what to sum, from which segments, as one SELECT per source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics_app import sql
from analytics_app.domain.buckets import RollupCoverage, Segment, Source, plan_cover

GROUPS = ("key1", "key2", "user_id", "session_id", "five_minutes", "hour", "day")


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """What to sum: facts of one kind in ``[start, end)``, whose, and by what.

    ``by`` names any of ``GROUPS``; ``key1`` keeps only these keys; ``histogram`` asks for percentiles, ``times`` for the
    first and last fact; ``user_id``/``session_ids`` narrow to these. ``by_category`` reads the totals per category.
    """

    fact: str
    start: datetime
    end: datetime
    by: tuple[str, ...] = ()
    user_id: UUID | None = None
    session_ids: tuple[UUID, ...] | None = None
    key1: tuple[str, ...] | None = None
    key2: tuple[str, ...] | None = None
    histogram: bool = False
    times: bool = False
    by_category: bool = False

    @property
    def by_user(self) -> bool:
        """Whether the query needs to know whose a fact is."""
        return self.user_id is not None or "user_id" in self.by

    @property
    def personal(self) -> bool:
        """Whether the figures are one person's or their sessions', in which what their client reported counts too."""
        return self.user_id is not None or self.session_ids is not None

    @property
    def of_everybody(self) -> bool:
        """Whether the query neither narrows to nor groups by people or sessions."""
        return not self.by_user and self.session_ids is None


def figure_segments(query: FigureQuery, coverage: RollupCoverage) -> list[Segment]:
    """The segments that answer the query, from the coarsest rollups that keep apart what it asks."""
    return plan_cover(query.start, query.end, coverage, _allowed(query))


def figure_parts(query: FigureQuery, segments: Sequence[Segment]) -> tuple[str, list[Any]]:
    """One SELECT per source, joined by UNION ALL, and their parameters; a group may appear in several of them.

    Their columns are the groups, ``sql.MEASURES``, and with histograms ``histogram_indexes`` and ``histogram_counts`` in
    PostgreSQL's binary form of arrays.
    """
    statements: list[str] = []
    params: list[Any] = []
    for kind in Source:
        chosen = [segment for segment in segments if segment.source is kind]
        if chosen:
            builder = _raw_part if kind is Source.RAW else _rollup_part
            statement, values = builder(query, kind, chosen)
            statements.append(statement)
            params += values
    if not statements:
        return _raw_part(query, Source.RAW, [Segment(Source.RAW, query.end, query.end)])
    return " UNION ALL ".join(statements), params


def _asked_keys(query: FigureQuery, source: sql.SummedFact) -> set[str]:
    """The keys that a rollup of one person or session has to keep apart for the query."""
    asked = {name for name in ("key1", "key2") if name in query.by or getattr(query, name) is not None}
    if not (source.keeps_category and asked):
        return asked
    # These rollups keep only the category, as their first key.
    return {"key2"} if query.by_category and asked == {"key1"} else {"key1", "key2"}


def _allowed(query: FigureQuery) -> Collection[Source]:
    """The rollups that keep what the query asks apart."""
    if "five_minutes" in query.by:
        return ()
    source = sql.SUMMED[query.fact]
    asked = _asked_keys(query, source)
    if query.session_ids is not None:
        stored = not query.histogram and query.user_id is None and asked <= {source.session_key}
        return (Source.HOUR,) if stored else ()
    if query.by_user:
        if not asked <= set(source.user_keys):
            return ()
        if query.histogram:
            return () if "hour" in query.by else (Source.DAY,)
    return (Source.HOUR,) if "hour" in query.by else (Source.HOUR, Source.DAY)


def _rollup_part(query: FigureQuery, kind: Source, segments: list[Segment]) -> tuple[str, list[Any]]:
    table = "analytics_rollup"
    conditions = ["fact = ANY(%s)" if query.personal else "fact = %s", "grain = %s"]
    params: list[Any] = [[query.fact, sql.own(query.fact)] if query.personal else query.fact, kind.value]
    if query.session_ids is not None:
        table = "analytics_rollup_session"
        conditions.append("session_id = ANY(%s)")
        params.append(list(query.session_ids))
    elif query.by_user:
        table = "analytics_rollup_user"
        if query.user_id is not None:
            conditions.append("user_id = %s")
            params.append(query.user_id)
    else:
        conditions.append("dimension = %s")
        params.append(sql.CATEGORY if query.by_category else sql.KEYS)
    conditions.append(within("bucket", segments, params))
    _narrow(query, "key1", "key2", conditions, params)
    groups = "".join(f"{_group(name, 'bucket')} AS {name}, " for name in query.by)
    columns = f"{groups}{', '.join(sql.MEASURES)}"
    if query.histogram:
        columns += f", {_wire('histogram_indexes', 'histogram_counts')}"
    return f"SELECT {columns} FROM {table} WHERE {' AND '.join(conditions)}", params


def _raw_part(query: FigureQuery, _kind: Source, segments: list[Segment]) -> tuple[str, list[Any]]:
    source = sql.SUMMED[query.fact]
    names = {"key1": source.key2, "key2": "''"} if query.by_category else {"key1": source.key1, "key2": source.key2}
    where, params = _raw_conditions(query, names, segments)
    groups = {name: names.get(name) or _group(name, "occurred_at") for name in query.by}
    if query.histogram:
        return _raw_cells(source, groups, where), params
    selected = "".join(f"{expression} AS {name}, " for name, expression in groups.items())
    statement = f"SELECT {selected}{source.measures()} FROM {source.table} WHERE {where}"
    grouping = [expression for expression in groups.values() if expression != "''"]
    return statement + (f" GROUP BY {', '.join(grouping)}" if grouping else ""), params


def _raw_conditions(query: FigureQuery, names: Mapping[str, str], segments: list[Segment]) -> tuple[str, list[Any]]:
    params: list[Any] = []
    conditions = [within("occurred_at", segments, params)]
    if query.user_id is not None:
        conditions.append("user_id = %s")
        params.append(query.user_id)
    if query.session_ids is not None:
        conditions.append("session_id = ANY(%s)")
        params.append(list(query.session_ids))
    if query.by_user and query.user_id is None:
        conditions.append("user_id IS NOT NULL")
    if sql.SUMMED[query.fact].may_be_reported and not query.personal:
        conditions.append("NOT reported")
    _narrow(query, names["key1"], names["key2"], conditions, params)
    return " AND ".join(conditions), params


def _raw_cells(source: sql.SummedFact, groups: Mapping[str, str], where: str) -> str:
    """Measures and histogram in one pass: first by bucket of the histogram, then merged."""
    columns = {**{name: name for name in source.columns.split(", ")}, **groups, "index": source.histogram_index}
    selected = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    facts = f"SELECT {selected} FROM {source.table} WHERE {where}"
    cells = f"SELECT {', '.join([*groups, 'index'])}, {source.measures()} FROM ({facts}) AS facts"
    cells += f" GROUP BY {', '.join([*groups, 'index'])}"
    arrays = _wire(
        "array_agg(index::smallint) FILTER (WHERE index IS NOT NULL)",
        "array_agg(timed::int) FILTER (WHERE index IS NOT NULL)",
    )
    statement = f"SELECT {', '.join([*groups, sql.MERGED_MEASURES, arrays])} FROM ({cells}) AS cells"
    return statement + (f" GROUP BY {', '.join(groups)}" if groups else "")


def _wire(indexes: str, counts: str) -> str:
    return f"array_send({indexes}) AS histogram_indexes, array_send({counts}) AS histogram_counts"


def within(column: str, segments: Sequence[Segment], params: list[Any]) -> str:
    """``column`` inside any of the segments; the outer bounds come first so that partitions are pruned."""
    params += [segments[0].start, segments[-1].end]
    condition = f"{column} >= %s AND {column} < %s"
    if len(segments) == 1:
        return condition
    inside = []
    for segment in segments:
        inside.append(f"({column} >= %s AND {column} < %s)")
        params += [segment.start, segment.end]
    return f"{condition} AND ({' OR '.join(inside)})"


def _narrow(query: FigureQuery, key1: str, key2: str, conditions: list[str], params: list[Any]) -> None:
    for expression, values in ((key1, query.key1), (key2, query.key2)):
        if values is not None:
            conditions.append(f"{expression} = ANY(%s)")
            params.append(list(values))


def _group(name: str, time_column: str) -> str:
    if name == "five_minutes":
        return f"date_bin('5 minutes', {time_column}, '2000-01-01 00:00:00+00')"
    return f"date_trunc('{name}', {time_column}, 'UTC')" if name in ("hour", "day") else name

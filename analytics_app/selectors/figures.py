"""Figures over any range: rollups for closed hours and days, raw facts for the rest.

Every figure equals a scan of the facts. Percentiles come from merged histograms and are within 2.5 % of exact.

A process keeps what it read for figures of everybody, see ``keeping``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection

from analytics_app import sql
from analytics_app.domain.buckets import RollupCoverage, Segment, split_closed
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.rollups import Measures
from analytics_app.selectors.keeping import Newest, kept, newest
from analytics_app.selectors.statements import FigureQuery, figure_parts, figure_segments

Key = tuple[Any, ...]
Figures = dict[Key, Measures]


def coverage_read() -> dict[str, RollupCoverage]:
    """What the rollups of each fact kind hold right now."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE)
        rows = cursor.fetchall()
    found: dict[str, RollupCoverage] = {}
    for fact, revision, closed_until, raw_from, hours, days, marks in rows:
        found[fact] = RollupCoverage(closed_until, frozenset(hours), frozenset(days), raw_from, revision, marks)
    return {fact: found.get(fact, RollupCoverage()) for fact in sql.SUMMED}


_COVERAGE = """
    SELECT fact, revision, closed_until, dropped_before::timestamp AT TIME ZONE 'UTC',
        ARRAY(SELECT DISTINCT bucket FROM analytics_stale_window AS mark
              WHERE mark.fact = state.fact AND grain = 'hour' AND bucket < state.closed_until),
        ARRAY(SELECT DISTINCT bucket FROM analytics_stale_window AS mark
              WHERE mark.fact = state.fact AND grain = 'day' AND bucket < state.closed_until),
        (SELECT count(*) FROM analytics_stale_window AS mark
         WHERE mark.fact = state.fact AND grain = 'hour' AND bucket >= state.closed_until)
    FROM analytics_fact_state AS state
"""


def figures(query: FigureQuery, coverage: Mapping[str, RollupCoverage] | None = None) -> Figures:
    """Measures per group, in the order of ``query.by``; ``{(): Measures}`` without groups, empty when nothing happened."""
    known = (coverage_read() if coverage is None else coverage)[query.fact]
    segments = figure_segments(query, known)
    if not query.of_everybody:
        return _read(query, segments)
    closed, live = split_closed(segments)
    found = dict(_read_closed(_spanning(query, closed), closed, known.revision)) if closed else {}
    for key, measures in _read_live(query, live, known).items() if live else ():
        found[key] = found[key].merge(measures) if key in found else measures
    return found


def total(query: FigureQuery, coverage: Mapping[str, RollupCoverage] | None = None) -> Measures:
    """Measures of everything the query matches."""
    return figures(replace(query, by=()), coverage).get((), Measures())


def _spanning(query: FigureQuery, segments: Sequence[Segment]) -> FigureQuery:
    """The query without the ends of its range that other sources answer."""
    return replace(query, start=segments[0].start, end=segments[-1].end)


@kept
def _read_closed(query: FigureQuery, segments: tuple[Segment, ...], revision: UUID | None) -> Figures:
    """Measures per group of rolled up segments."""
    return _read(query, segments)


def _read_live(query: FigureQuery, segments: tuple[Segment, ...], known: RollupCoverage) -> Figures:
    tail = newest(segments, [known])
    if tail is None:
        return _read(query, segments)
    return _read_newest(replace(query, start=tail.start, end=tail.start), tail)


@kept
def _read_newest(query: FigureQuery, tail: Newest) -> Figures:
    return _read(query, tail.segments)


def _read(query: FigureQuery, segments: Sequence[Segment]) -> Figures:
    parts, params = figure_parts(query, segments)
    groups = "".join(f"{name}, " for name in query.by)
    grouping = f"GROUP BY {', '.join(query.by)}" if query.by else "HAVING count(*) > 0"
    merged = sql.MERGED_MEASURES if query.times else sql.MERGED_WITHOUT_TIMES
    if query.histogram:
        merged += f", {_HISTOGRAMS}"
    width = len(query.by)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {groups}{merged} FROM ({parts}) AS parts {grouping}", params)
        return {tuple(row[:width]): _measures(row[width:]) for row in cursor.fetchall() if row[width]}


_HISTOGRAMS = "string_agg(histogram_indexes, ''::bytea), string_agg(histogram_counts, ''::bytea)"


def _measures(row: Sequence[Any]) -> Measures:
    measures = dict(zip(sql.MEASURES, row, strict=False))
    wires = row[len(sql.MEASURES) :]
    if wires and wires[0] is not None:
        measures["histogram"] = Histogram.from_wire(*wires)
    return Measures(**measures)

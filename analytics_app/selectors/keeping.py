"""What a process keeps of figures of everybody, so that a month is not added up for each who asks (docs/analytics.md).

Two things are kept, and nothing else: what closed hours and days add, under the revision of their rollups, and what the
newest facts add, for a second, under the number of marks that writers have left since. Neither is ever out of date: a
rollup that changes draws a new revision, and a fact that is written leaves a mark.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from analytics_app.domain.buckets import RollupCoverage, Segment

KEPT = 128
"""Answers of one kind a process keeps; those of a month by 100 operations with their histograms take 0.5 MB."""
_NOW = timedelta(seconds=1)

kept = lru_cache(maxsize=KEPT)
"""Keeps what a reading returns under its arguments. What is returned is shared: nobody may change it."""


@dataclass(frozen=True, slots=True)
class Newest:
    """Facts from ``start`` to just now, as what is kept of them is known by.

    Which moment of the present second it is makes no difference. Facts dated ahead by a clock that is fast are counted no
    later than a second after their time.
    """

    start: datetime
    revisions: tuple[UUID | None, ...]
    open_marks: tuple[int, ...]
    second: int
    segments: tuple[Segment, ...] = field(compare=False)


def newest(segments: tuple[Segment, ...], coverages: Sequence[RollupCoverage]) -> Newest | None:
    """Return the newest facts, None unless the segments end now and lie in hours that no kind of fact has rolled up.

    All that is written to such hours changes ``open_marks``; what is written elsewhere may not.
    """
    if not segments or abs(segments[-1].end - datetime.now(UTC)) > _NOW:
        return None
    if any(known.closed_until is None or segments[0].start < known.closed_until for known in coverages):
        return None
    return Newest(
        segments[0].start,
        tuple(known.revision for known in coverages),
        tuple(known.open_marks for known in coverages),
        int(time.monotonic()),
        segments,
    )

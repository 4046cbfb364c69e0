"""Rollup maths: the measures one rollup row carries, how they merge, and the figures read from them.

Every measure is a whole number or a decimal, never a float: merging is exact in any order, so figures from rollups
equal a scan of the facts to the last unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import attrgetter
from typing import Any

from analytics_app.domain.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Measures:
    """Sums over a set of facts.

    ``timed`` counts the facts that carry a duration, ``judged`` those that carry a verdict (success, right or wrong),
    ``ok`` the good ones among them. Durations are microseconds, costs US dollars; ``unpriced`` counts calls of models
    without a price, ``estimated`` calls whose token usage was estimated instead of reported.
    """

    count: int = 0
    timed: int = 0
    judged: int = 0
    ok: int = 0
    total_us: int = 0
    low_us: int | None = None
    high_us: int | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    estimated: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    histogram: Histogram = field(default_factory=Histogram)

    def merge(self, other: Measures) -> Measures:
        """The measures of both sets together (associative, commutative; the empty ``Measures()`` is neutral)."""
        return merge_all((self, other))

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def success_rate(self) -> float | None:
        """Share of good verdicts among all verdicts, 0 to 1; ``None`` when nothing was judged."""
        return self.ok / self.judged if self.judged else None

    @property
    def error_rate(self) -> float | None:
        """Share of bad verdicts among all verdicts, 0 to 1; ``None`` when nothing was judged."""
        return (self.judged - self.ok) / self.judged if self.judged else None

    @property
    def mean_us(self) -> float | None:
        """Mean duration in microseconds."""
        return self.total_us / self.timed if self.timed else None

    def quantiles_us(self, *fractions: float) -> list[float | None]:
        """Durations (microseconds) at ``fractions``, each within the histogram's relative error."""
        found = self.histogram.quantiles(fractions, low=self.low_us, high=self.high_us)
        return [None] * len(fractions) if found is None else list(found)

    @property
    def known_cost_usd(self) -> Decimal | None:
        """Cost of the priced calls; ``None`` when no call had a price (unknown is never shown as zero)."""
        return None if self.unpriced and self.unpriced == self.count else self.cost_usd


_ADDED = (
    "count", "timed", "judged", "ok", "total_us", "prompt_tokens", "completion_tokens", "unpriced", "estimated",
)  # fmt: skip
_LEAST, _MOST = ("low_us", "first_at"), ("high_us", "last_at")


def merge_all(parts: Collection[Measures]) -> Measures:
    """All ``parts`` merged."""
    if len(parts) == 1:
        return next(iter(parts))

    def merged(names: Iterable[str], merge: Callable[[list[Any]], Any]) -> dict[str, Any]:
        known = {name: [value for part in parts if (value := getattr(part, name)) is not None] for name in names}
        return {name: merge(values) if values else None for name, values in known.items()}

    return Measures(
        **{name: sum(map(attrgetter(name), parts)) for name in _ADDED},
        **merged(_LEAST, min),
        **merged(_MOST, max),
        cost_usd=sum((part.cost_usd for part in parts), Decimal(0)),
        histogram=reduce(Histogram.merge, (part.histogram for part in parts), Histogram()),
    )


def milliseconds(microseconds: float | None) -> float | None:
    """Microseconds as milliseconds with three decimals, the unit and precision of every figure on the API."""
    return None if microseconds is None else round(microseconds / 1000, 3)


def change(current: float | None, previous: float | None) -> float | None:
    """Relative change from ``previous`` to ``current`` (0.5 = half as much again); ``None`` without a base."""
    if current is None or not previous:
        return None
    return round((float(current) - float(previous)) / float(previous), 4)

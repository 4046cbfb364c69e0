"""SQL fragments shared by the rollup (which stores sums) and the selectors (which add raw facts to stored sums).

Both sides use the same expressions, so a figure read from rollups and the same figure read from facts are equal to
the last unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analytics_app.domain import facts
from analytics_app.domain.histogram import LOG_GAMMA, ZERO_INDEX

KEYS = "keys"
CATEGORY = "category"

SUMS = ("count", "timed", "judged", "ok", "total_us")
USAGE = ("prompt_tokens", "completion_tokens", "cost_usd", "unpriced", "estimated")
MEASURES = (*SUMS, "low_us", "high_us", *USAGE, "first_at", "last_at")

HISTOGRAM_INDEX = (
    f"CASE WHEN duration_us = 0 THEN {ZERO_INDEX} "
    f"ELSE ceil(ln(duration_us::double precision) / {LOG_GAMMA!r}::double precision)::int END"
)
"""Bucket of ``duration_us``, as ``analytics_app.domain.histogram.bucket_index`` computes it; null for null."""


@dataclass(frozen=True, slots=True)
class SummedFact:
    """How the facts of one kind are summed: its keys, and which measures it has.

    ``user_keys`` and ``session_key`` are the keys that a user's and a session's rollups keep apart. With
    ``several_answers`` one fact may stand for a whole quiz. Facts that ``may_be_reported`` by a client are in the figures
    of its user and session, and in nobody else's.
    """

    table: str
    key1: str
    key2: str = "''"
    timed: bool = True
    judged: bool = True
    usage: bool = False
    user_keys: tuple[str, ...] = ("key1",)
    session_key: str = ""
    several_answers: bool = False
    may_be_reported: bool = False
    dimensions: tuple[str, ...] = (KEYS,)

    def measures(self) -> str:
        """The select list of ``MEASURES`` over facts."""
        return ", ".join(f"{expression} AS {name}" for name, expression in self._expressions().items())

    def _expressions(self) -> dict[str, str]:
        expressions = dict.fromkeys(MEASURES, "0::bigint")
        expressions.update(
            count="count(*)",
            low_us="NULL::bigint",
            high_us="NULL::bigint",
            cost_usd="0::numeric",
            first_at="min(occurred_at)",
            last_at="max(occurred_at)",
        )
        if self.timed:
            expressions.update(
                timed="count(duration_us)",
                total_us="coalesce(sum(duration_us), 0)::bigint",
                low_us="min(duration_us)",
                high_us="max(duration_us)",
            )
        if self.judged:
            expressions.update(judged="count(ok)", ok="count(*) FILTER (WHERE ok)")
        if self.several_answers:
            expressions.update(
                judged="coalesce(sum(coalesce(answers, (ok IS NOT NULL)::int)), 0)::bigint",
                ok="coalesce(sum(coalesce(correct_answers, ok::int)), 0)::bigint",
            )
        if self.usage:
            expressions.update(
                prompt_tokens="sum(prompt_tokens)::bigint",
                completion_tokens="sum(completion_tokens)::bigint",
                cost_usd="coalesce(sum(cost_usd), 0)",
                unpriced="count(*) - count(cost_usd)",
                estimated="count(*) FILTER (WHERE NOT measured)",
            )
        return expressions

    @property
    def columns(self) -> str:
        """The fact columns the measures are made of."""
        names = ["user_id", "session_id", "occurred_at"]
        names += ["duration_us"] if self.timed else []
        names += ["ok"] if self.judged else []
        names += ["answers", "correct_answers"] if self.several_answers else []
        names += ["prompt_tokens", "completion_tokens", "cost_usd", "measured"] if self.usage else []
        return ", ".join(names)

    @property
    def reported(self) -> str:
        """Whether a fact was reported by a client."""
        return "reported" if self.may_be_reported else "false"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are not constant."""
        return ("key1",) if self.key2 == "''" else ("key1", "key2")

    @property
    def keeps_category(self) -> bool:
        """Whether the totals per category are kept beside those per key."""
        return CATEGORY in self.dimensions

    def user_key_columns(self) -> str:
        """What ``key1, key2`` of a user's rollup are made of; the category alone is stored as the first key."""
        return ", ".join((*self.user_keys, "''")[:2])

    @property
    def histogram_index(self) -> str:
        return HISTOGRAM_INDEX if self.timed else "NULL::int"


SUMMED: Mapping[str, SummedFact] = MappingProxyType(
    {
        "interaction": SummedFact(
            facts.INTERACTION.table, "interaction_type", session_key="key1", several_answers=True
        ),
        "tool_invocation": SummedFact(facts.TOOL_INVOCATION.table, "tool_name", may_be_reported=True),
        "token_usage": SummedFact(
            facts.TOKEN_USAGE.table, "model", "phase", usage=True, user_keys=("key1", "key2"), may_be_reported=True
        ),
        "performance": SummedFact(
            facts.PERFORMANCE.table,
            "operation",
            "category",
            user_keys=("key2",),
            session_key="key2",
            dimensions=(KEYS, CATEGORY),
        ),
        "event": SummedFact(
            facts.EVENT.table, "event_type", timed=False, judged=False, session_key="key1", may_be_reported=True
        ),
    }
)


def own(fact: str) -> str:
    """Return the name under which rollups of users and sessions keep what clients reported of this kind."""
    return f"{fact}:own"


MERGED: Mapping[str, str] = MappingProxyType(
    {
        **{name: f"sum({name})::bigint" for name in SUMS},
        "low_us": "min(low_us)",
        "high_us": "max(high_us)",
        **{name: f"sum({name})::{'numeric' if name == 'cost_usd' else 'bigint'}" for name in USAGE},
    }
)
"""What merges stored or partial measures, by measure."""


def merged(names: Iterable[str]) -> str:
    """The select list that merges these measures."""
    return ", ".join(f"{MERGED[name]} AS {name}" for name in names)


MERGED_MEASURES = f"{merged(MERGED)}, min(first_at) AS first_at, max(last_at) AS last_at"
"""The select list of all of ``MEASURES``, merged."""

MERGED_WITHOUT_TIMES = f"{merged(MERGED)}, NULL::timestamptz AS first_at, NULL::timestamptz AS last_at"
"""The same without the times of the first and last fact, which cost more to read than all the sums."""

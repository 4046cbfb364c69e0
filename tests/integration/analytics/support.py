"""Random facts, and the same figures by a scan of them in Python."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from analytics_app.domain.facts import KINDS, Fact, build_fact
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.rollups import Measures
from tutor_project.common.models import new_id

MODELS = ("openai:small", "openai:large", "acme:unknown")
PHASES = ("analysis", "planning", "generation", "interaction")


class FactMaker:
    """Facts of all kinds with a fixed seed, spread evenly over ``[start, end)``."""

    def __init__(self, seed: int, start: datetime, end: datetime, *, users: int = 12, sessions: int = 30) -> None:
        self.random = random.Random(seed)
        self.start, self.end = start, end
        self.users = [UUID(int=self.random.getrandbits(128)) for _ in range(users)]
        self.sessions = [UUID(int=self.random.getrandbits(128)) for _ in range(sessions)]

    def make(self, kind: str, **given: Any) -> Fact:
        """One fact; ``given`` replaces fields."""
        pick = self.random
        occurred_at = self.start + timedelta(
            microseconds=pick.randrange(int((self.end - self.start).total_seconds() * 1e6))
        )
        fields: dict[str, Any] = {"id": new_id(), "occurred_at": occurred_at}
        if pick.random() < 0.9:
            session = pick.randrange(len(self.sessions))
            fields |= {"session_id": self.sessions[session], "user_id": self.users[session % len(self.users)]}
        fields |= getattr(self, f"_{kind}")() | given
        return build_fact(kind, fields, now=self.end, floor=self.start, new_id=new_id)

    def batch(self, count: int, kinds: Iterable[str] = tuple(KINDS)) -> list[Fact]:
        """``count`` facts of random kinds."""
        names = list(kinds)
        return [self.make(self.random.choice(names)) for _ in range(count)]

    def _latency(self) -> float:
        return 0.0 if self.random.random() < 0.01 else round(self.random.lognormvariate(3, 1.5), 3)

    def _interaction(self) -> dict[str, Any]:
        kind = self.random.choice(("question", "answer", "summary", "quiz_attempt"))
        fields: dict[str, Any] = {"interaction_type": kind}
        if kind == "answer":
            fields["correct"] = self.random.random() < 0.7
        elif kind == "quiz_attempt":
            fields["answers"] = self.random.randrange(1, 12)
            fields["correct_answers"] = self.random.randrange(fields["answers"] + 1)
        if self.random.random() < 0.6:
            fields["latency_ms"] = self._latency()
        return fields

    def _tool_invocation(self) -> dict[str, Any]:
        return {
            "tool_name": f"tool{self.random.randrange(5)}",
            "latency_ms": self._latency(),
            "success": self.random.random() < 0.95,
        }

    def _token_usage(self) -> dict[str, Any]:
        return {
            "model": self.random.choice(MODELS),
            "phase": self.random.choice(PHASES),
            "prompt_tokens": self.random.randrange(5000),
            "completion_tokens": self.random.randrange(900),
            "measured": self.random.random() < 0.9,
            "latency_ms": self._latency(),
        }

    def _performance(self) -> dict[str, Any]:
        category = self.random.choice(("request", "task"))
        return {
            "operation": f"{category} {self.random.randrange(4)}",
            "category": category,
            "latency_ms": self._latency(),
            "success": self.random.random() < 0.97,
        }

    def _event(self) -> dict[str, Any]:
        return {"event_type": self.random.choice(("opened", "closed"))}


def scan(
    facts: Iterable[Fact],
    kind: str,
    start: datetime,
    end: datetime,
    key: Callable[[dict[str, Any]], Any] = lambda row: (),
    where: Callable[[dict[str, Any]], bool] = lambda row: True,
    cost: Callable[[dict[str, Any]], Decimal | None] = lambda row: None,
) -> dict[Any, Measures]:
    """Measures per key by looking at every fact."""
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    columns = KINDS[kind].columns
    for fact in facts:
        if fact.kind == kind and start <= fact.occurred_at < end:
            row = dict(zip(columns, fact.values, strict=True))
            if where(row):
                groups[key(row)].append(row)
    return {name: _measures(rows, cost) for name, rows in groups.items()}


def _measures(rows: list[dict[str, Any]], cost: Callable[[dict[str, Any]], Decimal | None]) -> Measures:
    durations = [row["duration_us"] for row in rows if row.get("duration_us") is not None]
    verdicts = [(1, row["ok"]) for row in rows if row.get("ok") is not None]
    verdicts += [(row["answers"], row["correct_answers"]) for row in rows if row.get("answers") is not None]
    usage = "prompt_tokens" in rows[0]
    costs = [cost(row) for row in rows] if usage else []
    return Measures(
        count=len(rows),
        timed=len(durations),
        judged=sum(judged for judged, _ in verdicts),
        ok=sum(ok for _, ok in verdicts),
        total_us=sum(durations),
        low_us=min(durations, default=None),
        high_us=max(durations, default=None),
        prompt_tokens=sum(row["prompt_tokens"] for row in rows) if usage else 0,
        completion_tokens=sum(row["completion_tokens"] for row in rows) if usage else 0,
        cost_usd=sum((value for value in costs if value is not None), Decimal(0)),
        unpriced=sum(value is None for value in costs),
        estimated=sum(not row.get("measured", True) for row in rows),
        first_at=min(row["occurred_at"] for row in rows),
        last_at=max(row["occurred_at"] for row in rows),
        histogram=Histogram.of(durations),
    )


def hour(row: dict[str, Any]) -> datetime:
    """The hour of a fact."""
    moment: datetime = row["occurred_at"]
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def five_minutes(row: dict[str, Any]) -> datetime:
    """The five minutes of a fact."""
    moment: datetime = row["occurred_at"]
    return hour(row).replace(minute=moment.minute // 5 * 5)


def day(row: dict[str, Any]) -> datetime:
    """The day of a fact."""
    return hour(row).replace(hour=0)

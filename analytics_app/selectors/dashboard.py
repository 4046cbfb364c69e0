"""The staff dashboard and the system metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from analytics_app.domain.buckets import RollupCoverage, previous_range
from analytics_app.domain.rollups import Measures, change, merge_all, milliseconds
from analytics_app.selectors.figures import Figures, coverage_read, figures, total
from analytics_app.selectors.presence import Active, active
from analytics_app.selectors.statements import FigureQuery
from jobs_app.services.health import measured_load, queue_depths

TOP_TOOLS = 10
HOURLY_SERIES_UP_TO = timedelta(days=2)
REQUEST = ("request",)


@dataclass(frozen=True, slots=True)
class RangeFigures:
    """All that happened in a range, each kind of fact read once and as finely as any part of an answer needs it.

    ``interactions`` and ``requests`` are by step, ``tools`` by tool, ``tokens`` by model, phase and step; requests and
    tools have histograms.
    """

    present: Active
    interactions: Figures
    tools: Figures
    tokens: Figures
    requests: Figures


def range_read(start: datetime, end: datetime, coverage: Mapping[str, RollupCoverage], step: str) -> RangeFigures:
    """Read ``[start, end)`` by steps of ``five_minutes``, ``hour`` or ``day``."""
    return RangeFigures(
        active(start, end, coverage),
        figures(FigureQuery("interaction", start, end, by=(step,)), coverage),
        figures(FigureQuery("tool_invocation", start, end, by=("key1",), histogram=True), coverage),
        figures(FigureQuery("token_usage", start, end, by=("key1", "key2", step)), coverage),
        figures(_requests(start, end, by=(step,)), coverage),
    )


def _requests(start: datetime, end: datetime, by: tuple[str, ...] = ()) -> FigureQuery:
    return FigureQuery("performance", start, end, by=by, key1=REQUEST, by_category=True, histogram=True)


def compared(
    found: RangeFigures, start: datetime, end: datetime, coverage: Mapping[str, RollupCoverage]
) -> dict[str, Any]:
    """The headline figures of ``[start, end)``, those of the range before as ``previous``, and the ``change``."""
    current = _headline(
        found.present,
        *(merge_all(kind.values()) for kind in (found.interactions, found.tools, found.tokens, found.requests)),
    )
    before, _ = previous_range(start, end)
    previous = _headline(
        active(before, start, coverage),
        total(FigureQuery("interaction", before, start), coverage),
        total(FigureQuery("tool_invocation", before, start), coverage),
        total(FigureQuery("token_usage", before, start), coverage),
        total(_requests(before, start), coverage),
    )
    return {
        **current,
        "previous": {"from": before, "to": start, **previous},
        "change": {name: change(value, previous[name]) for name, value in current.items()},
    }


def _headline(
    present: Active, interactions: Measures, tools: Measures, tokens: Measures, requests: Measures
) -> dict[str, Any]:
    """Flat figures; times in seconds, rates from 0 to 1, ``None`` where there is nothing to divide."""
    p50, p95, p99 = requests.quantiles_us(0.5, 0.95, 0.99)
    cost = tokens.known_cost_usd
    return {
        "sessions": present.sessions,
        "users": present.users,
        "interactions": interactions.count,
        "quiz_answers": interactions.judged,
        "correct_answers": interactions.ok,
        "accuracy": rate(interactions.success_rate),
        "tool_invocations": tools.count,
        "success_rate": rate(tools.success_rate),
        "requests": requests.count,
        "error_rate": rate(requests.error_rate),
        "prompt_tokens": tokens.prompt_tokens,
        "completion_tokens": tokens.completion_tokens,
        "total_tokens": tokens.tokens,
        "cost_usd": None if cost is None else float(cost),
        "unpriced_calls": tokens.unpriced,
        "average_response_time": seconds(requests.mean_us),
        "p50_response_time": seconds(p50),
        "p95_response_time": seconds(p95),
        "p99_response_time": seconds(p99),
    }


def seconds(microseconds: float | None) -> float | None:
    """Microseconds as seconds with six decimals."""
    return None if microseconds is None else round(microseconds / 1_000_000, 6)


def rate(value: float | None) -> float | None:
    """A share with four decimals."""
    return None if value is None else round(value, 4)


def dashboard(start: datetime, end: datetime) -> dict[str, Any]:
    """The figures of ``[start, end)``, those of the range before, the change, top tools, models and a series."""
    coverage = coverage_read()
    step = "hour" if end - start <= HOURLY_SERIES_UP_TO else "day"
    found = range_read(start, end, coverage, step)
    found = replace(found, tokens=merged_by(found.tokens, 0, 2))  # nothing here is by phase
    return {
        "from": start,
        "to": end,
        **compared(found, start, end, coverage),
        "top_tools": _top_tools(found.tools),
        "tokens_by_model": tokens_by_model(found.tokens),
        "series": _series(step, found, merged_by(found.tokens, 1)),
    }


def _top_tools(tools: Figures) -> list[dict[str, Any]]:
    top = sorted(tools.items(), key=lambda item: (-item[1].count, item[0]))[:TOP_TOOLS]
    return [{"tool_name": name, **tool_figures(measures)} for (name,), measures in top]


def tool_figures(measures: Measures) -> dict[str, Any]:
    """Counts, rates and latencies (milliseconds) of tool invocations."""
    p50, p95, p99 = measures.quantiles_us(0.5, 0.95, 0.99)
    return {
        "count": measures.count,
        "success_count": measures.ok,
        "error_count": measures.judged - measures.ok,
        "success_rate": rate(measures.success_rate),
        "average_latency_ms": milliseconds(measures.mean_us),
        "min_latency_ms": milliseconds(measures.low_us),
        "max_latency_ms": milliseconds(measures.high_us),
        "p50_latency_ms": milliseconds(p50),
        "p95_latency_ms": milliseconds(p95),
        "p99_latency_ms": milliseconds(p99),
    }


def token_figures(measures: Measures) -> dict[str, Any]:
    """Tokens and cost of model calls; ``cost_usd`` is ``None`` and ``price_known`` false when prices are missing."""
    cost = measures.known_cost_usd
    return {
        "calls": measures.count,
        "prompt_tokens": measures.prompt_tokens,
        "completion_tokens": measures.completion_tokens,
        "total_tokens": measures.tokens,
        "cost_usd": None if cost is None else float(cost),
        "price_known": measures.unpriced == 0,
        "unpriced_calls": measures.unpriced,
        "estimated_calls": measures.estimated,
    }


def merged_by(found: Figures, *places: int) -> Figures:
    """``found`` with only these places of its keys, what falls together merged."""
    together: dict[tuple[Any, ...], list[Measures]] = defaultdict(list)
    for key, measures in found.items():
        together[tuple(key[place] for place in places)].append(measures)
    return {key: merge_all(parts) for key, parts in together.items()}


def tokens_by_model(tokens: Figures) -> list[dict[str, Any]]:
    """Figures per model from figures whose first key it is, most tokens first."""
    ordered = sorted(merged_by(tokens, 0).items(), key=lambda item: (-item[1].tokens, item[0]))
    return [{"model": model, **token_figures(measures)} for (model,), measures in ordered]


def _series(step: str, found: RangeFigures, used: Figures) -> list[dict[str, Any]]:
    nothing = Measures()
    series = []
    for key in sorted({*used, *found.interactions, *found.requests}):
        done, served = found.interactions.get(key, nothing), found.requests.get(key, nothing)
        series.append(
            {
                "start": key[0],
                "step": step,
                "interactions": done.count,
                "answers": done.judged,
                "correct_answers": done.ok,
                "total_tokens": used.get(key, nothing).tokens,
                "requests": served.count,
                "failed_requests": served.judged - served.ok,
                "average_response_time": seconds(served.mean_us),
            }
        )
    return series


def system_metrics(start: datetime, end: datetime) -> dict[str, Any]:
    """Row F6; times in seconds, ``system_load`` a measured share from 0 to 1 of this machine right now."""
    coverage = coverage_read()
    present = active(start, end, coverage)
    tokens = total(FigureQuery("token_usage", start, end), coverage)
    requests = total(_requests(start, end), coverage)
    (p95,) = requests.quantiles_us(0.95)
    load = measured_load(queue_depths())
    return {
        "from": start,
        "to": end,
        "active_users": present.users,
        "active_sessions": present.sessions,
        "total_tokens_used": tokens.tokens,
        "average_response_time": seconds(requests.mean_us),
        "p95_response_time": seconds(p95),
        "requests": requests.count,
        "error_rate": rate(requests.error_rate),
        "system_load": load["load"],
        "load": load,
    }

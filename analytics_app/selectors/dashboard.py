"""The staff dashboard (row F7) and the system metrics (row F6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from analytics_app.domain.buckets import Coverage, previous_range
from analytics_app.domain.histogram import Histogram
from analytics_app.domain.rollups import Measures, change, merge_all, milliseconds
from analytics_app.selectors.figures import FigureQuery, coverage_read, figures, histograms, total
from analytics_app.selectors.presence import Active, active
from jobs_app.services.health import measured_load, queue_depths

TOP_TOOLS = 10
HOURLY_SERIES_UP_TO = timedelta(days=2)
REQUEST = ("request",)

Figures = dict[tuple[Any, ...], Measures]


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures of one range that are compared with the range before."""

    present: Active
    interactions: Measures
    tools: Measures
    tokens: Measures
    requests: Measures

    def figures(self) -> dict[str, Any]:
        """Flat figures; times in seconds, rates from 0 to 1, ``None`` where there is nothing to divide."""
        mean, (p50, p95, p99) = self.requests.mean_us, self.requests.quantiles_us(0.5, 0.95, 0.99)
        cost = self.tokens.known_cost_usd
        return {
            "sessions": self.present.sessions,
            "users": self.present.users,
            "interactions": self.interactions.count,
            "quiz_answers": self.interactions.judged,
            "correct_answers": self.interactions.ok,
            "accuracy": rate(self.interactions.success_rate),
            "tool_invocations": self.tools.count,
            "success_rate": rate(self.tools.success_rate),
            "requests": self.requests.count,
            "error_rate": rate(self.requests.error_rate),
            "prompt_tokens": self.tokens.prompt_tokens,
            "completion_tokens": self.tokens.completion_tokens,
            "total_tokens": self.tokens.tokens,
            "cost_usd": None if cost is None else float(cost),
            "unpriced_calls": self.tokens.unpriced,
            "average_response_time": seconds(mean),
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


def dashboard(start: datetime, end: datetime, coverage: Mapping[str, Coverage] | None = None) -> dict[str, Any]:
    """The figures of ``[start, end)``, those of the range before, the change, top tools, models and a series.

    Each kind of fact is read once, as finely as any part of the answer needs it, and summed up here.
    """
    coverage = coverage_read() if coverage is None else coverage
    before, _ = previous_range(start, end)
    step = "hour" if end - start <= HOURLY_SERIES_UP_TO else "day"
    interactions = figures(FigureQuery("interaction", start, end, by=(step,)), coverage)
    tools = figures(FigureQuery("tool_invocation", start, end, by=("key1",)), coverage)
    tokens = figures(FigureQuery("token_usage", start, end, by=("key1", step)), coverage)
    requests = figures(_requests(start, end, by=(step,)), coverage)
    current = Headline(
        active(start, end, coverage),
        merge_all(interactions.values()),
        merge_all(tools.values()),
        merge_all(tokens.values()),
        _timed(merge_all(requests.values()), start, end, coverage),
    ).figures()
    previous = _headline(before, start, coverage).figures()
    return {
        "from": start,
        "to": end,
        **current,
        "previous": {"from": before, "to": start, **previous},
        "change": {name: change(value, previous[name]) for name, value in current.items()},
        "top_tools": _top_tools(tools, start, end, coverage),
        "tokens_by_model": _by_model(tokens),
        "series": _series(step, interactions, tokens, requests),
    }


def _requests(start: datetime, end: datetime, by: tuple[str, ...] = ()) -> FigureQuery:
    return FigureQuery("performance", start, end, by=by, key1=REQUEST, by_category=True)


def _timed(measures: Measures, start: datetime, end: datetime, coverage: Mapping[str, Coverage]) -> Measures:
    """``measures`` of all requests, with their histogram."""
    found = histograms(_requests(start, end), coverage).get(())
    return measures if found is None else replace(measures, histogram=found)


def _headline(start: datetime, end: datetime, coverage: Mapping[str, Coverage]) -> Headline:
    return Headline(
        active(start, end, coverage),
        total(FigureQuery("interaction", start, end), coverage),
        total(FigureQuery("tool_invocation", start, end), coverage),
        total(FigureQuery("token_usage", start, end), coverage),
        _timed(total(_requests(start, end), coverage), start, end, coverage),
    )


def _top_tools(
    tools: Figures, start: datetime, end: datetime, coverage: Mapping[str, Coverage]
) -> list[dict[str, Any]]:
    top = sorted(tools.items(), key=lambda item: (-item[1].count, item[0]))[:TOP_TOOLS]
    names = tuple(name for (name,), _ in top)
    if not names:
        return []
    found = histograms(FigureQuery("tool_invocation", start, end, by=("key1",), key1=names), coverage)
    nothing = Histogram()
    return [
        {"tool_name": name, **tool_figures(replace(measures, histogram=found.get((name,), nothing)))}
        for (name,), measures in top
    ]


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


def _by_model(tokens: Figures) -> list[dict[str, Any]]:
    models: dict[str, Measures] = {}
    for (model, _), measures in tokens.items():
        models[model] = models[model].merge(measures) if model in models else measures
    ordered = sorted(models.items(), key=lambda item: (-item[1].tokens, item[0]))
    return [{"model": model, **token_figures(measures)} for model, measures in ordered]


def _series(step: str, interactions: Figures, tokens: Figures, requests: Figures) -> list[dict[str, Any]]:
    used: dict[datetime, int] = defaultdict(int)
    for (_, moment), measures in tokens.items():
        used[moment] += measures.tokens
    nothing = Measures()
    series = []
    for moment in sorted({*used, *(key[0] for key in (*interactions, *requests))}):
        done, served = interactions.get((moment,), nothing), requests.get((moment,), nothing)
        series.append(
            {
                "start": moment,
                "step": step,
                "interactions": done.count,
                "answers": done.judged,
                "correct_answers": done.ok,
                "total_tokens": used.get(moment, 0),
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
    requests = _timed(total(_requests(start, end), coverage), start, end, coverage)
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

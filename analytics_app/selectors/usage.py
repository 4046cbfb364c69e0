"""Tools, tokens, spending and performance over a range, of everybody or of one user."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from analytics_app.domain.errors import UnknownGrouping
from analytics_app.domain.rollups import Measures, merge_all
from analytics_app.selectors.dashboard import rate, seconds, token_figures, tool_figures
from analytics_app.selectors.figures import figures
from analytics_app.selectors.statements import FigureQuery

TOKEN_GROUPS = {"model": "key1", "phase": "key2", "day": "day"}
SPEND_GROUPS = {**TOKEN_GROUPS, "user": "user_id"}


def tool_usage(start: datetime, end: datetime, *, user_id: UUID | None, interval: str | None) -> dict[str, Any]:
    """Figures per tool, most used first; with ``interval`` (hour or day) also per tool and interval."""
    query = FigureQuery("tool_invocation", start, end, by=("key1",), user_id=user_id, histogram=True)
    found = figures(query)
    ordered = sorted(found.items(), key=lambda item: (-item[1].count, item[0]))
    answer: dict[str, Any] = {
        "from": start,
        "to": end,
        "total": tool_figures(merge_all(found.values())),
        "tools": [{"tool_name": name, **tool_figures(measures)} for (name,), measures in ordered],
    }
    if interval:
        steps = FigureQuery("tool_invocation", start, end, by=("key1", interval), user_id=user_id, histogram=True)
        answer["series"] = [
            {"tool_name": name, "start": moment, "step": interval, **tool_figures(measures)}
            for (name, moment), measures in sorted(figures(steps).items(), key=lambda item: (item[0][1], item[0][0]))
        ]
    return answer


def token_usage(start: datetime, end: datetime, *, group_by: str, user_id: UUID | None) -> dict[str, Any]:
    """Tokens by model, phase or day; raises ``UnknownGrouping``."""
    return _grouped_tokens(start, end, group_by, TOKEN_GROUPS, user_id)


def spend_report(start: datetime, end: datetime, *, group_by: str, user_id: UUID | None) -> dict[str, Any]:
    """Cost by user, model, phase or day; unknown prices are null and flagged. Raises ``UnknownGrouping``."""
    answer = _grouped_tokens(start, end, group_by, SPEND_GROUPS, user_id)
    models = figures(FigureQuery("token_usage", start, end, by=("key1",), user_id=user_id))
    answer["currency"] = "USD"
    answer["unpriced_models"] = sorted(model for (model,), measures in models.items() if measures.unpriced)
    return answer


def _grouped_tokens(
    start: datetime, end: datetime, group_by: str, known: dict[str, str], user_id: UUID | None
) -> dict[str, Any]:
    if group_by not in known:
        raise UnknownGrouping(known=", ".join(known), attr="group_by")
    found = figures(FigureQuery("token_usage", start, end, by=(known[group_by],), user_id=user_id))
    in_time = group_by == "day"
    ordered = sorted(found.items(), key=lambda item: item[0] if in_time else (-item[1].tokens, str(item[0])))
    return {
        "from": start,
        "to": end,
        "group_by": group_by,
        "total": token_figures(merge_all(found.values())),
        "groups": [{"key": _key(key), **token_figures(measures)} for (key,), measures in ordered],
    }


def _key(value: Any) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def performance(start: datetime, end: datetime, *, operation: str | None, user_id: UUID | None) -> dict[str, Any]:
    """Row E4: figures of one operation, or of each; times in seconds."""
    names = (operation,) if operation else None
    query = FigureQuery("performance", start, end, by=("key1",), user_id=user_id, key1=names, histogram=True)
    found = figures(query)
    ordered = sorted(found.items(), key=lambda item: (-item[1].count, item[0]))
    return {
        "from": start,
        "to": end,
        "unit": "seconds",
        "operation": operation,
        **performance_figures(merge_all(found.values())),
        "operations": [{"operation": name, **performance_figures(measures)} for (name,), measures in ordered],
    }


def performance_figures(measures: Measures) -> dict[str, Any]:
    """Count, times in seconds, success rate."""
    p50, p95, p99 = measures.quantiles_us(0.5, 0.95, 0.99)
    return {
        "count": measures.count,
        "mean": seconds(measures.mean_us),
        "min": seconds(measures.low_us),
        "max": seconds(measures.high_us),
        "p50": seconds(p50),
        "p95": seconds(p95),
        "p99": seconds(p99),
        "success_rate": rate(measures.success_rate),
    }

"""The console's dashboard: figures of a span as cards, charts and tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from analytics_app.domain.rollups import Measures
from analytics_app.selectors.console import SPANS, TimeSpan, console_figures, span_between, span_of
from sessions_app.selectors.cohort import learners_struggling
from sessions_app.selectors.console import reviews_by_day
from tutor_project.common.readable import name_words, number_words
from tutor_project.common.roles import only_teaches

PALETTE = {
    "primary": "var(--color-primary-600)",
    "soft": "var(--color-primary-300)",
    "good": "#10b981",
    "bad": "#ef4444",
    "warm": "#f59e0b",
    "plain": "#94a3b8",
}
TABLE_ROWS = 8
ENDED = ("completed", "failed", "cancelled")
FINEST = timedelta(minutes=5)
DAY = timedelta(days=1)
WORKLOAD_DAYS = 14
OF_LEARNING = ("Active learners", "Active sessions", "Engagement", "Mastery", "Learning", "Workload")
"""The cards and charts of somebody who teaches; the others say how the service runs and what it costs."""
SHADES = 4
"""Of the calendar's squares, besides that of a day on which nothing happened."""


def dashboard_callback(request: Any, context: dict[str, Any]) -> dict[str, Any]:
    """Add the dashboard to the context of the console's first page."""
    if not request.user.has_perm("analytics_app.view_sessionanalytics"):
        return {**context, "dashboard": None}
    span = _span_asked(request.GET)
    found = console_figures(span)
    teaches = only_teaches(request.user) and "all" not in request.GET

    def wanted(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in shown if not teaches or one["title"] in OF_LEARNING]

    return {
        **context,
        "title": "Dashboard",
        "dashboard": {
            "span": span,
            "spans": [(name, span_of(name).title, name == span.name) for name in SPANS],
            "cards": wanted(cards(found)),
            "zoom": {"start": _minute(span.start), "end": _minute(span.end), "out": _wider(span)},
            "charts": wanted([*charts(found, span), workload_chart()]),
            "struggling": struggling_rows() if teaches else None,
            "calendar": calendar(found["activity"]),
            "models": [model_row(row) for row in found["models"][:TABLE_ROWS]],
            "purposes": [purpose_row(*row) for row in found["spend"][:TABLE_ROWS]],
            "spenders": [spender_row(*row) for row in found["spenders"]],
            "jobs": job_rows(found["jobs"]),
            "alerts": found["alerts"],
            "link": {
                "alerts": reverse("admin:platform_alert_changelist"),
                "settings": reverse("admin:constance_config_changelist"),
                "jobs": reverse("admin:jobs_app_job_changelist"),
                "documents": reverse("admin:documents_app_document_changelist"),
                "spend": reverse("admin:analytics_app_spendreservation_changelist"),
            },
        },
    }


def struggling_rows() -> list[dict[str, Any]]:
    """Return who knows least, and what they are shaky in."""
    return [
        {
            "name": row["learner"],
            "link": reverse("admin:learner", args=[row["user_id"]]),
            "weakest": "; ".join(row["weakest"]),
            "share": percent(row["mean_probability"]),
        }
        for row in learners_struggling(folder_id=None, limit=TABLE_ROWS)
    ]


def _span_asked(asked: Any) -> TimeSpan:
    """Return the span that the address names: two moments, or a name; the last day for what cannot be read."""
    try:
        start, end = (datetime.fromisoformat(asked[name]).replace(tzinfo=UTC) for name in ("from", "to"))
        return span_between(start, end)
    except (KeyError, ValueError, OverflowError):
        return span_of(asked.get("range", "day"))


def _minute(moment: datetime) -> str:
    """Write a moment as the fields of the form do, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _between(start: datetime, end: datetime) -> str:
    return f"?{urlencode({'from': _minute(start), 'to': _minute(end)})}"


def _wider(span: TimeSpan) -> str:
    """Return the address of a range of three times the length around this one."""
    length = span.end - span.start
    return _between(span.start - length, span.end + length)


def cards(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the headline figures with their change against the span before, ``good`` telling which way is better."""
    now, change = found["headline"], found["headline"]["change"]
    mastery, engagement = found["mastery"], found["engagement"]
    failed = sum(states.get("failed", 0) for states in found["jobs"].values())
    ended = sum(states.get(status, 0) for states in found["jobs"].values() for status in ENDED)
    active = sum(sum(states.values()) for states in found["jobs"].values()) - ended
    return [
        _card("groups", "Active learners", whole(now["users"]), change["users"]),
        _card("school", "Active sessions", whole(now["sessions"]), change["sessions"]),
        _card(
            "local_fire_department", "Engagement", decimal(engagement["mean"]),
            note=f"mean of {whole(engagement['sessions'])} sessions, of 100",
        ),
        _card("psychology", "Mastery", percent(mastery.mean), note=f"{whole(mastery.mastered)} concepts newly mastered"),
        _card(
            "speed", "Response time p95", time_text(now["p95_response_time"]), change["p95_response_time"], good=-1,
            note=f"p50 {time_text(now['p50_response_time'])}",
        ),
        _card(
            "error", "Error rate", percent(now["error_rate"], digits=2), change["error_rate"], good=-1,
            note=f"of {whole(now['requests'])} requests",
        ),
        _card(
            "payments", "Model spend", money(now["cost_usd"]), change["cost_usd"], good=-1,
            note=f"{whole(now['total_tokens'])} tokens"
            + (f", {whole(now['unpriced_calls'])} calls without a price" if now["unpriced_calls"] else ""),
        ),
        _card(
            "deployed_code", "Jobs ended", whole(ended),
            note=f"{whole(failed)} failed, {whole(active)} waiting or running",
        ),
        _card("database", "Embedding queue", whole(found["pending_embeddings"]), note="documents waiting"),
        _card(
            "notifications", "Open alerts", whole(len(found["alerts"])),
            note="all quiet" if not found["alerts"] else "someone should look",
        ),
    ]  # fmt: skip


def _card(
    icon: str, title: str, value: str, change: float | None = None, good: int = 1, note: str = ""
) -> dict[str, Any]:
    tone = "" if not change else "good" if change * good > 0 else "bad"
    text = "" if change is None else f"{change:+.0%}"
    return {"icon": icon, "title": title, "value": value, "change": text, "tone": tone, "note": note}


def charts(found: dict[str, Any], span: TimeSpan) -> list[dict[str, Any]]:
    """Return the charts: title, kind, and data and options as JSON for Chart.js; those over time can be zoomed into."""
    labels = [_label(moment, span) for moment in span.moments]
    closer = _closer(span)
    requests, tokens, done = found["requests"], found["tokens"], found["interactions"]
    by_status = {status: sum(states.get(status, 0) for states in found["jobs"].values()) for status in ENDED}
    return [
        _chart(
            "Response time", "milliseconds", "line", labels,
            ("p95", _times(requests, 0.95), "warm"), ("p50", _times(requests, 0.5), "primary"), span=span, closer=closer,
        ),
        _chart(
            "Requests", "failed ones in red", "bar", labels,
            ("failed", [m.judged - m.ok for m in requests], "bad"),
            ("answered", [m.count - (m.judged - m.ok) for m in requests], "primary"), stacked=True,
            span=span, closer=closer,
        ),
        _chart(
            "Learning", "interactions and graded answers", "bar", labels,
            ("right answers", [m.ok for m in done], "good"),
            ("wrong answers", [m.judged - m.ok for m in done], "bad"),
            ("interactions", [m.count for m in done], "soft"), span=span, closer=closer,
        ),
        _chart(
            "Tokens", "prompt and completion", "bar", labels,
            ("prompt", [m.prompt_tokens for m in tokens], "primary"),
            ("completion", [m.completion_tokens for m in tokens], "soft"), stacked=True, span=span, closer=closer,
        ),
        _chart(
            "Spend", "US dollars", "bar", labels, ("US dollars", [float(m.cost_usd) for m in tokens], "warm"),
            links=_calls_of(span), span=span, closer=closer,
        ),
        _chart(
            "Job outcomes", "jobs that ended", "bar", list(by_status),
            ("jobs", list(by_status.values()), ["good", "bad", "plain"]),
        ),
    ]  # fmt: skip


def workload_chart() -> dict[str, Any]:
    """Return the chart of the reviews that fall due in the next days; what is overdue waits today."""
    days = reviews_by_day(first=timezone.now().astimezone(UTC).date(), days=WORKLOAD_DAYS)
    labels, counts = [f"{day:%d %b}" for day, _ in days], [count for _, count in days]
    return _chart("Workload", "reviews that fall due, of all learners", "bar", labels, ("reviews", counts, "primary"))


def calendar(found: Sequence[tuple[date, int]]) -> dict[str, Any]:
    """Return the days of the last weeks, each with its interactions, its shade from 0 to 4 and the way into it."""
    most = max(count for _, count in found)
    days = [
        {"day": day, "count": whole(count), "shade": -(-SHADES * count // most) if most else 0, "link": _day(day)}
        for day, count in found
    ]
    return {"days": days, "busy": [day for day in days[::-1] if day["shade"]]}


def _day(day: date) -> str:
    start = datetime.combine(day, time(), tzinfo=UTC)
    return _between(start, start + DAY)


def _chart(
    title: str,
    note: str,
    kind: str,
    labels: list[str],
    *sets: tuple[str, Sequence[Any], str | list[str]],
    stacked: bool = False,
    links: Sequence[str] = (),
    span: TimeSpan | None = None,
    closer: Sequence[str] = (),
) -> dict[str, Any]:
    datasets = []
    for label, data, names in sets:
        colour = PALETTE[names] if isinstance(names, str) else [PALETTE[name] for name in names]
        datasets.append({"label": label, "data": list(data), "borderColor": colour, "backgroundColor": colour})
    options = {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "datasets": {
            "bar": {"maxBarThickness": 26, "borderRadius": 3},
            "line": {"borderWidth": 2, "pointRadius": 2, "tension": 0.25, "spanGaps": False},
        },
        "plugins": {
            "legend": {
                "display": len(sets) > 1, "align": "end",
                "labels": {"boxHeight": 6, "boxWidth": 6, "usePointStyle": True, "color": "#9ca3af"},
            }
        },
        "scales": {
            "x": {"stacked": stacked, "grid": {"display": False}, "ticks": {"color": "#9ca3af", "maxTicksLimit": 9}},
            "y": {
                "stacked": stacked, "beginAtZero": True, "border": {"display": False},
                "ticks": {"color": "#9ca3af", "maxTicksLimit": 5}, "grid": {"lineWidth": 0.5},
            },
        },
    }  # fmt: skip
    empty = not any(value for _, data, _ in sets for value in data)
    data = json.dumps({"labels": labels, "datasets": datasets})
    return {
        "title": title, "note": note, "kind": kind, "data": data, "options": json.dumps(options), "empty": empty,
        "heads": [label for label, _, _ in sets], "zooms": bool(closer),
        "rows": _rows(labels, [values for _, values, _ in sets], links, closer),
        "moments": json.dumps([_minute(moment) for moment in _edges(span)]) if span else "",
    }  # fmt: skip


def _rows(
    labels: Sequence[str], columns: Sequence[Sequence[Any]], links: Sequence[str], closer: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the chart as a table: the moments at which something happened, each with the ways to what lies behind it."""
    rows = [
        {
            "label": label,
            "values": [number_words(value) for value in values],
            "link": links[place] if links else "",
            "closer": closer[place] if closer else "",
        }
        for place, (label, *values) in enumerate(zip(labels, *columns, strict=True))
        if any(values)
    ]
    return rows[::-1]


def _calls_of(span: TimeSpan) -> list[str]:
    """Return for each moment of the span the address of the calls that were begun in it."""
    ledger = reverse("admin:analytics_app_spendreservation_changelist")
    return [
        f"{ledger}?{urlencode({'created_at__gte': start.isoformat(), 'created_at__lt': end.isoformat()})}"
        for start, end in pairwise(_edges(span))
    ]


def _closer(span: TimeSpan) -> list[str]:
    """Return for each moment of the span the address that shows it by finer steps; none where there are no finer ones."""
    return [_between(start, end) for start, end in pairwise(_edges(span))] if span.step > FINEST else []


def _edges(span: TimeSpan) -> list[datetime]:
    """Return the starts of the steps of a span, and the end of the last one."""
    return [*span.moments, span.moments[-1] + span.step] if span.moments else []


def _label(moment: datetime, span: TimeSpan) -> str:
    if span.step >= DAY:
        return f"{moment:%d %b}"
    return f"{moment:%H:%M}" if len(span.moments) * span.step <= DAY + timedelta(hours=1) else f"{moment:%a %H:%M}"


def _times(measures: Sequence[Measures], fraction: float) -> list[float | None]:
    found = [m.quantiles_us(fraction)[0] for m in measures]
    return [None if value is None else round(value / 1000, 1) for value in found]


def model_row(row: dict[str, Any]) -> list[str]:
    """Return a line of the table of models."""
    return [row["model"], whole(row["calls"]), whole(row["total_tokens"]), money(row["cost_usd"])]


def purpose_row(model: str, purpose: str, used: Measures) -> list[str]:
    """Return a line of the table of purposes."""
    return [purpose or "–", model, whole(used.count), money(used.known_cost_usd)]


def spender_row(user_id: Any, name: str, used: Measures) -> dict[str, str]:
    """Return a line of the table of those who spent most."""
    link = reverse("admin:analytics_app_spendreservation_changelist") + f"?user__id__exact={user_id}"
    return {"name": name, "link": link, "tokens": whole(used.tokens), "cost": money(used.known_cost_usd)}


def job_rows(outcomes: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Return a line for each job type, those with failures first."""
    rows: list[dict[str, Any]] = [
        {"job_type": name, "words": name_words(name), **states}
        for name, states in outcomes.items()
        if any(states.get(status) for status in ENDED)
    ]
    return sorted(rows, key=lambda row: (-row.get("failed", 0), -row.get("completed", 0)))[:TABLE_ROWS]


def whole(value: float | None) -> str:
    """A count with thin groups of three."""
    return "–" if value is None else f"{value:,.0f}".replace(",", "\u202f")


def decimal(value: float | None) -> str:
    """A figure with one decimal."""
    return "–" if value is None else f"{value:.1f}"


def percent(value: float | None, digits: int = 0) -> str:
    """A share as per cent."""
    return "–" if value is None else f"{value * 100:.{digits}f}\u202f%"


def money(value: Any) -> str:
    """US dollars; small sums keep four decimals, an unknown cost is a dash."""
    if value is None:
        return "–"
    return f"${float(value):,.2f}" if float(value) >= 1 or not value else f"${float(value):.4f}"


def time_text(value: float | None) -> str:
    """A time of ``value`` seconds, in milliseconds below one second."""
    if value is None:
        return "–"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"

"""Figures of requests and models for ``/metrics``, from the facts of the last minutes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from prometheus_client.core import GaugeMetricFamily

from tutor_project.common.metrics import gauge, register_figures

QUANTILES = (0.5, 0.95, 0.99)

_REQUESTS = """
SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok),
       percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY duration_us)
FROM analytics_fact_performance
WHERE category = 'request' AND occurred_at >= now() - interval '5 minutes' AND occurred_at <= now()
"""
_MODELS = """
SELECT model, coalesce(ok, true), count(*), sum(prompt_tokens), sum(completion_tokens), coalesce(sum(cost_usd), 0)
FROM analytics_fact_token_usage
WHERE NOT reported AND occurred_at >= now() - interval '1 hour' AND occurred_at <= now()
GROUP BY 1, 2
"""


def _requests() -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(_REQUESTS, [list(QUANTILES)])
        good, bad, latencies = cursor.fetchone()
    served = gauge("tutor_requests_last_5_minutes", "Requests answered, by outcome.", ("outcome",))
    served.add_metric(["ok"], good)
    served.add_metric(["error"], bad)
    yield served
    seconds = gauge("tutor_request_seconds", "Quantiles of the latency in the last 5 minutes.", ("quantile",))
    for quantile, microseconds in zip(QUANTILES, latencies or (), strict=False):
        seconds.add_metric([str(quantile)], microseconds / 1e6)
    yield seconds


def _models() -> Iterator[GaugeMetricFamily]:
    calls = gauge("tutor_model_calls_last_hour", "Model calls, by outcome.", ("model", "outcome"))
    tokens = gauge("tutor_model_tokens_last_hour", "Tokens of model calls.", ("model", "kind"))
    cost = gauge("tutor_model_cost_usd_last_hour", "Cost of priced model calls in US dollars.", ("model",))
    with connection.cursor() as cursor:
        cursor.execute(_MODELS)
        rows = cursor.fetchall()
    totals: dict[str, list[float]] = {}
    for model, ok, number, prompt, completion, dollars in rows:
        calls.add_metric([model, "ok" if ok else "error"], number)
        sums = totals.setdefault(model, [0.0, 0.0, 0.0])
        totals[model] = [sums[0] + float(prompt), sums[1] + float(completion), sums[2] + float(dollars)]
    for model, (prompt, completion, dollars) in totals.items():
        tokens.add_metric([model, "prompt"], prompt)
        tokens.add_metric([model, "completion"], completion)
        cost.add_metric([model], dollars)
    yield from (calls, tokens, cost)


register_figures("requests", _requests)
register_figures("models", _models)

"""The port for figures of ``/metrics``: apps above contribute without being imported.

An app declares its figures in ``metrics.py``, discovered at start-up. Figures come from the database when they are
asked for, and the text is shared for a few seconds over Redis, so that several web processes agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import structlog
from django.db import DatabaseError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tutor_project.common import cache

log = structlog.get_logger(__name__)

CACHE_KEY = "metrics"
CACHED_SECONDS = 5
Figures = Callable[[], Iterable[GaugeMetricFamily]]

_sources: dict[str, Figures] = {}


def register_figures(name: str, figures: Figures) -> None:
    """Add a source of figures; the name identifies it in logs and in ``tutor_metrics_source_up``."""
    _sources[name] = figures


def gauge(name: str, help_text: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    """Return an empty gauge to add samples to."""
    return GaugeMetricFamily(name, help_text, labels=labels)


def metrics_text() -> str:
    """Return all figures in Prometheus' text format, at most five seconds old."""
    kept: str | None = cache.get(CACHE_KEY)
    if kept is None:
        kept = _collected()
        cache.put(CACHE_KEY, kept, ttl_seconds=CACHED_SECONDS)
    return kept


def _collected() -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sources())
    return generate_latest(registry).decode()


class _Sources(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = gauge("tutor_metrics_source_up", "1 when the source of figures could be read.", ("source",))
        for name, figures in sorted(_sources.items()):
            try:
                found = list(figures())
            except DatabaseError as error:
                log.warning("metrics_source_failed", source=name, error=type(error).__name__)
                up.add_metric([name], 0)
                continue
            up.add_metric([name], 1)
            yield from found
        yield up

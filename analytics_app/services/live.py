"""The live view's one snapshot: refreshed by whichever viewer finds it old, read by all others from Redis.

However many viewers there are, the figures are computed once per period.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder

from analytics_app.selectors.dashboard import system_metrics
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)

PERIOD_SECONDS = 3.0
SPAN = timedelta(hours=1)
KEY = "analytics:live"
LOCK = "analytics:live:refreshing"
LOCK_SECONDS = 10
KEPT_SECONDS = 60


def live_snapshot() -> tuple[str, dict[str, Any]]:
    """``(version, system metrics of the last hour)``, at most about ``PERIOD_SECONDS`` old.

    Raises ``redis.RedisError`` without Redis and ``django.db.DatabaseError`` when there is nothing to show yet and the
    database does not answer.
    """
    stored = _stored()
    if stored is not None and time.time() - float(stored[0]) < PERIOD_SECONDS:
        return stored
    if client().set(LOCK, "1", nx=True, ex=LOCK_SECONDS):
        try:
            return _refresh()
        finally:
            client().delete(LOCK)
    return stored if stored is not None else _refresh()


def _stored() -> tuple[str, dict[str, Any]] | None:
    data = client().get(KEY)
    if data is None:
        return None
    version, figures = json.loads(data)
    return str(version), figures


def _refresh() -> tuple[str, dict[str, Any]]:
    now = datetime.now(UTC)
    figures = json.loads(json.dumps(system_metrics(now - SPAN, now), cls=DjangoJSONEncoder))
    version = f"{now.timestamp():.3f}"
    client().set(KEY, json.dumps([version, figures]), ex=KEPT_SECONDS)
    return version, figures

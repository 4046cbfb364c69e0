"""Live progress over Redis; the row stays the truth, so a lost message costs nothing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import redis
import structlog

from tutor_project.common.redis import client

log = structlog.get_logger(__name__)


def channel(job_id: UUID | str) -> str:
    """Return the name of a job's pub/sub channel."""
    return f"jobs:{job_id}"


def publish_progress(job_id: UUID | str, **fields: Any) -> None:
    """Tell listeners that the job changed; never raises for a missing Redis."""
    try:
        client().publish(channel(job_id), json.dumps(fields))
    except redis.RedisError as error:
        log.debug("progress_not_published", job_id=str(job_id), error=type(error).__name__)

"""Signs of life: the rows by which health knows workers and beat."""

from __future__ import annotations

import os
import socket
import threading
from datetime import datetime

import structlog
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.utils import timezone

from jobs_app.models import ProcessHeartbeat
from jobs_app.registry import kind_names

log = structlog.get_logger(__name__)

PROCESS_HEARTBEAT_SECONDS = 10.0


def process_name(role: str) -> str:
    """Return the name under which this process reports: role, host and pid."""
    return f"{role}@{socket.gethostname()}:{os.getpid()}"


def process_beat(*, role: str, queues: list[str], concurrency: int, started_at: datetime) -> None:
    """Write this process's heartbeat row; a missing database is logged, not raised."""
    try:
        ProcessHeartbeat.objects.update_or_create(
            name=process_name(role),
            defaults={
                "role": role,
                "pid": os.getpid(),
                "concurrency": concurrency,
                "queues": queues,
                "kinds": kind_names(),
                "started_at": started_at,
                "seen_at": Now(),
            },
        )
    except DatabaseError as error:
        log.warning("heartbeat_not_written", role=role, error=type(error).__name__)


class ProcessHeart(threading.Thread):
    """Beats for a worker's main process until stopped, then removes the row."""

    def __init__(self, *, role: str, queues: list[str], concurrency: int) -> None:
        super().__init__(name=f"{role}-heart", daemon=True)
        self.role = role
        self.queues = queues
        self.concurrency = concurrency
        self.started_at = timezone.now()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Beat every ten seconds."""
        while True:
            process_beat(role=self.role, queues=self.queues, concurrency=self.concurrency, started_at=self.started_at)
            connection.close()
            if self.stopping.wait(PROCESS_HEARTBEAT_SECONDS):
                return

    def stop(self) -> None:
        """Stop beating and say goodbye."""
        self.stopping.set()
        try:
            ProcessHeartbeat.objects.filter(name=process_name(self.role)).delete()
        except DatabaseError as error:
            log.warning("heartbeat_not_removed", error=type(error).__name__)
        finally:
            connection.close()

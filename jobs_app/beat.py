"""The beat scheduler: django-celery-beat's, with a heartbeat, a watch, and one leader when several are started."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import redis
import structlog
from django.db import DatabaseError, InterfaceError
from django.db.models.functions import Now
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError as BrokerError

from jobs_app.heartbeat import PROCESS_HEARTBEAT_SECONDS, process_beat, process_name
from jobs_app.models import ProcessHeartbeat
from jobs_app.services.watching import Watch
from tutor_project.common.redis import client

log = structlog.get_logger(__name__)

LEADER_SILENT_AFTER = timedelta(seconds=30)
OUTAGE_PAUSE_SECONDS = 2.0
LOG_OUTAGE_EVERY_SECONDS = 30.0


class LedgerScheduler(DatabaseScheduler):
    """Only the beat that has lived longest fires; the others stand by and take over when it falls silent.

    While the database or Redis is away it waits: nothing is fired into the void, and nothing ends.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._started_at = timezone.now()
        self._beaten_at = float("-inf")
        self._outage_logged_at = float("-inf")
        self._leads = False
        self._is_set_up = False
        self._watch = Watch("beat")
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Fire what is due; returns the seconds until the next tick."""
        if self._watch.ident is None:
            self._watch.start()
        if time.monotonic() - self._beaten_at >= PROCESS_HEARTBEAT_SECONDS:
            self._beaten_at = time.monotonic()
            process_beat(role="beat", queues=[], concurrency=1, started_at=self._started_at)
            self._leads = self._is_leader()
        if not self._leads:
            return PROCESS_HEARTBEAT_SECONDS
        try:
            client().ping()
            if not self._is_set_up:
                super().setup_schedule()
                self._is_set_up = True
            return super().tick(*args, **kwargs)
        except (DatabaseError, InterfaceError, redis.RedisError, BrokerError) as error:
            return self._wait(error)

    def setup_schedule(self) -> None:
        """Do nothing yet: the first tick reads the schedule, for a beat may be started while the database is away."""

    def _wait(self, error: Exception) -> float:
        """Begin with the rows of the database when the outage is over; returns the seconds until the next look."""
        if time.monotonic() - self._outage_logged_at >= LOG_OUTAGE_EVERY_SECONDS:
            self._outage_logged_at = time.monotonic()
            log.warning("beat_waits", error=type(error).__name__)
        self._heap, self._initial_read = None, True
        return OUTAGE_PAUSE_SECONDS

    def close(self) -> None:
        """Say goodbye, so that a stand-by takes over at once; beat asks for it twice when it is told to stop."""
        if self._watch.stopping.is_set():
            return
        self._watch.stop()
        super().close()
        try:
            ProcessHeartbeat.objects.filter(name=process_name("beat")).delete()
        except DatabaseError as error:
            log.warning("heartbeat_not_removed", error=type(error).__name__)

    @staticmethod
    def _is_leader() -> bool:
        try:
            living = ProcessHeartbeat.objects.filter(role="beat", seen_at__gte=Now() - LEADER_SILENT_AFTER)
            first = living.order_by("started_at", "name").values_list("name", flat=True).first()
        except DatabaseError:
            return True  # without a database nothing can be compared, and firing twice is harmless
        return first in (None, process_name("beat"))

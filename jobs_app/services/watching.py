"""Watching what jobs need: a job cannot tell that no job runs, so beat and the workers look themselves.

Beat looks at PostgreSQL, Redis and the workers, each worker looks at beat. They judge as ``GET /api/v1/system/health``
does, open one alert however many of them see the same, and tell it at once, without a job. Who opened it and died leaves
it to be told by another.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog
from django.db import DatabaseError, connection

from jobs_app.probes import Finding
from jobs_app.services.health import WATCHED_BY, beat_state, database_state, redis_state, workers_state
from jobs_app.services.notifying import AlertNotDelivered, AlertRefused, alert_tell, ways_configured
from tutor_project.platform.alerts import alert_told, alerts_sync, alerts_take_untold
from tutor_project.platform.models import Alert

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 15.0
LOOKS_IN_A_ROW = 3
"""So often it must be wrong before somebody is called: a restart of a process or of Redis is no incident."""
TELLING_TRIES = 20

Look = Callable[[list[Finding]], Any]
LOOKS: dict[str, tuple[Look, ...]] = {"beat": (redis_state, workers_state), "worker": (beat_state,)}


class Watcher:
    """What one process has seen, look by look, and what it has still to tell."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._wrong: Counter[str] = Counter()
        self._untold: list[tuple[dict[str, Any], str, int]] = []

    def look(self) -> None:
        """Look once, bring the alerts in line and tell the new ones; the database may be away."""
        findings: list[Finding] = []
        database_state(findings)
        if any(finding.code == "database_down" for finding in findings):
            self._database_away(findings[0])
        else:
            del self._wrong["database_down"]
            self._judge()
            for alert in alerts_take_untold(codes=WATCHED_BY[self.role]):
                self._tell_stored(alert)
        self._tell_unstored()

    def _database_away(self, finding: Finding) -> None:
        """Tell once an outage, from beat only: no row can say that another has told it."""
        self._wrong[finding.code] += 1
        if self.role == "beat" and self._wrong[finding.code] == LOOKS_IN_A_ROW:
            log.error("database_away", code=finding.code)
            self._note(finding)

    def _judge(self) -> None:
        findings: list[Finding] = []
        for look in LOOKS[self.role]:
            look(findings)
        present = {finding.code for finding in findings}
        for code in WATCHED_BY[self.role]:
            self._wrong[code] = self._wrong[code] + 1 if code in present else 0
        lasting = [finding for finding in findings if self._wrong[finding.code] >= LOOKS_IN_A_ROW]
        gone = WATCHED_BY[self.role] - present
        alerts_sync(lasting, judges=gone.__contains__)

    @staticmethod
    def _tell_stored(alert: Alert) -> None:
        """Tell an alert by the ways left; a deaf receiver is tried again at somebody's next look."""
        told = set(alert.told_ways)
        for way in ways_configured():
            if way not in told and _told(_as_told(alert), way):
                told.add(way)
        finished = told.issuperset(ways_configured()) or alert.tellings >= TELLING_TRIES
        alert_told(alert=alert, ways=told, finished=finished)

    def _note(self, finding: Finding) -> None:
        self._untold += [(_as_told(finding), way, 1) for way in ways_configured()]

    def _tell_unstored(self) -> None:
        """Tell what could not be stored; a deaf receiver is tried again at the next look."""
        untold, self._untold = self._untold, []
        for alert, way, attempt in untold:
            if not _told(alert, way) and attempt < TELLING_TRIES:
                self._untold.append((alert, way, attempt + 1))


def _as_told(alert: Finding | Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in ("code", "severity", "message", "figures")}


def _told(alert: dict[str, Any], way: str) -> bool:
    """Tell an alert by one way; returns False when it should be tried again."""
    try:
        alert_tell(alert, way=way)
    except AlertNotDelivered:
        return False
    except AlertRefused:
        log.error("alert_not_told", code=alert["code"], way=way)
    return True


class Watch(threading.Thread):
    """Looks for a process until stopped; a look that fails is logged and harms nobody."""

    def __init__(self, role: str) -> None:
        super().__init__(name=f"{role}-watch", daemon=True)
        self.watcher = Watcher(role)
        self.stopping = threading.Event()

    def run(self) -> None:
        """Look every fifteen seconds."""
        while not self.stopping.wait(LOOK_EVERY_SECONDS):
            try:
                self.watcher.look()
            except DatabaseError as error:  # it went away between two statements
                log.warning("watch_interrupted", error=type(error).__name__)
            except Exception:
                log.exception("watch_failed")
            finally:
                connection.close()

    def stop(self) -> None:
        """Look no more."""
        self.stopping.set()

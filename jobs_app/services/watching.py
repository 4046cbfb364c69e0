"""Watching what jobs need: a job cannot tell that no job runs, so beat and the workers look themselves.

Beat looks at PostgreSQL, Redis and the workers, each worker looks at beat. They judge as ``GET /api/v1/system/health``
does, open one alert however many of them see the same, and tell it at once, without a job.
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
from tutor_project.platform.alerts import alerts_sync

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
        self._tell()

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
        opened = {alert.code for alert in alerts_sync(lasting, judges=gone.__contains__)}
        for finding in lasting:
            if finding.code in opened:
                self._note(finding)

    def _note(self, finding: Finding) -> None:
        alert = {name: getattr(finding, name) for name in ("code", "severity", "message", "figures")}
        self._untold += [(alert, way, 1) for way in ways_configured()]

    def _tell(self) -> None:
        """Tell what is new; a deaf receiver is tried again at the next look."""
        untold, self._untold = self._untold, []
        for alert, way, attempt in untold:
            try:
                alert_tell(alert, way=way)
            except AlertNotDelivered:
                if attempt < TELLING_TRIES:
                    self._untold.append((alert, way, attempt + 1))
            except AlertRefused:
                log.error("alert_not_told", code=alert["code"], way=way)


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

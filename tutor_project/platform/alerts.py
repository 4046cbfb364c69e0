"""Alerts: one row an incident, written once, acknowledged by a person, resolved when the condition is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Protocol

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from tutor_project.common.errors import Conflict
from tutor_project.common.locks import lock_text
from tutor_project.platform.models import Alert

log = structlog.get_logger(__name__)

TELLING_FOR = timedelta(minutes=1)


class Condition(Protocol):
    """Something that is wrong now."""

    @property
    def code(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def figures(self) -> dict[str, Any]: ...


class AlertResolved(Conflict):
    """409: the incident is over."""

    code = "alert_resolved"
    detail = "This alert is resolved already."


@transaction.atomic
def alerts_sync(conditions: Iterable[Condition], *, judges: Callable[[str], bool] = lambda code: True) -> list[Alert]:
    """Open an alert for each new condition, update the known ones, resolve those that are gone; returns the new ones.

    Only alerts whose code the caller ``judges`` are resolved: what it did not look at may still be wrong.
    """
    lock_text("alerts", "sync")  # who comes second finds the alert open: two that see the same open one alert
    present = {condition.code: condition for condition in conditions}
    unresolved = {alert.code: alert for alert in Alert.objects.select_for_update().exclude(state=Alert.State.RESOLVED)}
    opened = []
    for code, condition in present.items():
        fields = {"severity": condition.severity, "message": condition.message, "figures": condition.figures}
        if code in unresolved:
            Alert.objects.filter(pk=unresolved[code].pk).update(**fields, updated_at=timezone.now())
        else:
            opened.append(Alert.objects.create(code=code, **fields))
            log.warning("alert_opened", code=code, severity=condition.severity, message=condition.message)
    for code, alert in unresolved.items():
        if code not in present and judges(code):
            alert.state, alert.resolved_at = Alert.State.RESOLVED, timezone.now()
            alert.save(update_fields=["state", "resolved_at", "updated_at"])
            log.info("alert_resolved", code=code)
    return opened


@transaction.atomic
def alerts_take_untold(*, codes: Iterable[str]) -> list[Alert]:
    """Return the unresolved alerts of these codes that nobody has told yet, for the caller to tell.

    Whoever takes one and dies over it has it taken from him after ``TELLING_FOR``: an alert is told, not only opened.
    """
    free = Q(telling_since=None) | Q(telling_since__lt=Now() - TELLING_FOR)
    untold = Alert.objects.select_for_update(skip_locked=True).filter(free, told_at=None, code__in=list(codes))
    taken = list(untold.exclude(state=Alert.State.RESOLVED))
    Alert.objects.filter(pk__in=[alert.pk for alert in taken]).update(
        telling_since=Now(), tellings=F("tellings") + 1, updated_at=Now()
    )
    return taken


def alert_told(*, alert: Alert, ways: Iterable[str], finished: bool) -> None:
    """Note by which ways an alert has been told so far; unless ``finished`` anybody may go on with the rest at once."""
    Alert.objects.filter(pk=alert.pk).update(
        told_ways=sorted(ways), telling_since=None, told_at=Now() if finished else None, updated_at=Now()
    )


@transaction.atomic
def alert_acknowledge(*, alert: Alert, user: Any) -> Alert:
    """Note that somebody looks after the incident; raises AlertResolved."""
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.state == Alert.State.RESOLVED:
        raise AlertResolved
    if alert.state == Alert.State.OPEN:
        alert.state, alert.acknowledged_by, alert.acknowledged_at = Alert.State.ACKNOWLEDGED, user, timezone.now()
        alert.save(update_fields=["state", "acknowledged_by", "acknowledged_at", "updated_at"])
    return alert


def alerts_open() -> list[dict[str, Any]]:
    """Return the unresolved alerts, newest first."""
    rows = Alert.objects.exclude(state=Alert.State.RESOLVED).order_by("-id")[:50]
    return [
        {
            "id": str(a.pk),
            "code": a.code,
            "severity": a.severity,
            "state": a.state,
            "message": a.message,
            "since": a.created_at.isoformat(),
        }
        for a in rows
    ]

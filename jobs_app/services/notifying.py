"""Telling people outside about alerts.

Each incident has one job for each way of telling it, so that a receiver that does not answer is tried again. That jobs
do not run at all is told without a job, by the process that saw it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail

from jobs_app.context import JobContext
from jobs_app.registry import JobInput
from jobs_app.services.creation import job_create
from tutor_project.common.errors import DomainError, ServiceUnavailable

log = structlog.get_logger(__name__)

NOTIFY_KIND = "alert_notify"
WEBHOOK_TIMEOUT_SECONDS = 10.0


class AlertNotDelivered(ServiceUnavailable):
    """The receiver did not answer, or with a server error; tried again later."""

    code = "alert_not_delivered"
    detail = "The alert could not be delivered: {reason}. Check ALERT_WEBHOOK_URL or the mail server."


class AlertRefused(DomainError):
    """The receiver refused the alert, or sent it elsewhere; trying again would not help."""

    code = "alert_refused"
    status = 502
    detail = "The webhook answered with {status_code}; redirects are not followed. Correct ALERT_WEBHOOK_URL."


class NotifyInput(JobInput):
    """The alert as it opened, and the way to tell it."""

    way: str
    code: str
    severity: str
    message: str
    figures: dict[str, Any]


def ways_configured() -> list[str]:
    """Return the ways by which somebody wants to be told."""
    ways = {"webhook": settings.ALERT_WEBHOOK_URL, "email": settings.ALERT_EMAILS}
    return [way for way, configured in ways.items() if configured]


def alerts_announce(opened: Iterable[Any]) -> int:
    """Create a job for each new alert and configured way, in the caller's transaction; returns their number."""
    jobs = [(alert, way) for alert in opened for way in ways_configured()]
    for alert, way in jobs:
        data = {"way": way, "code": alert.code, "severity": alert.severity, "message": alert.message}
        job_create(
            job_type=NOTIFY_KIND,
            job_data={**data, "figures": alert.figures},
            dedupe_key=f"alert:{alert.pk}:{way}",
            priority="high",
        )
    return len(jobs)


def alert_notify(context: JobContext) -> dict[str, Any]:
    """Deliver one alert (job); raises AlertNotDelivered, which is tried again, and AlertRefused."""
    alert = {key: context.input[key] for key in ("code", "severity", "message", "figures")}
    return alert_tell(alert, way=context.input["way"])


def alert_tell(alert: dict[str, Any], *, way: str) -> dict[str, Any]:
    """Tell one alert (``{code, severity, message, figures}``) now; raises AlertNotDelivered and AlertRefused."""
    return _mail(alert) if way == "email" else _post(alert)


def _post(alert: dict[str, Any]) -> dict[str, Any]:
    import httpx  # costs a tenth of a second, and only this needs it

    try:
        answer = httpx.post(
            settings.ALERT_WEBHOOK_URL, json=alert, timeout=WEBHOOK_TIMEOUT_SECONDS, follow_redirects=False
        )
    except httpx.HTTPError as error:
        log.warning("alert_webhook_failed", code=alert["code"], error=type(error).__name__)
        raise AlertNotDelivered(reason=type(error).__name__) from error
    if answer.status_code >= 500 or answer.status_code == 429:
        log.warning("alert_webhook_failed", code=alert["code"], status=answer.status_code)
        raise AlertNotDelivered(reason=f"the webhook answered with {answer.status_code}")
    if not answer.is_success:
        log.error("alert_webhook_refused", code=alert["code"], status=answer.status_code)
        raise AlertRefused(status_code=answer.status_code)
    return {"status_code": answer.status_code}


def _mail(alert: dict[str, Any]) -> dict[str, Any]:
    figures = "\n".join(f"{name}: {value}" for name, value in alert["figures"].items())
    subject = f"[tutor] {alert['severity']}: {alert['code']}"
    try:
        sent = send_mail(subject, f"{alert['message']}\n\n{figures}", None, settings.ALERT_EMAILS)
    except OSError as error:  # smtplib's errors are OSErrors too
        log.warning("alert_email_failed", code=alert["code"], error=type(error).__name__)
        raise AlertNotDelivered(reason=type(error).__name__) from error
    return {"sent": sent}

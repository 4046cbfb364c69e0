"""What learning contributes to the health picture."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jobs_app.probes import ProbeReport, register_probe
from sessions_app.models import LearningSession


def _active() -> ProbeReport:
    since = timezone.now() - timedelta(hours=1)
    return ProbeReport(
        {"active_sessions_last_hour": LearningSession.objects.filter(last_activity_at__gte=since).count()}
    )


register_probe("sessions", _active)

"""Figures of the ledger for ``/metrics``; ``docker/k8s/autoscaling.yaml`` scales workers on the age of the queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from jobs_app.selectors import console as selectors_console
from jobs_app.selectors import jobs as selectors
from jobs_app.services.health import measured_load, processes_living, queue_depths
from tutor_project.common.api.probes import register_need
from tutor_project.common.metrics import gauge, register_figures
from tutor_project.platform.alerts import alerts_open


def _ledger() -> Iterator[GaugeMetricFamily]:
    depth = gauge("tutor_queue_depth", "Jobs that are due and wait for a worker.", ("queue",))
    age = gauge("tutor_queue_oldest_age_seconds", "Seconds the oldest of them has waited.", ("queue",))
    queues = queue_depths()
    for queue, figures in queues.items():
        depth.add_metric([queue], figures["depth"])
        age.add_metric([queue], figures["oldest_age"])
    yield from (depth, age)

    active = gauge("tutor_jobs_active", "Jobs that wait, due or not, and jobs that run.", ("status",))
    waiting = selectors.jobs_active_by_status()
    for status in ("pending", "running"):
        active.add_metric([status], waiting.get(status, 0))
    yield active

    ended = gauge("tutor_jobs_ended_last_hour", "Jobs that ended in the last hour, by outcome.", ("job_type", "status"))
    now = timezone.now()
    for job_type, outcomes in selectors_console.outcomes(start=now - timedelta(hours=1), end=now).items():
        for status, number in outcomes.items():
            ended.add_metric([job_type, status], number)
    yield ended

    load = gauge("tutor_system_load", "Measured shares in [0, 1]; 'load' is the worst of them.", ("part",))
    for part, share in measured_load(queues).items():
        load.add_metric([part], share)
    yield load


def _people_to_call() -> Iterator[GaugeMetricFamily]:
    alerts = gauge("tutor_alerts_open", "Alerts that are not resolved.", ("severity",))
    for severity, number in Counter(alert["severity"] for alert in alerts_open()).items():
        alerts.add_metric([severity], number)
    yield alerts

    living = gauge("tutor_processes_living", "Workers and beats with a fresh heartbeat.", ("role",))
    for role in ("worker", "beat"):
        living.add_metric([role], len(processes_living(role)))
    yield living


register_figures("jobs", _ledger)
register_figures("operations", _people_to_call)
# A worker has no port to ask: the web answers for the role, so a living heartbeat is part of it.
register_need("worker", "heartbeat", lambda: bool(processes_living("worker")))

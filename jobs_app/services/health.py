"""The health picture: measured, from the database and the machine, never guessed."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import Any

import psutil
import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from jobs_app.domain.lifecycle import JobStatus
from jobs_app.models import Job, JobAttempt, ProcessHeartbeat, SystemStatus
from jobs_app.probes import Finding, ProbeReport, all_probes
from jobs_app.services.notifying import alerts_announce
from tutor_project.common import runtime
from tutor_project.common.redis import client
from tutor_project.platform.alerts import alerts_open, alerts_sync
from tutor_project.platform.model_health import models_look

log = structlog.get_logger(__name__)

WATCHED_BY = {"beat": frozenset({"redis_down", "no_worker"}), "worker": frozenset({"no_beat"})}
"""What a job needs, a job cannot tell: ``services/watching.py`` opens and resolves these, by the role that looks."""
WATCHED = frozenset().union(*WATCHED_BY.values())
HISTORY = 100
PROCESS_SILENT_AFTER = timedelta(seconds=45)
DISK_FREE_SHARE = 0.05
QUEUE_AGE_FULL_LOAD_SECONDS = 60.0


def system_health() -> tuple[dict[str, Any], list[Finding]]:
    """Return ``(the picture that /system/health shows, findings)``; every part that fails is a finding, not an exception."""
    now = timezone.now()
    findings: list[Finding] = []
    database = database_state(findings)
    picture: dict[str, Any] = {"pending_embeddings": 0, "active_sessions_last_hour": 0}
    queues: dict[str, Any] = {}
    if database["status"] == "ok":
        queues = queue_depths()
        failed_jobs = Job.objects.filter(status=JobStatus.FAILED, completed_at__gte=now - timedelta(hours=1))
        failed = failed_jobs.count()
        picture |= {"failed_jobs_last_hour": failed, "workers": workers_state(findings), "beat": beat_state(findings)}
        _judge_jobs(failed_jobs, findings)
        _probe_apps(picture, findings)
    broker = redis_state(findings)
    disk = _disk(findings)
    load = measured_load(queues)
    picture |= {
        "status": _status(findings),
        "system_load": load["load"],
        "load": load,
        "queues": queues,
        "database": database,
        "redis": broker,
        "disk": disk,
        "findings": [{"code": f.code, "severity": f.severity, "message": f.message} for f in findings],
        "alerts": alerts_open() if database["status"] == "ok" else [],
        "last_updated": now.isoformat(),
    }
    return picture, findings


def health_check_run() -> dict[str, Any]:
    """Store the picture in the history and bring the alerts in line with it, but for ``WATCHED`` (job, every five minutes)."""
    models_look()
    picture, findings = system_health()
    with transaction.atomic():
        told = [finding for finding in findings if finding.code not in WATCHED]
        alerts_announce(alerts_sync(told, judges=lambda code: code not in WATCHED))
        picture["alerts"] = alerts_open()
        SystemStatus.objects.create(status=picture["status"], picture=picture)
        kept = SystemStatus.objects.order_by("-created_at").values_list("pk", flat=True)[:HISTORY]
        SystemStatus.objects.exclude(pk__in=list(kept)).delete()
    return {"status": picture["status"], "findings": [finding.code for finding in findings]}


def queue_depths() -> dict[str, Any]:
    """Return depth and oldest age (seconds since it was due) of what waits for a worker, by queue."""
    now = timezone.now()
    rows = (
        Job.objects.filter(status=JobStatus.PENDING, is_group=False)
        .exclude(scheduled_for__gt=now)
        .values("queue")
        .annotate(depth=Count("pk"), oldest=Min(Greatest(F("created_at"), F("scheduled_for"))))
        .order_by()
    )
    found = {row["queue"]: row for row in rows}
    queues = {}
    for queue in settings.JOB_QUEUES:
        row = found.get(queue)
        age = (now - row["oldest"]).total_seconds() if row else 0.0
        queues[queue] = {"depth": row["depth"] if row else 0, "oldest_age": round(age, 1)}
    return queues


def measured_load(queues: dict[str, Any]) -> dict[str, float]:
    """Return shares in [0, 1]: CPU (1-minute load a core), memory, queue age, and ``load``, the worst of them."""
    cpu = min(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0)
    memory = psutil.virtual_memory().percent / 100
    oldest = max((queue["oldest_age"] for queue in queues.values()), default=0.0)
    waiting = min(oldest / QUEUE_AGE_FULL_LOAD_SECONDS, 1.0)
    shares = {"cpu": round(cpu, 3), "memory": round(memory, 3), "queue_age": round(waiting, 3)}
    return {"load": max(shares.values()), **shares}


def _status(findings: list[Finding]) -> str:
    if any(finding.severity == "critical" for finding in findings):
        return "unhealthy"
    return "degraded" if findings else "healthy"


def database_state(findings: list[Finding]) -> dict[str, Any]:
    """Return what there is to say of the database; adds what is wrong with it to ``findings``."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
                " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())"
            )
            version, vector, connections = cursor.fetchone()
    except DatabaseError as error:
        log.warning("health_database", error=type(error).__name__)
        findings.append(
            Finding("database_down", "critical", "The database does not answer. Check that PostgreSQL runs.")
        )
        return {"status": "down"}
    if vector is None:
        findings.append(
            Finding("pgvector_missing", "critical", "The extension vector is missing. Run CREATE EXTENSION vector.")
        )
    return {"status": "ok", "version": version, "pgvector": vector, "connections": connections}


def redis_state(findings: list[Finding]) -> dict[str, Any]:
    """Return what there is to say of Redis; adds what is wrong with it to ``findings``."""
    try:
        info: Any = client().info()
    except redis.RedisError as error:
        log.warning("health_redis", error=type(error).__name__)
        findings.append(
            Finding("redis_down", "critical", "Redis does not answer. Jobs wait in the ledger until it does.")
        )
        return {"status": "down"}
    return {
        "status": "ok",
        "version": info.get("valkey_version") or info.get("redis_version"),
        "memory": info.get("used_memory"),
    }


def _disk(findings: list[Finding]) -> dict[str, Any]:
    usage = shutil.disk_usage(settings.MEDIA_ROOT if os.path.isdir(settings.MEDIA_ROOT) else settings.BASE_DIR)
    share = usage.free / usage.total
    if share < DISK_FREE_SHARE:
        findings.append(Finding("disk_low", "critical", "Less than 5 % of the disk is free. Make room for uploads."))
    return {"free": usage.free, "total": usage.total, "free_share": round(share, 3)}


def processes_living(role: str) -> list[dict[str, Any]]:
    """Return the workers or beats whose heartbeat is fresh."""
    living = ProcessHeartbeat.objects.filter(role=role, seen_at__gte=Now() - PROCESS_SILENT_AFTER)
    return [
        {
            "name": p.name,
            "queues": p.queues,
            "concurrency": p.concurrency,
            "started_at": p.started_at.isoformat(),
            "seen_at": p.seen_at.isoformat(),
        }
        for p in living
    ]


def workers_state(findings: list[Finding]) -> list[dict[str, Any]]:
    """Return the living workers; adds to ``findings`` that there are none. Raises DatabaseError."""
    living = processes_living("worker")
    if not living:
        findings.append(Finding("no_worker", "critical", "No worker is alive. Start one: jobs wait until then."))
    return living


def beat_state(findings: list[Finding]) -> dict[str, Any]:
    """Return the living beats; adds to ``findings`` that there are none. Raises DatabaseError."""
    living = processes_living("beat")
    if not living:
        findings.append(
            Finding("no_beat", "critical", "Beat is not alive. Start it: nothing periodic runs until then.")
        )
    return {"status": "ok" if living else "down", "processes": living}


def _judge_jobs(failed_jobs: QuerySet[Job], findings: list[Finding]) -> None:
    """Count the failures that are ours: a file or a quiz that was refused with its reason is no incident."""
    ours = JobAttempt.objects.filter(job_id=OuterRef("pk"), number=OuterRef("attempts"), expected=False)
    failed = failed_jobs.filter(Exists(ours)).count()
    limit = runtime.get_int("HEALTH_MAX_FAILED_JOBS_HOUR")
    if failed > limit:
        message = f"{failed} jobs failed in the last hour by a fault of ours, more than {limit}. Look at the failed jobs in the console."
        findings.append(Finding("jobs_failing", "warning", message, {"failed": failed, "limit": limit}))


def _probe_apps(picture: dict[str, Any], findings: list[Finding]) -> None:
    for name, probe in all_probes().items():
        try:
            report: ProbeReport = probe()
        except DatabaseError as error:
            log.exception("health_probe_failed", probe=name)
            findings.append(
                Finding(f"probe_{name}", "warning", f"The health probe {name} failed: {type(error).__name__}.")
            )
            continue
        picture |= report.figures
        findings.extend(report.findings)

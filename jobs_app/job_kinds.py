"""The ledger's own kinds: health, retention, and a probe of the queue itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from jobs_app.context import JobContext
from jobs_app.registry import Creator, JobInput, JobKind, register
from jobs_app.schedules import Schedule, register_schedule
from jobs_app.services.cleanup import completed_jobs_cleanup
from jobs_app.services.creation import job_create
from jobs_app.services.health import health_check_run
from jobs_app.services.notifying import NOTIFY_KIND, NotifyInput, alert_notify
from jobs_app.services.privacy import (
    ERASURE_CHECK_KIND,
    ERASURE_KIND,
    EXPORT_KIND,
    erasure_check,
    erasure_run,
    export_run,
    exports_expire,
)
from jobs_app.services.rollup import hours_roll
from tutor_project.platform.model_health import models_examine, models_need_examination
from tutor_project.platform.quotas import quota_days_cleanup

EXAMINATION_KIND = "model_examination"
OPERATED: frozenset[Creator] = frozenset({"staff", "system"})


class PersonInput(JobInput):
    """The person whose data is meant."""

    user_id: UUID


def _health_check(context: JobContext) -> dict[str, Any]:
    found = health_check_run()
    if models_need_examination():
        job_create(job_type=EXAMINATION_KIND, job_data={}, owner_id=None, dedupe_key=EXAMINATION_KIND)
    return found


def _examination(context: JobContext) -> dict[str, Any]:
    return models_examine()


def _cleanup(context: JobContext) -> dict[str, Any]:
    return {
        "hours_counted": hours_roll(),  # before the jobs themselves go
        "exports_deleted": exports_expire(),
        "quota_days_deleted": quota_days_cleanup(),
        **completed_jobs_cleanup(),
    }


def _ping(context: JobContext) -> dict[str, Any]:
    return {"attempt": context.attempt}


register(JobKind(name="health_check", handler=_health_check, creators=OPERATED, priority="high", time_limit=60))
# A profile that nobody tested is looked at once: what its server can decides what it is asked for.
register(JobKind(name=EXAMINATION_KIND, handler=_examination, creators=OPERATED, asks_model=True, priority="low"))
register(JobKind(name="job_cleanup", handler=_cleanup, creators=OPERATED, priority="low", time_limit=600))
# Proves that a queue is served: staff create it by hand, the benchmarks by the thousand.
register(JobKind(name="ping", handler=_ping, creators=OPERATED))

register(
    JobKind(
        name=NOTIFY_KIND,
        handler=alert_notify,
        input_schema=NotifyInput,
        priority="high",
        time_limit=60,
        max_attempts=6,
        backoff_base=5.0,
    )
)
register(JobKind(name=EXPORT_KIND, handler=export_run, input_schema=PersonInput, time_limit=1700))
register(JobKind(name=ERASURE_KIND, handler=erasure_run, input_schema=PersonInput, time_limit=1700))
register(JobKind(name=ERASURE_CHECK_KIND, handler=erasure_check, input_schema=PersonInput, time_limit=1700))

register_schedule(
    Schedule(
        "health-check", 300, "Stores the health picture and brings alerts in line with it.", job_type="health_check"
    )
)
register_schedule(
    Schedule(
        "job-cleanup", 3600, "Deletes finished jobs older than the retention.", job_type="job_cleanup", priority="low"
    )
)

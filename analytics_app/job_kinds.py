"""The jobs of analytics and when they run."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics_app.services.partitions import facts_expire, partitions_upkeep
from analytics_app.services.privacy import erased_forget
from analytics_app.services.rollup import rollup_run
from analytics_app.services.session_analytics import session_analytics_batch
from analytics_app.services.spend import spend_expire
from jobs_app.context import JobContext
from jobs_app.registry import Creator, JobInput, JobKind, register
from jobs_app.schedules import Schedule, register_schedule
from sessions_app.services.item_analysis import items_analyse

OPERATED: frozenset[Creator] = frozenset({"staff", "system"})
ITEM_ANALYSIS_LOOKS_BACK = timedelta(days=1)


def _rollup(context: JobContext) -> dict[str, Any]:
    return asdict(rollup_run(checkpoint=context.checkpoint))


def _session_analytics(context: JobContext) -> dict[str, Any]:
    return {"sessions": session_analytics_batch(checkpoint=context.checkpoint)}


def _log_cleanup(context: JobContext) -> dict[str, Any]:
    """Remove facts past retention and say how many; make the coming days' partitions."""
    removed = facts_expire(checkpoint=context.checkpoint)
    erased_forget()
    return {"deleted": sum(removed.values()), "deleted_by_kind": removed, "partitions": partitions_upkeep()}


class ItemAnalysisInput(JobInput):
    """Which answers to look at: those of the last day, or all there ever were."""

    everything: bool = False


def _item_analysis(context: JobContext) -> dict[str, Any]:
    since = None if context.input["everything"] else datetime.now(UTC) - ITEM_ANALYSIS_LOOKS_BACK
    return asdict(items_analyse(since=since))


def _spend_expiry(context: JobContext) -> dict[str, Any]:
    return {"expired": spend_expire()}


def _alone(name: str) -> Any:
    return lambda data: name


register(
    JobKind(
        name="analytics_rollup",
        handler=_rollup,
        creators=OPERATED,
        exclusive=_alone("analytics_rollup"),
        time_limit=1700,
    )
)
register(
    JobKind(
        name="session_analytics",
        handler=_session_analytics,
        creators=OPERATED,
        exclusive=_alone("session_analytics"),
        time_limit=900,
    )
)
register(
    JobKind(
        name="log_cleanup",
        handler=_log_cleanup,
        creators=OPERATED,
        exclusive=_alone("log_cleanup"),
        priority="low",
        time_limit=1700,
    )
)
register(
    JobKind(
        name="item_analysis",
        handler=_item_analysis,
        input_schema=ItemAnalysisInput,
        creators=OPERATED,
        exclusive=_alone("item_analysis"),
        priority="low",
        time_limit=1700,
    )
)
register(JobKind(name="spend_expiry", handler=_spend_expiry, creators=OPERATED, priority="low", time_limit=300))

register_schedule(
    Schedule(
        "analytics-rollup",
        300,
        "Rolls closed hours and days of facts up.",
        job_type="analytics_rollup",
        priority="medium",
    )
)
register_schedule(
    Schedule(
        "session-analytics", 900, "Computes the analytics of sessions with new facts.", job_type="session_analytics"
    )
)
register_schedule(
    Schedule(
        "log-cleanup",
        3600,
        "Drops facts past retention, makes coming partitions.",
        job_type="log_cleanup",
        priority="low",
    )
)
register_schedule(
    Schedule("item-analysis", 900, "Measures questions, retires bad ones.", job_type="item_analysis", priority="low")
)
register_schedule(
    Schedule(
        "spend-expiry",
        900,
        "Books abandoned spending reservations at their ceiling.",
        job_type="spend_expiry",
        priority="low",
    )
)

"""The schedules the system starts with. Seeded once; what operators edit afterwards stays.

Offsets stagger the tasks; each message expires before the next one is due, so an outage leaves no backlog.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """A periodic task: every ``seconds``, as a ledger job of ``job_type`` or as the plain Celery ``task``."""

    name: str
    seconds: int
    description: str
    job_type: str | None = None
    task: str | None = None
    priority: str = "high"


_schedules: dict[str, Schedule] = {}


def register_schedule(schedule: Schedule) -> Schedule:
    """Declare a schedule; apps do so next to their job kinds."""
    _schedules[schedule.name] = schedule
    return schedule


def all_schedules() -> list[Schedule]:
    """Return the declared schedules by name."""
    return [_schedules[name] for name in sorted(_schedules)]


def get_schedule(name: str) -> Schedule | None:
    """Return the schedule of this name, or None when it was withdrawn from the code."""
    return _schedules.get(name)


register_schedule(
    Schedule("job-sweeper", 15, "Re-dispatches lost jobs and reclaims expired leases.", task="jobs.sweep")
)

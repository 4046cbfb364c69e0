"""Jobs and their schedules in the console."""

from jobs_app.admin import jobs, schedules

__all__ = ["jobs", "schedules"]

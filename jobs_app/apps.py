"""The job ledger."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs_app"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from jobs_app import worker  # noqa: F401  (connects the signals)

        autodiscover_modules("job_kinds", "health_probes")

"""The job ledger."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs_app"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from jobs_app import worker  # noqa: F401  (connects the signals)
        from jobs_app.services import privacy
        from tutor_project.common.privacy import PersonalData, register_personal_data

        register_personal_data(PersonalData("jobs", 1, privacy.export, privacy.erase))
        autodiscover_modules("job_kinds", "health_probes", "metrics")

"""Platform: flags, versions of settings, alerts."""

from __future__ import annotations

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "tutor_project.platform"
    label = "platform"
    verbose_name = "Platform"

    def ready(self) -> None:
        from tutor_project.common.api.probes import register_told
        from tutor_project.common.privacy import PersonalData, register_personal_data
        from tutor_project.platform import profiles, quotas, standing
        from tutor_project.platform.model_health import models_not_answering

        profiles.register()
        standing.register()
        register_told("models_not_answering", models_not_answering)
        register_personal_data(PersonalData("quotas", 1, quotas.export, quotas.erase))

"""The foundation app: idempotency records and system checks."""

from __future__ import annotations

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "tutor_project.common"
    label = "common"
    verbose_name = "Foundation"

    def ready(self) -> None:
        from tutor_project.common import checks, observability  # noqa: F401  (checks register themselves)

        observability.start()

"""Platform: flags, versions of settings, alerts."""

from __future__ import annotations

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "tutor_project.platform"
    label = "platform"
    verbose_name = "Platform"

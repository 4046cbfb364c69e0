"""Accounts."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tutor_project.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from tutor_project.accounts import privacy
        from tutor_project.common.privacy import PersonalData, register_personal_data

        register_personal_data(PersonalData("account", 0, privacy.export, privacy.erase))

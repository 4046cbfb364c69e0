"""Accounts."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tutor_project.accounts"
    label = "accounts"
    verbose_name = "Accounts"

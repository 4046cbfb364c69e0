"""The analytics app: facts, rollups, dashboards, spend."""

from __future__ import annotations

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics_app"
    verbose_name = "Analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analytics_app.services import privacy, recorder
        from analytics_app.services.prices import price_from_today
        from analytics_app.services.spend import SpendLedger
        from tutor_project.common.privacy import PersonalData, register_personal_data
        from tutor_project.llm.ports import register_price_book, register_spend_port

        recorder.register()
        register_personal_data(PersonalData("analytics", 4, privacy.export, privacy.erase))
        register_spend_port(SpendLedger())
        register_price_book(price_from_today)

"""Analytics in the console: prices are edited, everything else is looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import path
from unfold.decorators import display

from analytics_app.console.reports import report_view
from analytics_app.models import FactLoss, ModelPrice, SessionAnalytics, SpendReservation
from analytics_app.services.prices import price_table_forget, token_usage_reprice
from tutor_project.common.console import ConsoleAdmin, ReadOnlyAdmin, object_link, person_link


@admin.register(ModelPrice)
class ModelPriceAdmin(ConsoleAdmin):
    """Prices; saving one prices the kept calls of its model anew."""

    list_display = ["model", "valid_from", "prompt_usd", "completion_usd", "local", "source"]
    list_filter = ["local"]
    search_fields = ["model"]
    ordering = ["model", "-valid_from"]

    def save_model(self, request: Any, obj: ModelPrice, form: Any, change: bool) -> None:
        """Store the price and apply it."""
        super().save_model(request, obj, form, change)
        price_table_forget()
        token_usage_reprice(model=obj.model)


@admin.register(SpendReservation)
class SpendReservationAdmin(ReadOnlyAdmin):
    """The spending ledger, call by call."""

    list_display = [
        "created_at", "model", "feature", "phase", "shown_user", "shown_session", "shown_state", "reserved_usd",
        "settled_usd", "prompt_tokens", "completion_tokens", "measured",
    ]  # fmt: skip
    list_filter = ["state", "phase", "feature", "model", "created_at"]
    linked_by = ("user__id__exact",)
    search_fields = ["id__exact", "user__username__istartswith", "model__istartswith"]
    list_select_related = ["user"]
    ordering = ["-created_at"]

    @display(description="Account", ordering="user__username")
    def shown_user(self, row: SpendReservation) -> Any:
        """Who caused the call."""
        return person_link(row.user)

    @display(description="Session")
    def shown_session(self, row: SpendReservation) -> Any:
        """The session it served."""
        return object_link("sessions_app.learningsession", row.session_id, "session")

    @display(
        description="State", ordering="state", label={"reserved": "info", "settled": "success", "expired": "warning"}
    )
    def shown_state(self, row: SpendReservation) -> str:
        """Reserved before, settled after."""
        return row.state


@admin.register(SessionAnalytics)
class SessionAnalyticsAdmin(ReadOnlyAdmin):
    """What each session came to."""

    list_display = [
        "shown_session", "shown_user", "total_interactions", "total_tokens_used", "quiz_attempts", "correct_answers",
        "engagement_score", "last_activity",
    ]  # fmt: skip
    list_display_links = ["last_activity"]
    search_fields = ["user__username__istartswith", "session__id__exact"]
    list_select_related = ["session", "user"]
    list_filter = ["last_activity"]

    def get_urls(self) -> list[Any]:
        """Put the reports beside the figures of sessions."""
        mine = [path("reports/<slug:name>/", self.admin_site.admin_view(report_view), name="report")]
        return [*mine, *super().get_urls()]

    @display(description="Session", ordering="session_id")
    def shown_session(self, row: SessionAnalytics) -> Any:
        """The session."""
        return object_link("sessions_app.learningsession", row.session_id, row.session.title)

    @display(description="Learner", ordering="user__username")
    def shown_user(self, row: SessionAnalytics) -> Any:
        """Whose session it is."""
        return person_link(row.user)


@admin.register(FactLoss)
class FactLossAdmin(ReadOnlyAdmin):
    """Facts that could not be stored."""

    list_display = ["recorded_at", "process", "reason", "count"]
    list_filter = ["reason", "recorded_at"]

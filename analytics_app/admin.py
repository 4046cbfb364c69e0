"""Analytics in the console: prices are edited, everything else is looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from unfold.admin import ModelAdmin

from analytics_app.models import FactLoss, ModelPrice, SessionAnalytics, SpendReservation
from analytics_app.services.prices import price_table_forget, token_usage_reprice


@admin.register(ModelPrice)
class ModelPriceAdmin(ModelAdmin):
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


class ReadOnlyAdmin(ModelAdmin):
    """What the system writes is not edited by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(SpendReservation)
class SpendReservationAdmin(ReadOnlyAdmin):
    """The spending ledger, call by call."""

    list_display = ["created_at", "model", "phase", "user", "state", "reserved_usd", "settled_usd", "measured"]
    list_filter = ["state", "phase", "model", "day"]
    search_fields = ["id", "user__username", "model"]
    list_select_related = ["user"]


@admin.register(SessionAnalytics)
class SessionAnalyticsAdmin(ReadOnlyAdmin):
    """What each session came to."""

    list_display = [
        "session", "user", "total_interactions", "quiz_attempts", "correct_answers", "engagement_score", "last_activity",
    ]  # fmt: skip
    search_fields = ["user__username", "session__id"]
    list_select_related = ["session", "user"]


@admin.register(FactLoss)
class FactLossAdmin(ReadOnlyAdmin):
    """Facts that could not be stored."""

    list_display = ["recorded_at", "process", "reason", "count"]
    list_filter = ["reason"]

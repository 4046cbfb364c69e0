"""Documents in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from unfold.admin import ModelAdmin

from documents_app.models import Document, EmbeddingSpace, SessionAnalysis, StoredFile


@admin.register(Document)
class DocumentAdmin(ModelAdmin):
    """Uploads: what came, what became of it, and why."""

    list_display = ["filename", "owner", "status", "stage", "page_count", "size", "error_code", "uploaded_at"]
    list_filter = ["status", "mime_type", "error_code", "uploaded_at"]
    search_fields = ["filename", "owner__username", "id"]
    list_select_related = ["owner"]
    show_full_result_count = False
    date_hierarchy = None

    def has_add_permission(self, request: Any) -> bool:
        """Uploads come through the API."""
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """What was read out of a file is not edited."""
        return False


@admin.register(StoredFile)
class StoredFileAdmin(ModelAdmin):
    """Stored bytes."""

    list_display = ["sha256", "size", "created_at"]
    show_full_result_count = False

    def has_add_permission(self, request: Any) -> bool:
        """Files come with uploads."""
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Bytes are addressed by their hash."""
        return False


@admin.register(SessionAnalysis)
class SessionAnalysisAdmin(ModelAdmin):
    """Analyses of sessions."""

    list_display = ["session_id", "analysis_type", "status", "error_code", "updated_at"]
    list_filter = ["status", "analysis_type"]
    show_full_result_count = False


@admin.register(EmbeddingSpace)
class EmbeddingSpaceAdmin(ModelAdmin):
    """Generations of vectors."""

    list_display = ["model", "dimensions", "generation", "state", "activated_at"]

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Spaces change by re-embedding only."""
        return False

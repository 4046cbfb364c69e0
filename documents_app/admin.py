"""Documents in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from documents_app.models import Document, DocumentIndex, EmbeddingSpace, SessionAnalysis, StoredFile
from documents_app.services.analysis import analysis_request
from documents_app.services.documents import document_retry
from documents_app.services.reembedding import document_reembed_request, space_reembed_request
from tutor_project.common.console import ReadOnlyAdmin, object_link, person_link, row_action
from tutor_project.common.readable import bytes_words

STATUS_COLOURS = {
    "pending": "info",
    "processing": "primary",
    "completed": "success",
    "failed": "danger",
    "timeout": "danger",
}


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Uploads: what came, what became of it, and why."""

    list_display = [
        "filename", "shown_owner", "shown_session", "shown_status", "stage", "page_count", "shown_size", "error_code",
        "shown_job", "uploaded_at",
    ]  # fmt: skip
    list_filter = ["status", "embedding_status", "mime_type", "error_code", "uploaded_at"]
    linked_by = ("session_id__exact",)
    search_fields = ["filename__istartswith", "owner__username__istartswith", "id__exact"]
    search_help_text = "The beginning of a file name or user name, or an id."
    list_select_related = ["owner"]
    actions = ["retry", "reembed", "analyse_again"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "filename",
                    "shown_owner",
                    "shown_session",
                    "shown_status",
                    "page_count",
                    "shown_size",
                    "language",
                ]
            },
        ),
        ("What went wrong", {"fields": ["error_code", "error_detail", "warnings"]}),
        (
            "Course",
            {
                "fields": [
                    ("stage", "progress"),
                    ("uploaded_at", "processed_at"),
                    "embedding_status",
                    "timings",
                    "shown_job",
                ]
            },
        ),
        ("For support", {"fields": ["id", "mime_type", "file"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: Any) -> Any:
        """Leave the sentences of errors out of lists."""
        return super().get_queryset(request).select_related("owner", "file")

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, document: Document) -> Any:
        """Whose document it is."""
        return person_link(document.owner)

    @display(description="Session")
    def shown_session(self, document: Document) -> Any:
        """The session it belongs to."""
        return object_link("sessions_app.learningsession", document.session_id, "open the session")

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def shown_status(self, document: Document) -> str:
        """What became of it."""
        return document.status

    @display(description="Size", ordering="size")
    def shown_size(self, document: Document) -> str:
        """In the unit that people use."""
        return bytes_words(document.size)

    @display(description="Job")
    def shown_job(self, document: Document) -> Any:
        """The job that reads it."""
        return object_link("jobs_app.job", document.job_id, "job")

    @row_action(description="Retry", done="queued again", permission="documents_app.change_document", icon="replay")
    def retry(self, request: Any, document: Document) -> None:
        """Process failed documents again."""
        document_retry(document=document)

    @row_action(
        description="Re-embed",
        done="given to the embedder again",
        permission="documents_app.change_document",
        icon="hub",
    )
    def reembed(self, request: Any, document: Document) -> None:
        """Make the vectors of these documents anew; searches use the old ones until then."""
        document_reembed_request(document=document)

    @row_action(
        description="Analyse the session again",
        done="given to a new analysis",
        permission="documents_app.change_document",
        icon="lab_research",
    )
    def analyse_again(self, request: Any, document: Document) -> None:
        """Ask for a new analysis of the sessions of these documents."""
        analysis_request(owner_id=document.owner_id, session_id=document.session_id, trigger="staff")


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Stored bytes, once under their hash."""

    list_display = ["sha256", "size", "created_at"]
    search_fields = ["sha256__startswith"]


@admin.register(SessionAnalysis)
class SessionAnalysisAdmin(ReadOnlyAdmin):
    """Analyses of sessions."""

    list_display = [
        "shown_session", "analysis_type", "shown_status", "shown_owner", "error_code", "shown_job", "updated_at",
    ]  # fmt: skip
    list_display_links = ["analysis_type"]
    list_filter = ["status", "analysis_type", "error_code"]
    search_fields = ["session_id__exact", "owner__username__istartswith"]
    list_select_related = ["owner"]
    actions = ["analyse_again"]

    def get_queryset(self, request: Any) -> Any:
        """Lists leave the results in the database."""
        return super().get_queryset(request).defer("result")

    @display(description="Session")
    def shown_session(self, row: SessionAnalysis) -> Any:
        """The session."""
        return object_link("sessions_app.learningsession", row.session_id, "session")

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def shown_status(self, row: SessionAnalysis) -> str:
        """What became of it."""
        return row.status

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, row: SessionAnalysis) -> Any:
        """Whose session it is."""
        return person_link(row.owner)

    @display(description="Job")
    def shown_job(self, row: SessionAnalysis) -> Any:
        """The job that computes it."""
        return object_link("jobs_app.job", row.job_id, "job")

    @row_action(
        description="Analyse again",
        done="queued again",
        permission="documents_app.change_sessionanalysis",
        icon="replay",
    )
    def analyse_again(self, request: Any, row: SessionAnalysis) -> None:
        """Compute the analysis again."""
        analysis_request(
            owner_id=row.owner_id, session_id=row.session_id, analysis_type=row.analysis_type, trigger="staff"
        )


@admin.register(EmbeddingSpace)
class EmbeddingSpaceAdmin(ReadOnlyAdmin):
    """Generations of vectors: how far each covers the library, and making all of them anew."""

    list_display = [
        "model", "dimensions", "generation", "shown_state", "shown_documents", "shown_jobs", "created_at",
        "activated_at", "retired_at",
    ]  # fmt: skip
    list_filter = ["state"]
    actions = ["reembed"]

    @display(
        description="State", ordering="state", label={"active": "success", "building": "primary", "retired": "warning"}
    )
    def shown_state(self, space: EmbeddingSpace) -> str:
        """Whether searches use it."""
        return space.state

    @display(description="Documents")
    def shown_documents(self, space: EmbeddingSpace) -> str:
        """How many documents it covers, of those that can be searched."""
        return f"{space.documents.count():,} of {DocumentIndex.objects.count():,}"

    @display(description="Re-embedding")
    def shown_jobs(self, space: EmbeddingSpace) -> Any:
        """The jobs that filled it again."""
        url = reverse("admin:jobs_app_job_changelist")
        return format_html('<a class="console-link" href="{}?job_type=space_reembed">jobs</a>', url)

    @row_action(
        description="Re-embed the whole space",
        done="given to the embedder, document by document",
        permission="documents_app.change_document",
        icon="hub",
    )
    def reembed(self, request: Any, space: EmbeddingSpace) -> None:
        """Make all vectors of the space anew, or finish one that is being built and switch to it."""
        space_reembed_request(space=space)

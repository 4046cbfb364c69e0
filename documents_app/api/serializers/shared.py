"""Shapes that the endpoints of a session answer in, too: citations, documents, what a search asks and finds."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from documents_app.extraction.notes import SENTENCES
from documents_app.models import Document
from tutor_project.common.api import limits
from tutor_project.common.messages import said_again


class CitationSerializer(serializers.Serializer[Any]):
    """A citation: ``text`` equals the slice of the document's stored text."""

    document_id = serializers.UUIDField()
    filename = serializers.CharField()
    page_start = serializers.IntegerField()
    page_end = serializers.IntegerField()
    char_start = serializers.IntegerField()
    char_end = serializers.IntegerField()
    text = serializers.CharField()


class DocumentErrorSerializer(serializers.Serializer[Any]):
    """Why a document failed, and what to do."""

    code = serializers.CharField()
    detail = serializers.CharField()


class WarningSerializer(serializers.Serializer[Any]):
    """Something of the file that could not be read, and the cure."""

    code = serializers.CharField()
    detail = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Say the warning in the reader's language."""
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {"detail": said_again(shown["code"], shown["detail"], SENTENCES)}


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document as its owner sees it. ``progress`` is per cent."""

    error = serializers.SerializerMethodField()
    warnings = WarningSerializer(many=True, read_only=True)
    duplicate = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = [
            "id", "session_id", "filename", "mime_type", "size", "page_count", "status", "stage", "progress",
            "embedding_status", "error", "duplicate", "uploaded_at", "processed_at", "timings", "job_id",
            "language", "warnings",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(DocumentErrorSerializer(allow_null=True))
    def get_error(self, document: Document) -> dict[str, str | None] | None:
        """Return ``{code, detail}`` of a failed document, else null."""
        if document.error_code is None:
            return None
        return {"code": document.error_code, "detail": said_again(document.error_code, document.error_detail)}

    def get_duplicate(self, document: Document) -> bool:
        """Return false: a row is never a copy; only the answer to an upload names duplicates."""
        return False


class SearchRequestSerializer(serializers.Serializer[Any]):
    """A search."""

    query = serializers.CharField(max_length=limits.QUESTION)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)
    mode = serializers.ChoiceField(choices=["hybrid", "dense", "lexical"], default="hybrid")


class SearchHitSerializer(serializers.Serializer[Any]):
    """A passage found, with its exact place."""

    score = serializers.FloatField()
    citation = CitationSerializer()


class CoverageSerializer(serializers.Serializer[Any]):
    """The share of the scope that was searched, and how far a re-embed under way has come."""

    model = serializers.CharField()
    searched = serializers.FloatField()
    rebuilding = serializers.CharField(required=False)
    rebuilt = serializers.FloatField(required=False)


class SearchResponseSerializer(serializers.Serializer[Any]):
    """Hits, best first, and the coverage behind them."""

    hits = SearchHitSerializer(many=True)
    coverage = CoverageSerializer()

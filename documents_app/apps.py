"""Documents: uploads, extraction, chunks, embeddings, retrieval, analysis."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents_app"
    verbose_name = "Documents"

"""Routes of the document endpoints, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from documents_app.api import views

urlpatterns = [
    path("documents/stats", views.DocumentStatsView.as_view(), name="document-stats"),
    path("documents/pending-embeddings", views.PendingEmbeddingsView.as_view(), name="document-pending-embeddings"),
    path("documents/<uuid:document_id>", views.DocumentDetailView.as_view(), name="document-detail"),
    path("documents/<uuid:document_id>/content", views.DocumentContentView.as_view(), name="document-content"),
    path("documents/<uuid:document_id>/file", views.DocumentFileView.as_view(), name="document-file"),
    path(
        "documents/<uuid:document_id>/pages/<int:page>/image", views.PageImageView.as_view(), name="document-page-image"
    ),
    path(
        "documents/<uuid:document_id>/pages/<int:page>/boxes", views.PageBoxesView.as_view(), name="document-page-boxes"
    ),
    path("documents/<uuid:document_id>/figures/<int:n>", views.DocumentFigureView.as_view(), name="document-figure"),
    path("documents/<uuid:document_id>/retry", views.DocumentRetryView.as_view(), name="document-retry"),
]

"""Routes of settings, flags and quotas, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from tutor_project.platform.api import views, views_models

urlpatterns = [
    path("config", views.ConfigListView.as_view(), name="config-list"),
    path("config/<str:key>", views.ConfigDetailView.as_view(), name="config-detail"),
    path("config/<str:key>/versions", views.ConfigVersionsView.as_view(), name="config-versions"),
    path("config/<str:key>/rollback", views.ConfigRollbackView.as_view(), name="config-rollback"),
    path("system/models", views_models.ModelListView.as_view(), name="system-models"),
    path("system/models/<str:model_id>", views_models.ModelDetailView.as_view(), name="system-model"),
    path("system/models/<str:model_id>/test", views_models.ModelTestView.as_view(), name="system-model-test"),
    path("usage", views.UsageView.as_view(), name="usage"),
    path("flags", views.FlagsView.as_view(), name="flags"),
]

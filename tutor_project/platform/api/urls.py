"""Routes of settings, flags and quotas, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from tutor_project.platform.api.views import models, system

urlpatterns = [
    path("config", system.ConfigListView.as_view(), name="config-list"),
    path("config/<str:key>", system.ConfigDetailView.as_view(), name="config-detail"),
    path("config/<str:key>/versions", system.ConfigVersionsView.as_view(), name="config-versions"),
    path("config/<str:key>/rollback", system.ConfigRollbackView.as_view(), name="config-rollback"),
    path("system/models", models.ModelListView.as_view(), name="system-models"),
    path("system/models/<str:model_id>", models.ModelDetailView.as_view(), name="system-model"),
    path("system/models/<str:model_id>/test", models.ModelTestView.as_view(), name="system-model-test"),
    path("usage", system.UsageView.as_view(), name="usage"),
    path("flags", system.FlagsView.as_view(), name="flags"),
]

"""Routes of settings and flags, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from tutor_project.platform.api import views

urlpatterns = [
    path("config", views.ConfigListView.as_view(), name="config-list"),
    path("config/<str:key>", views.ConfigDetailView.as_view(), name="config-detail"),
    path("config/<str:key>/versions", views.ConfigVersionsView.as_view(), name="config-versions"),
    path("config/<str:key>/rollback", views.ConfigRollbackView.as_view(), name="config-rollback"),
    path("flags", views.FlagsView.as_view(), name="flags"),
]

"""Routes of the job endpoints, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from jobs_app.api import views, views_privacy, views_system

urlpatterns = [
    path("jobs", views.JobListView.as_view(), name="job-list"),
    path("jobs/statistics", views_system.JobStatisticsView.as_view(), name="job-statistics"),
    path("jobs/<uuid:job_id>", views.JobDetailView.as_view(), name="job-detail"),
    path("jobs/<uuid:job_id>/events", views.JobEventsView.as_view(), name="job-events"),
    path("jobs/<uuid:job_id>/execute", views.JobExecuteView.as_view(), name="job-execute"),
    path("jobs/<uuid:job_id>/retry", views.JobRetryView.as_view(), name="job-retry"),
    path("jobs/<uuid:job_id>/cancel", views.JobCancelView.as_view(), name="job-cancel"),
    path("users/me/export", views_privacy.ExportView.as_view(), name="user-export"),
    path("users/me/exports/<uuid:job_id>", views_privacy.ExportDownloadView.as_view(), name="user-export-download"),
    path("users/me/erase", views_privacy.ErasureView.as_view(), name="user-erase"),
    path("system/health", views_system.SystemHealthView.as_view(), name="system-health"),
    path("system/status", views_system.SystemStatusView.as_view(), name="system-status"),
    path("system/cache/clear", views_system.CacheClearView.as_view(), name="system-cache-clear"),
]

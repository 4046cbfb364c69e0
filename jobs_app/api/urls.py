"""Routes of the job endpoints, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from jobs_app.api.views import jobs, privacy, system

urlpatterns = [
    path("jobs", jobs.JobListView.as_view(), name="job-list"),
    path("jobs/statistics", system.JobStatisticsView.as_view(), name="job-statistics"),
    path("jobs/<uuid:job_id>", jobs.JobDetailView.as_view(), name="job-detail"),
    path("jobs/<uuid:job_id>/events", jobs.JobEventsView.as_view(), name="job-events"),
    path("jobs/<uuid:job_id>/execute", jobs.JobExecuteView.as_view(), name="job-execute"),
    path("jobs/<uuid:job_id>/retry", jobs.JobRetryView.as_view(), name="job-retry"),
    path("jobs/<uuid:job_id>/cancel", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("users/me/export", privacy.ExportView.as_view(), name="user-export"),
    path("users/me/exports/<uuid:job_id>", privacy.ExportDownloadView.as_view(), name="user-export-download"),
    path("users/me/erase", privacy.ErasureView.as_view(), name="user-erase"),
    path("system/health", system.SystemHealthView.as_view(), name="system-health"),
    path("system/status", system.SystemStatusView.as_view(), name="system-status"),
    path("system/cache/clear", system.CacheClearView.as_view(), name="system-cache-clear"),
]

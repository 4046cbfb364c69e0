"""Routes of analytics."""

from django.urls import path

from analytics_app.api import views_facts, views_people, views_reports

urlpatterns = [
    path("analytics/tool-invocations", views_facts.ToolInvocationView.as_view(), name="analytics-tool-invocations"),
    path("analytics/token-usage", views_facts.TokenUsageView.as_view(), name="analytics-token-usage"),
    path("analytics/events", views_facts.EventView.as_view(), name="analytics-events"),
    path("analytics/tools", views_reports.ToolReportView.as_view(), name="analytics-tools"),
    path("analytics/tokens", views_reports.TokenReportView.as_view(), name="analytics-tokens"),
    path("analytics/spend", views_reports.SpendReportView.as_view(), name="analytics-spend"),
    path("analytics/spend/remaining", views_reports.SpendRemainingView.as_view(), name="analytics-spend-remaining"),
    path("analytics/spend/estimate", views_reports.SpendEstimateView.as_view(), name="analytics-spend-estimate"),
    path("analytics/performance", views_reports.PerformanceView.as_view(), name="analytics-performance"),
    path("analytics/system", views_reports.SystemView.as_view(), name="analytics-system"),
    path("analytics/dashboard", views_reports.DashboardView.as_view(), name="analytics-dashboard"),
    path("analytics/stream", views_reports.StreamView.as_view(), name="analytics-stream"),
    path("analytics/cohorts/<str:report>", views_reports.CohortView.as_view(), name="analytics-cohorts"),
    path("sessions/<uuid:session_id>/analytics", views_people.SessionAnalyticsView.as_view(), name="session-analytics"),
    path(
        "sessions/<uuid:session_id>/analytics/process",
        views_people.SessionProcessView.as_view(),
        name="session-analytics-process",
    ),
    path(
        "sessions/<uuid:session_id>/interactions",
        views_facts.InteractionListView.as_view(),
        name="session-interactions",
    ),
    path("users/<str:user_id>/analytics", views_people.UserAnalyticsView.as_view(), name="user-analytics"),
]

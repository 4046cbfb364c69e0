"""Routes of analytics."""

from django.urls import path

from analytics_app.api.views import facts, people, reports

urlpatterns = [
    path("analytics/tool-invocations", facts.ToolInvocationView.as_view(), name="analytics-tool-invocations"),
    path("analytics/token-usage", facts.TokenUsageView.as_view(), name="analytics-token-usage"),
    path("analytics/events", facts.EventView.as_view(), name="analytics-events"),
    path("analytics/tools", reports.ToolReportView.as_view(), name="analytics-tools"),
    path("analytics/tokens", reports.TokenReportView.as_view(), name="analytics-tokens"),
    path("analytics/spend", reports.SpendReportView.as_view(), name="analytics-spend"),
    path("analytics/spend/remaining", reports.SpendRemainingView.as_view(), name="analytics-spend-remaining"),
    path("analytics/spend/estimate", reports.SpendEstimateView.as_view(), name="analytics-spend-estimate"),
    path("analytics/performance", reports.PerformanceView.as_view(), name="analytics-performance"),
    path("analytics/system", reports.SystemView.as_view(), name="analytics-system"),
    path("analytics/dashboard", reports.DashboardView.as_view(), name="analytics-dashboard"),
    path("analytics/stream", reports.StreamView.as_view(), name="analytics-stream"),
    path("analytics/cohorts/<str:report>", reports.CohortView.as_view(), name="analytics-cohorts"),
    path("sessions/<uuid:session_id>/analytics", people.SessionAnalyticsView.as_view(), name="session-analytics"),
    path(
        "sessions/<uuid:session_id>/analytics/process",
        people.SessionProcessView.as_view(),
        name="session-analytics-process",
    ),
    path(
        "sessions/<uuid:session_id>/interactions",
        facts.InteractionListView.as_view(),
        name="session-interactions",
    ),
    path("users/<str:user_id>/analytics", people.UserAnalyticsView.as_view(), name="user-analytics"),
]

"""Routes: the API under ``/api/v1``, its contract beside it, the learner's page, the console, and the probes."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from tutor_project.accounts.console import own_password, sign_in
from tutor_project.common.api import docs, probes

api_v1 = [
    path("auth/", include("tutor_project.accounts.api.urls")),
    path("", include("tutor_project.platform.api.urls")),
    path("", include("jobs_app.api.urls")),
    path("", include("documents_app.api.urls")),
    path("", include("sessions_app.api.urls")),
    path("", include("analytics_app.api.urls")),
]

urlpatterns = [
    path("", docs.landing, name="landing"),
    path("learn", docs.learn, name="learn"),
    path("api/v1/", include(api_v1)),
    path("api/schema", docs.SchemaView.as_view(), name="schema"),
    path("api/docs", docs.SwaggerView.as_view(url_name="schema"), name="docs"),
    path("admin/login/", sign_in),
    path("admin/password_change/", admin.site.admin_view(own_password, cacheable=False)),
    path("admin/", admin.site.urls),
    path("livez", probes.livez, name="livez"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]

handler400 = "tutor_project.common.api.exceptions.bad_request"
handler403 = "tutor_project.common.api.exceptions.forbidden"
handler404 = "tutor_project.common.api.exceptions.not_found"
handler500 = "tutor_project.common.api.exceptions.server_error"

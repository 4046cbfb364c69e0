"""The landing page, the learner's page and Swagger UI, with local assets and no inline script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.views import SpectacularSwaggerSplitView

from tutor_project.common.api.probes import checks_of

HEALTH_WORDS = {
    "database": ("The database answers.", "The database does not answer: nothing can be read or stored."),
    "redis": ("Redis answers.", "Redis does not answer: nobody can sign in and new work waits."),
    "heartbeat": ("A worker takes jobs.", "No worker takes jobs: uploads wait until one is started."),
}
"""What the start page says of each thing a stack needs: when it is there, and when it is not."""


def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is, how it is and where to go."""
    checks = checks_of("worker")
    health = [{"passed": passed, "words": HEALTH_WORDS[name][0 if passed else 1]} for name, passed in checks.items()]
    return render(request, "landing.html", {"health": health, "well": all(checks.values())})


def learn(request: HttpRequest) -> HttpResponse:
    """Return the learner's page: a shell; all it shows comes from the REST API, as for any front end."""
    return render(request, "learn.html")


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI with scripts and styles at URLs of their own, as the Content-Security-Policy asks for."""

    template_name = "swagger.html"

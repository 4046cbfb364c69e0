"""The landing page, the learner's page and Swagger UI, with local assets and no inline script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.views import SpectacularSwaggerSplitView


def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go."""
    return render(request, "landing.html")


def learn(request: HttpRequest) -> HttpResponse:
    """Return the learner's page: a shell; all it shows comes from the REST API, as for any front end."""
    return render(request, "learn.html")


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI whose script is a URL of its own, as the Content-Security-Policy asks for."""

"""The landing page, the learner's page, the contract and Swagger UI, with local assets and no inline script."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from tutor_project.common.api.probes import checks_of
from tutor_project.common.memo import KeyedCache

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
    return render(request, "learn.html", {"modules": _modules()})


@cache
def _modules() -> tuple[str, ...]:
    """Return the scripts that the page's first one leads to: named at once, a browser need not find them one behind the other."""
    folder = settings.BASE_DIR / "tutor_project" / "static"
    found = (path.relative_to(folder) for path in (folder / "learn").rglob("*.js") if "vendor" not in path.parts)
    return tuple(sorted(path.as_posix() for path in found if path.name != "main.js"))


_written: KeyedCache[bytes] = KeyedCache(4)


class SchemaView(SpectacularAPIView):
    """The contract as YAML or JSON: written once by each process, or asking for it would be the dearest thing to ask."""

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the whole contract, the same to everybody."""
        renderer = request.accepted_renderer
        text = _written.get(
            renderer.media_type,
            lambda: renderer.render(self.generator_class().get_schema(public=True), renderer_context={}),
        )
        return HttpResponse(text, content_type=f"{renderer.media_type}; charset=utf-8")


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI with scripts and styles at URLs of their own, as the Content-Security-Policy asks for."""

    template_name = "swagger.html"

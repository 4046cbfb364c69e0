"""The console's log-in page."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase

from tutor_project.accounts.forms import ConsoleSignInForm


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Log in to the console; an attempt that was not judged is answered with its own status and Retry-After."""
    response = admin.site.login(request)
    form = getattr(response, "context_data", {}).get("form")
    if isinstance(form, ConsoleSignInForm) and form.refusal is not None:
        response.status_code = form.refusal.status
        if (seconds := form.refusal.data.get("retry_after_seconds")) is not None:
            response.headers["Retry-After"] = str(seconds)
    return response

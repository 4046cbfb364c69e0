"""The console's log-in page, and the page where one's own password is changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse_lazy

from tutor_project.accounts.forms import ConsoleSignInForm, OwnPasswordForm
from tutor_project.common.doors import address_of


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Log in to the console; an attempt that was not judged is answered with its own status and Retry-After."""
    return _told(admin.site.login(request))


def own_password(request: HttpRequest) -> HttpResponseBase:
    """Change one's own password; guesses at the old one are counted as at a log-in."""
    request.current_app = admin.site.name  # type: ignore[attr-defined]
    return _told(_OwnPassword.as_view(extra_context=admin.site.each_context(request))(request))


class _OwnPassword(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "address": address_of(self.request)}


def _told(response: Any) -> HttpResponseBase:
    form = (getattr(response, "context_data", None) or {}).get("form")
    if isinstance(form, ConsoleSignInForm | OwnPasswordForm):
        form.errors  # noqa: B018 - a form is judged when it is asked for its errors
        if form.refusal is not None:
            response.status_code = form.refusal.status
            if (seconds := form.refusal.data.get("retry_after_seconds")) is not None:
                response.headers["Retry-After"] = str(seconds)
    made: HttpResponseBase = response
    return made

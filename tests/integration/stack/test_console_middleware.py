"""The console's middleware passes the API by, and lets nothing in by that."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

pytestmark = pytest.mark.django_db


def careless(request: HttpRequest) -> HttpResponse:
    """A view that is not exempt from CSRF checks, where only token views should be."""
    return HttpResponse("done")


urlpatterns = [path("api/v1/careless", careless), path("", include("tutor_project.urls"))]


def test_the_console_refuses_a_form_without_its_csrf_token() -> None:
    assert Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"}).status_code == 403


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_below_the_api_that_relies_on_csrf_checks_is_refused_not_left_open() -> None:
    assert Client(enforce_csrf_checks=True).post("/api/v1/careless").status_code == 403


def test_a_session_of_the_console_is_no_key_to_the_api(make_user: Any) -> None:
    client = Client()
    client.force_login(make_user("staff", is_staff=True))
    answer = client.get("/api/v1/auth/me")
    assert answer.status_code == 401
    assert not answer.cookies
    assert client.get("/admin/", follow=False).status_code in (200, 302, 403)

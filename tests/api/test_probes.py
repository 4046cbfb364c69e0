"""Probes as an orchestrator asks for them: by the address of the container, not by the name of the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

ADDRESS = "10.42.0.7:8000"
"""Whatever network the container is in: no list of hosts can hold it."""


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz?role=web", "/metrics"])
def test_a_probe_answers_whatever_host_it_is_asked_by(settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = ["tutor.example.org"]
    settings.METRICS_TOKEN = ""
    assert Client().get(path, headers={"Host": ADDRESS}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/learn", "/admin/login/", "/api/v1/auth/me", "/livez/more"])
def test_everything_else_refuses_a_host_that_is_not_listed(settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = ["tutor.example.org"]
    assert Client().get(path, headers={"Host": ADDRESS}).status_code == 400

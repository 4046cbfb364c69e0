"""Fixtures of the tests that use the database and Redis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.support.console import console_client
from tests.support.fixtures import *
from tests.support.owned import owned  # noqa: F401  (a fixture)
from tutor_project.platform.roles import roles_seed


@pytest.fixture
def member(make_user: Callable[..., Any]) -> Callable[[str], Client]:
    """Return a maker of clients signed in with one role."""
    roles_seed()

    def make(role: str) -> Client:
        user = make_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return console_client(user)

    return make

"""The access matrix: every route and method against every role that must not get in."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from tests.support.access import ACCESS, Rule
from tests.support.fixtures import client_for
from tests.support.owned import url_of
from tutor_project.platform.roles import roles_seed

pytestmark = pytest.mark.django_db

CASES = [(route, method) for route, access in ACCESS.items() for method in access.methods]
STAFF = ("viewer", "teacher", "operator", "administrator")
NOBODY_ELSE: dict[str, set[int]] = {"anonymous": {401}, "other learner": {403}, "owner": {403}}
REFUSED: dict[Rule, dict[str, set[int]]] = {
    "self": {"anonymous": {401}},
    "owned": {"anonymous": {401}, "other learner": {403, 404}, **{role: {403, 404} for role in STAFF}},
    "staff": NOBODY_ELSE,
    "teacher": {**NOBODY_ELSE, "no role": {403}, "viewer": {403}, "operator": {403}},
    "operator": {**NOBODY_ELSE, "no role": {403}, "viewer": {403}, "teacher": {403}},
    "administrator": {**NOBODY_ELSE, "no role": {403}, "viewer": {403}, "teacher": {403}, "operator": {403}},
}
GRANTED: dict[Rule, tuple[str, ...]] = {
    "staff": STAFF,
    "teacher": ("teacher", "administrator"),
    "operator": ("operator", "administrator"),
    "administrator": ("administrator",),
}


class Clients(dict[str, APIClient]):
    """A client a role, signed in when it is first asked for; "no role" is staff without any permission."""

    def __init__(self, owner: Any) -> None:
        super().__init__(anonymous=APIClient(), owner=client_for(owner))

    def __missing__(self, role: str) -> APIClient:
        user = get_user_model().objects.create(username=role, is_staff=role != "other learner")
        if role in STAFF:
            if not Group.objects.exists():
                roles_seed()
            user.groups.add(Group.objects.get(name=role))
        self[role] = client_for(user)
        return self[role]


@pytest.fixture
def clients(learner: Any) -> Clients:
    return Clients(learner)


# Staff see every learner's jobs and figures: these are theirs to watch, not to own.
WATCHED_BY_STAFF = {
    "jobs/<uuid:job_id>", "jobs/<uuid:job_id>/events", "users/<str:user_id>/analytics",
    "sessions/<uuid:session_id>/analytics", "sessions/<uuid:session_id>/analytics/process",
    "sessions/<uuid:session_id>/interactions",
}  # fmt: skip
# Operators act on every learner's jobs.
OPERATED = {"jobs/<uuid:job_id>/retry", "jobs/<uuid:job_id>/cancel"}


def watched(role: str, route: str) -> bool:
    """Whether a member of staff may go to a learner's own route."""
    if route in OPERATED:
        return role in ("operator", "administrator")
    return role in STAFF and route in WATCHED_BY_STAFF


@pytest.mark.parametrize(("route", "method"), CASES, ids=[f"{method} {route}" for route, method in CASES])
def test_who_must_not_get_in_does_not_and_who_may_does(
    route: str, method: str, owned: dict[str, str], clients: Clients
) -> None:
    rule = ACCESS[route].rule_of(method)

    def status_for(role: str) -> int:
        response = getattr(clients[role], method)(url_of(route, owned), {} if method != "get" else None)
        return int(response.status_code)

    for role, expected in REFUSED.get(rule, {}).items():
        if not (rule == "owned" and watched(role, route)):
            assert status_for(role) in expected, role
    for role in GRANTED.get(rule, ()):
        if "stream" not in route:
            assert status_for(role) not in (401, 403), role


def test_an_object_that_is_not_there_looks_like_one_that_is_not_yours(clients: Clients, owned: dict[str, str]) -> None:
    other = clients["other learner"]
    theirs = other.get(f"/api/v1/sessions/{owned['session_id']}").json()["errors"]
    nobodys = other.get(f"/api/v1/sessions/{uuid.uuid4()}").json()["errors"]
    assert theirs == nobodys

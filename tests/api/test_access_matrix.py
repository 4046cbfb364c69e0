"""The access matrix: every route and method against every role that must not get in."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from rest_framework.test import APIClient

from documents_app.models import Document, StoredFile
from jobs_app.services.creation import job_create
from sessions_app.models import Folder, LearningSession, Question, Quiz, ReviewCard
from tests.support.access import ACCESS, Rule
from tests.support.fixtures import client_for
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


@pytest.fixture
def owned(learner: Any) -> dict[str, str]:
    """One object of each kind, all of the learner."""
    folder = Folder.objects.create(owner=learner, name="Theirs")
    session = LearningSession.objects.create(owner=learner, title="Theirs", folder=folder)
    stored = StoredFile.objects.create(sha256="0" * 64, size=1, path="files/00/0")
    document = Document.objects.create(
        owner=learner, session_id=session.pk, file=stored, filename="theirs.txt", mime_type="text/plain", size=1
    )
    question = Question.objects.create(
        owner=learner,
        session=session,
        kind="true_false",
        stem="Theirs?",
        key={"type": "boolean", "value": True},
        engine="builtin",
        fingerprint="f" * 16,
    )
    quiz = Quiz.objects.create(
        session=session, owner=learner, title="Theirs", difficulty="easy", passing_score=70, total_points=1,
        estimated_completion_time_minutes=1, requested_count=1,
    )  # fmt: skip
    card = ReviewCard.objects.create(owner=learner, question=question, session=session, state={}, due_at=timezone.now())
    return {
        "job_id": str(job_create(job_type="ping", owner_id=learner.pk).pk),
        "document_id": str(document.pk),
        "folder_id": str(folder.pk),
        "session_id": str(session.pk),
        "quiz_id": str(quiz.pk),
        "review_id": str(card.pk),
        "question_id": str(question.pk),
        "answer_id": str(uuid.uuid4()),
        "user_id": str(learner.pk),
        "key": "UPLOAD_MAX_FILES",
        "report": "active-learners",
        "page": "1",
        "n": "1",
        "model_id": "environment",
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


def url_of(route: str, owned: dict[str, str]) -> str:
    return "/api/v1/" + re.sub(r"<\w+:(\w+)>", lambda match: owned[match[1]], route)


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

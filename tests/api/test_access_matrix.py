"""The access matrix: every route and method against every role that must not get in."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from documents_app.models import Document, StoredFile
from jobs_app.services.creation import job_create
from sessions_app.models import Folder, LearningSession, Question, Quiz, ReviewCard
from tests.support.access import ACCESS, Rule
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

CASES = [(route, method) for route, access in ACCESS.items() for method in access.methods]
REFUSED: dict[Rule, dict[str, set[int]]] = {
    "self": {"anonymous": {401}},
    "owned": {"anonymous": {401}, "other learner": {403, 404}, "viewer": {403, 404}},
    "staff": {"anonymous": {401}, "other learner": {403}, "owner": {403}},
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
        key={},
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
    }


@pytest.fixture
def clients(learner: Any, make_user: Any) -> dict[str, APIClient]:
    """A client a role; the viewer is staff without any permission."""
    return {
        "anonymous": APIClient(),
        "owner": client_for(learner),
        "other learner": client_for(make_user("other")),
        "viewer": client_for(make_user("viewer", is_staff=True)),
    }


def url_of(route: str, owned: dict[str, str]) -> str:
    return "/api/v1/" + re.sub(r"<\w+:(\w+)>", lambda match: owned[match[1]], route)


# Staff see every learner's jobs and figures: these are theirs to watch, not to own.
WATCHED_BY_STAFF = {
    "jobs/<uuid:job_id>", "jobs/<uuid:job_id>/events", "jobs/<uuid:job_id>/retry", "jobs/<uuid:job_id>/cancel",
    "users/<str:user_id>/analytics", "sessions/<uuid:session_id>/analytics", "sessions/<uuid:session_id>/analytics/process",
    "sessions/<uuid:session_id>/interactions",
}  # fmt: skip


@pytest.mark.parametrize(("route", "method"), CASES, ids=[f"{method} {route}" for route, method in CASES])
def test_who_must_not_get_in_does_not(
    route: str, method: str, owned: dict[str, str], clients: dict[str, APIClient]
) -> None:
    rule = ACCESS[route].rule_of(method)
    for role, expected in REFUSED.get(rule, {}).items():
        if role == "viewer" and route in WATCHED_BY_STAFF:
            continue
        response = getattr(clients[role], method)(url_of(route, owned), {} if method != "get" else None)
        assert response.status_code in expected, f"{role}: {response.status_code} {response.content[:200]!r}"


def test_an_object_that_is_not_there_looks_like_one_that_is_not_yours(
    clients: dict[str, APIClient], owned: dict[str, str]
) -> None:
    other = clients["other learner"]
    theirs = other.get(f"/api/v1/sessions/{owned['session_id']}").json()["errors"]
    nobodys = other.get(f"/api/v1/sessions/{uuid.uuid4()}").json()["errors"]
    assert theirs == nobodys

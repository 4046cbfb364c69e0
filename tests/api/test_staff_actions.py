"""Every action of the console × every role: who may, who may not, and the entry it leaves.

The table is compared with the registry, so a new action fails until it stands here with the roles that may use it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client, RequestFactory
from django_celery_beat.models import PeriodicTask

from documents_app.models import Document, EmbeddingSpace, SessionAnalysis, StoredFile
from documents_app.retrieval.spaces import spaces_in_use
from jobs_app.models import Job
from jobs_app.services.scheduling import schedules_seed
from sessions_app.models import LearningSession, Question
from tests.integration.documents.searchable import document
from tests.support.console import console_client, make_question
from tests.support.fixtures import client_for
from tutor_project.common.console import MAX_ROWS
from tutor_project.platform.models import Alert, ModelProfile
from tutor_project.platform.roles import roles_seed

pytestmark = pytest.mark.django_db

ROLES = ("no role", "viewer", "teacher", "operator", "administrator")
OPERATORS = {"operator", "administrator"}
TEACHERS = {"teacher", "administrator"}

ACTIONS: dict[tuple[str, str], set[str]] = {
    ("accounts.User", "revoke_tokens"): {"administrator"},
    ("accounts.User", "make_reset_link"): {"administrator"},
    ("platform.ModelProfile", "test"): {"administrator"},
    ("platform.Alert", "acknowledge"): OPERATORS,
    ("django_celery_beat.PeriodicTask", "enable_tasks"): OPERATORS,
    ("django_celery_beat.PeriodicTask", "disable_tasks"): OPERATORS,
    ("django_celery_beat.PeriodicTask", "run_now"): OPERATORS,
    ("jobs_app.Job", "retry"): OPERATORS,
    ("jobs_app.Job", "cancel"): OPERATORS,
    ("jobs_app.Job", "run_now"): OPERATORS,
    ("documents_app.Document", "retry"): OPERATORS,
    ("documents_app.Document", "reembed"): OPERATORS,
    ("documents_app.Document", "analyse_again"): OPERATORS,
    ("documents_app.SessionAnalysis", "analyse_again"): OPERATORS,
    ("documents_app.EmbeddingSpace", "reembed"): OPERATORS,
    ("sessions_app.Question", "publish"): TEACHERS,
    ("sessions_app.Question", "quarantine"): TEACHERS,
    ("sessions_app.Question", "retire"): TEACHERS,
}


@pytest.fixture
def member(make_user: Callable[..., Any]) -> Callable[[str], Any]:
    """Return a maker of accounts of a role."""
    roles_seed()

    def make(role: str) -> Any:
        user = get_user_model().objects.create(username=role, is_staff=True)
        if role != "no role":
            user.groups.add(Group.objects.get(name=role))
        return user

    return make


def _document(owner: Any, session: LearningSession, status: str) -> Document:
    made = document(owner, session.pk, "Cells are full of water.", name="cells.txt")
    Document.objects.filter(pk=made.pk).update(status=status)
    return Document.objects.get(pk=made.pk)


def subject(label: str, action: str, owner: Any) -> models.Model:
    """A row on which the action does something."""
    session = LearningSession.objects.create(owner=owner, title="Cells")
    match label:
        case "accounts.User":
            client_for(owner)
            return owner
        case "platform.ModelProfile":
            return ModelProfile.objects.create(
                name="local", provider="openai_compatible", model="tiny", base_url="http://127.0.0.1:9/v1"
            )
        case "platform.Alert":
            return Alert.objects.create(code="queue_old", message="Old.")
        case "django_celery_beat.PeriodicTask":
            schedules_seed()
            return PeriodicTask.objects.get(name="health-check")
        case "jobs_app.Job":
            return Job.objects.create(
                job_type="ping", status="failed" if action == "retry" else "pending", owner=owner, max_attempts=1
            )
        case "documents_app.Document" if action == "retry":
            return _with_file(_document(owner, session, "failed"))
        case "documents_app.Document":
            return _document(owner, session, "completed")
        case "documents_app.SessionAnalysis":
            _document(owner, session, "completed")
            return SessionAnalysis.objects.create(owner=owner, session_id=session.pk, analysis_type="full_analysis")
        case "documents_app.EmbeddingSpace":
            return EmbeddingSpace.objects.get(pk=spaces_in_use()[0].id)
        case _:
            state = Question.State.VERIFIED if action == "publish" else Question.State.PUBLISHED
            return make_question(session, 1, state=state)


def _with_file(made: Document) -> Document:
    made.file = StoredFile.objects.create(sha256=uuid4().hex * 2, size=1, path="files/00/0")
    made.save()
    return made


def send(client: Client, label: str, action: str, row: models.Model, **more: Any) -> Any:
    app, model = label.lower().split(".")
    path = f"/admin/{app}/{model}/"
    return client.post(path, {"action": action, "_selected_action": [str(row.pk)], **more}, follow=True)


def offered(user: Any, label: str) -> set[str]:
    """The actions that the list of a model offers to somebody."""
    request = RequestFactory().get("/admin/")
    request.user = user
    [found] = [entry for model, entry in admin.site._registry.items() if model._meta.label == label]
    return set(found.get_actions(request))


def test_every_action_stands_in_the_table_and_no_other() -> None:
    declared = {
        (model._meta.label, name if isinstance(name, str) else name.__name__)
        for model, entry in admin.site._registry.items()
        for name in (*entry.actions, *getattr(entry, "actions_list", ()), *getattr(entry, "actions_row", ()),
                     *getattr(entry, "actions_detail", ()), *getattr(entry, "actions_submit_line", ()))
    }  # fmt: skip
    assert declared == set(ACTIONS)


def test_every_action_names_the_permission_it_checks() -> None:
    for model, entry in admin.site._registry.items():
        for name in entry.actions:
            method = getattr(entry, name)
            assert getattr(method, "required_permission", ""), f"{model._meta.label}.{name}"


@pytest.mark.parametrize(("label", "action"), ACTIONS, ids=[f"{label}.{action}" for label, action in ACTIONS])
def test_an_action_is_offered_to_its_roles_works_for_them_and_leaves_an_entry(
    label: str, action: str, member: Callable[[str], Any], learner: Any
) -> None:
    row = subject(label, action, learner)
    for role in ROLES:
        user = member(role)
        may = role in ACTIONS[label, action]
        assert (action in offered(user, label)) is may, role
        if may:
            continue
        response = send(console_client(user), label, action, row)
        assert response.status_code in (200, 403), role
        assert not LogEntry.objects.exists(), role
    allowed = get_user_model().objects.get(username=sorted(ACTIONS[label, action])[-1])
    response = send(console_client(allowed), label, action, row)
    assert response.status_code == 200
    entry = LogEntry.objects.get(object_id=str(row.pk))
    assert (entry.user, entry.action_flag) == (allowed, 2)
    assert entry.change_message


@pytest.mark.parametrize("label", sorted({label for label, _ in ACTIONS}))
def test_no_action_takes_more_rows_than_it_can_finish(label: str, monkeypatch: pytest.MonkeyPatch, staff: Any) -> None:
    """10,000 rows are refused by their number alone: the rows behind it are never read."""
    read: list[int] = []

    class ManyRows:
        def __getitem__(self, part: slice) -> list[None]:
            read.append(part.stop)
            return [None] * part.stop

    [entry] = [entry for model, entry in admin.site._registry.items() if model._meta.label == label]
    said: list[str] = []
    monkeypatch.setattr(type(entry), "message_user", lambda self, request, message, level: said.append(message))
    request = RequestFactory().post("/admin/")
    request.user = staff
    for name in entry.actions:
        getattr(entry, name)(request, ManyRows())
    assert read == [MAX_ROWS + 1] * len(entry.actions)
    assert all(f"Nothing was changed: an action takes at most {MAX_ROWS} rows." in message for message in said)

"""What made people stumble in the console: pages without a way back, other people's figures, numbers without units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from analytics_app.models import SpendReservation
from documents_app.models import Document
from jobs_app.admin.jobs import health_with_units
from jobs_app.admin.schedules import interval_words
from jobs_app.models import Job, SystemStatus
from sessions_app.models import LearningSession
from tests.support.console import console_client
from tutor_project.common.models import new_id
from tutor_project.llm.profiles import TASKS
from tutor_project.platform.admin.models import FOR
from tutor_project.platform.models import Alert

pytestmark = pytest.mark.django_db

BROWSER = {"headers": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}}
OF_OPERATORS = ("Response time", "Model spend", "Who spent most", "Jobs by type")


def test_who_teaches_is_shown_who_struggles_before_how_the_service_runs(member: Callable[[str], Client]) -> None:
    teacher = member("teacher")
    page = teacher.get("/admin/").content.decode()
    assert "Who struggles</span>" in page
    assert [title for title in OF_OPERATORS if title in page] == []
    for shown in (teacher.get("/admin/?all"), member("operator").get("/admin/")):
        assert [title for title in OF_OPERATORS if title in shown.content.decode()] == list(OF_OPERATORS)


def test_a_page_that_a_role_does_not_open_says_so_and_leads_back(member: Callable[[str], Client]) -> None:
    operator = member("operator")
    page = operator.get("/admin/platform/modelprofile/add/", **BROWSER)
    assert (page.status_code, "text/html" in page["Content-Type"]) == (403, True)
    assert "Your role does not allow this." in page.content.decode()
    assert 'href="/admin/"' in page.content.decode()


@pytest.mark.parametrize("path", ["/nonsense", "/admin/nonsense/"])
def test_an_address_that_is_not_there_is_a_page_for_people(member: Callable[[str], Client], path: str) -> None:
    page = member("viewer").get(path, **BROWSER)
    assert (page.status_code, "text/html" in page["Content-Type"]) == (404, True)
    assert "There is nothing here" in page.content.decode()


@pytest.mark.parametrize("path", ["/nonsense", "/api/v1/nonsense"])
def test_an_address_that_is_not_there_is_the_one_shape_for_programs(client: Client, path: str) -> None:
    asked = BROWSER if path.startswith("/api/") else {}
    answer = client.get(path, **asked)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_lists_write_moments_as_the_dashboard_does(member: Callable[[str], Client], learner: Any) -> None:
    job = Job.objects.create(job_type="ping", status="completed", owner=learner)
    page = member("operator").get("/admin/jobs_app/job/").content.decode()
    assert f"{job.created_at.day} {job.created_at:%b %Y, %H:%M}" in page
    assert "p.m." not in page and "a.m." not in page


def test_of_the_queue_and_the_bank_one_is_marked_in_the_menu(member: Callable[[str], Client]) -> None:
    teacher = member("teacher")
    for path, title in (
        ("/admin/sessions_app/question/review/", "Review queue"),
        ("/admin/sessions_app/question/", "Question bank"),
    ):
        groups = teacher.get(path).context["sidebar_navigation"]
        assert [item["title"] for group in groups for item in group["items"] if item["active"]] == [title]


PICTURE = {
    "status": "degraded", "disk": {"free": 72_013_844_480, "total": 270_553_174_016, "free_share": 0.266},
    "load": {"cpu": 1.0, "load": 1.0, "memory": 0.224, "queue_age": 0.0}, "redis": {"memory": 1_899_888, "status": "ok"},
    "queues": {"low": {"depth": 3, "oldest_age": 71.6}}, "system_load": 1.0,
    "findings": [{"code": "disk_low", "message": "Less than 30 % of the disk is free.", "severity": "warning"}],
    "last_updated": "2026-11-30T17:48:46.759084+00:00",
}  # fmt: skip


def test_every_figure_of_health_has_its_unit() -> None:
    told = health_with_units(PICTURE)
    assert told["disk"] == {"free": "67.1 GB", "total": "252 GB", "free_share": "27 %"}
    assert told["redis"] == {"memory": "1.8 MB", "status": "ok"}
    assert told["queues"]["low"] == {"depth": 3, "oldest_age": "72 s"}
    assert (told["load"]["memory"], told["system_load"]) == ("22 %", "100 %")
    assert health_with_units({}) == {"queues": {}}


def test_the_page_of_a_measurement_says_in_words_what_was_found(member: Callable[[str], Client]) -> None:
    row = SystemStatus.objects.create(status="degraded", picture=PICTURE)
    page = member("operator").get(f"/admin/jobs_app/systemstatus/{row.pk}/change/").content.decode()
    assert "Less than 30 % of the disk is free." in page
    assert "30 Nov 2026, 17:48" in page


@pytest.mark.parametrize(
    ("every", "period", "words"),
    [
        (900, "seconds", "every 15 minutes"), (3600, "seconds", "every hour"), (7, "minutes", "every 7 minutes"),
        (15, "seconds", "every 15 seconds"), (1, "days", "every day"), (48, "hours", "every 2 days"),
        (5, "microseconds", "every 5 microseconds"),
    ],
)  # fmt: skip
def test_an_interval_is_said_in_the_unit_that_people_would_use(every: int, period: str, words: str) -> None:
    assert interval_words(every, period) == words


@pytest.fixture
def admin(staff: Any) -> Client:
    """A client of somebody who may see everything."""
    return console_client(staff)


def test_columns_are_called_as_people_write_them(admin: Client, learner: Any) -> None:
    SpendReservation.objects.create(
        id=new_id(), day=date.today(), user=learner, model="m", feature="answer", reserved_usd=1
    )
    heads = admin.get("/admin/analytics_app/spendreservation/").content.decode()
    assert "Reserved USD" in heads and "Settled USD" in heads
    form = admin.get("/admin/platform/modelprofile/add/").content.decode()
    assert "Base URL" in form and "API key" in form and "Prompt USD" in form
    assert [word for word in ("Base url", "Api key", " usd") if word in heads + form] == []


def test_each_task_of_a_model_says_what_it_is(admin: Client) -> None:
    form = admin.get("/admin/platform/modelprofile/add/").content.decode()
    assert [task for task in TASKS if f"{task}: {FOR[task]}" not in form] == []


def test_a_document_is_called_as_its_file_is(admin: Client, learner: Any) -> None:
    session = LearningSession.objects.create(owner=learner, title="Cells")
    document = Document.objects.create(
        owner=learner, session_id=session.pk, filename="lecture-3.pdf", mime_type="application/pdf", size=1
    )
    page = admin.get(f"/admin/documents_app/document/{document.pk}/change/").content.decode()
    assert "lecture-3.pdf" in page and "Lecture-3.pdf" not in page
    assert "open the session" in page


def test_an_alert_says_what_is_wrong_in_words(admin: Client) -> None:
    Alert.objects.create(code="model_not_answering:closed", severity="warning", message="No answer.")
    for path in ("/admin/?all", "/admin/platform/alert/"):
        assert "Model not answering (closed)" in admin.get(path).content.decode()

"""What a teacher sees of learners: who struggles, what is missed, one learner; and every list as a file."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics_app.console.reports import PAGES
from analytics_app.selectors.cohorts import REPORTS
from documents_app.models import Document
from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Message, Quiz, QuizAttempt
from tests.support.console import console_client, make_question
from tutor_project.common.console import ConsoleAdmin
from tutor_project.platform.roles import roles_seed

pytestmark = pytest.mark.django_db

UUID_TEXT = re.compile(r">[^<]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[^<]*<")
LEARNER_QUERIES = 16


@pytest.fixture
def console(staff: Any) -> Client:
    return console_client(staff)


def make_learner(name: str, beliefs: dict[str, tuple[float, float, int]]) -> Any:
    person = get_user_model().objects.create(username=name)
    session = LearningSession.objects.create(owner=person, title=f"Biology of {name}")
    for concept, (probability, low, answers) in beliefs.items():
        MasteryState.objects.create(
            owner=person, session=session, concept=concept, probability=probability, low=low, high=0.99,
            answer_count=answers,
        )  # fmt: skip
    return person


@pytest.fixture
def learners() -> dict[str, Any]:
    return {
        "ann": make_learner("ann", {"osmosis": (0.123456789, 0.1, 9), "light": (0.4, 0.3, 5), "sugar": (0.9, 0.8, 9)}),
        "bob": make_learner("bob", {"osmosis": (0.95, 0.9, 9)}),
        "cem": make_learner("cem", {"osmosis": (0.1, 0.0, 2)}),
    }


def learner_page(person: Any) -> str:
    return reverse("admin:learner", args=[person.pk])


def report_page(name: str) -> str:
    return reverse("admin:report", args=[name])


def file_of(response: Any) -> list[list[str]]:
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_who_struggles_names_the_learner_and_with_what(console: Client, learners: dict[str, Any]) -> None:
    page = console.get(report_page("struggling-learners"))
    assert [row["cells"][:4] for row in page.context["rows"]] == [["ann", "osmosis; light", "2 of 3", "47\u202f%"]]
    assert page.context["rows"][0]["link"] == learner_page(learners["ann"])
    assert report_page("struggling-learners") in console.get("/admin/").content.decode()


def test_a_report_of_one_folder_counts_that_folder_alone(console: Client, learners: dict[str, Any]) -> None:
    from sessions_app.models import Folder

    folder = Folder.objects.create(owner=learners["bob"], name="Course")
    LearningSession.objects.filter(owner=learners["bob"]).update(folder=folder)
    assert console.get(report_page("struggling-learners"), {"folder": str(folder.pk)}).context["rows"] == []
    assert console.get(report_page("mastery"), {"folder": "nonsense"}).status_code == 404


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_each_report_is_a_page_and_a_file(console: Client, learners: dict[str, Any], name: str) -> None:
    page = console.get(report_page(name))
    assert page.status_code == 200
    table = file_of(console.get(report_page(name), {"csv": "1"}))
    assert table[0] == list(PAGES[name].heads)
    assert len(table) == len(page.context["rows"]) + 1


def test_no_cell_of_a_file_is_a_formula(console: Client) -> None:
    make_learner("eve", {"=HYPERLINK(1)": (0.1, 0.0, 9)})
    table = file_of(console.get(report_page("mastery"), {"csv": "1"}))
    assert table[1][0] == "'=HYPERLINK(1)"


def test_the_page_of_a_learner_is_in_words(console: Client, learners: dict[str, Any]) -> None:
    ann = learners["ann"]
    session = LearningSession.objects.get(owner=ann)
    question = make_question(session, 1)
    AnswerRecord.objects.create(question=question, owner=ann, session=session, verdict="incorrect", option_id="o1-2")
    quiz = Quiz.objects.create(
        owner=ann, session=session, title="First quiz", difficulty="easy", passing_score=70, total_points=1,
        estimated_completion_time_minutes=1, requested_count=1,
    )  # fmt: skip
    QuizAttempt.objects.create(
        quiz=quiz, owner=ann, number=1, status="submitted", score_percentage=33.333333333333336, passed=False
    )
    Document.objects.create(
        owner=ann, session_id=session.pk, filename="leaf.pdf", mime_type="application/pdf", size=2048, status="failed"
    )
    Message.objects.create(session=session, turn_no=1, role="user", content="What is osmosis?")
    Message.objects.create(session=session, turn_no=2, role="assistant", content="Water moves through a membrane.")
    with CaptureQueriesContext(connection) as queries:
        page = console.get(learner_page(ann)).content.decode()
    assert len(queries) <= LEARNER_QUERIES
    for words in (
        "shaky",
        "solid",
        "Option 2 of 1",
        "Incorrect",
        "First quiz",
        "33 %",
        "not passed",
        "leaf.pdf",
        "Failed",
    ):
        assert words in page, words
    assert page.index("What is osmosis?") < page.index("Water moves through a membrane.")
    assert UUID_TEXT.search(page) is None
    assert "33.333" not in page


def test_a_learner_who_is_not_there_and_a_session_of_another_are_not_found(
    console: Client, learners: dict[str, Any]
) -> None:
    other = LearningSession.objects.get(owner=learners["bob"])
    address = learner_page(learners["ann"])
    assert console.get(address, {"session": str(other.pk)}).status_code == 404
    assert console.get(learner_page(other)).status_code == 404


def test_pages_of_learners_need_the_permission(make_user: Any, learners: dict[str, Any]) -> None:
    stranger = console_client(make_user("helper", is_staff=True))
    assert stranger.get(report_page("mastery")).status_code == 403
    assert stranger.get(learner_page(learners["ann"])).status_code == 403


def test_every_list_is_given_as_a_file(console: Client, learners: dict[str, Any]) -> None:
    for model, page in admin.site._registry.items():
        if not isinstance(page, ConsoleAdmin):
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert "csv=1" in console.get(address).content.decode(), address
        assert len(file_of(console.get(address, {"csv": "1"}))[0]) > 0, address


def test_the_file_keeps_to_the_filters_of_the_list(console: Client, learners: dict[str, Any]) -> None:
    table = file_of(console.get("/admin/sessions_app/masterystate/", {"csv": "1", "q": "sugar"}))
    assert [row[0] for row in table] == ["Concept", "sugar"]


def test_a_teacher_sees_a_menu_of_teaching(make_user: Any) -> None:
    roles_seed()

    def menu(role: str) -> set[str]:
        person = make_user(role, is_staff=True)
        person.groups.add(Group.objects.get(name=role))
        page = console_client(person).get("/admin/")
        return set(re.findall(r"<span>([^<]+)</span>", page.content.decode()))

    teacher, operator = menu("teacher"), menu("operator")
    assert {"Who struggles", "Review queue", "Question bank", "Documents"} <= teacher
    assert teacher.isdisjoint({"Jobs", "Settings", "Feature flags", "Spending ledger", "Crontabs"})
    assert {"Who struggles", "Jobs", "Settings", "Feature flags", "Spending ledger", "Crontabs"} <= operator


def test_what_may_be_done_with_a_document_is_on_its_page_and_leads_back_there(
    console: Client, learners: dict[str, Any]
) -> None:
    ann = learners["ann"]
    document = Document.objects.create(
        owner=ann, session_id=LearningSession.objects.get(owner=ann).pk, filename="leaf.pdf", size=5 * 2**20,
        mime_type="application/pdf", status="failed", error_code="file_broken", timings={"total_ms": 1.23456789},
    )  # fmt: skip
    address = reverse("admin:documents_app_document_change", args=[document.pk])
    page = console.get(address).content.decode()
    assert 'name="action" value="retry"' in page
    assert "5.0 MB" in page
    assert "1.23456789" not in page
    assert page.index("For support") < page.index(str(document.pk), page.index("For support"))
    data = {"action": "retry", "_selected_action": str(document.pk), "back": "page", "index": "0"}
    response = console.post(reverse("admin:documents_app_document_changelist"), data)
    assert (response.status_code, response["Location"]) == (302, address)

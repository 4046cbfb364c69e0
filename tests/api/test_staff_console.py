"""The staff console: pages render with bounded queries, actions check permission and leave an audit entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from knox.models import AuthToken

from documents_app.models import Document
from jobs_app.models import Job
from jobs_app.services.scheduling import schedule_fire, schedules_seed
from sessions_app.models import AnswerRecord, LearningSession, Question, ReviewCard
from tests.support.console import console_client, make_question
from tests.support.fixtures import client_for
from tutor_project.common.console import MAX_ROWS
from tutor_project.common.console.paginator import BoundedPaginator
from tutor_project.platform.models import Alert
from tutor_project.platform.roles import roles_seed

pytestmark = pytest.mark.django_db

DASHBOARD_QUERIES = 28
"""Two below the budget: those who are no superusers cost two more for their permissions."""
LIST_QUERIES = 16
"""Session, person, permissions, the two counts of the sidebar, count and rows of the page, its filters' choices."""


@pytest.fixture
def console(staff: Any) -> Client:
    return console_client(staff)


@pytest.fixture
def rows(db: None) -> list[Job]:
    """Many rows of many people, so that a query a row shows."""
    jobs = []
    for number in range(12):
        owner = get_user_model().objects.create(username=f"learner{number}")
        session = LearningSession.objects.create(owner=owner, title=f"Session {number}")
        question = make_question(session, number)
        AnswerRecord.objects.create(question=question, owner=owner, session=session, verdict="needs_review", text="x")
        Document.objects.create(
            owner=owner,
            session_id=session.pk,
            filename="a.pdf",
            mime_type="application/pdf",
            size=2048,
            status="failed",
        )
        job_input = {"session_id": str(session.pk)}
        jobs.append(Job.objects.create(job_type="ping", status="failed", owner=owner, input=job_input, max_attempts=1))
    return jobs


def messages_of(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def act(console: Client, model: str, action: str, rows: list[Any], **more: Any) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return console.post(f"/admin/{model}/", data, follow=True)


def test_the_dashboard_shows_every_span_in_few_queries(console: Client, rows: list[Job]) -> None:
    Alert.objects.create(code="queue_old", message="The oldest job waits for ten minutes.")
    words = ("Active learners", "Response time p95", "Model spend", "Embedding queue", "Queue old", "Spend by model")
    for span in ("hour", "day", "yesterday", "week", "month", "nonsense"):
        with CaptureQueriesContext(connection) as queries:
            response = console.get("/admin/", {"range": span})
        page = response.content.decode()
        assert response.status_code == 200
        assert [word for word in words if word not in page] == []
        assert len(queries) <= DASHBOARD_QUERIES, [query["sql"][:90] for query in queries]


def test_the_dashboard_shows_a_range_that_was_picked(console: Client, rows: list[Job]) -> None:
    now = timezone.now().astimezone(UTC).replace(minute=30, second=0, microsecond=0)
    picked = {"from": f"{now - timedelta(hours=30):%Y-%m-%dT%H:%M}", "to": f"{now - timedelta(hours=6):%Y-%m-%dT%H:%M}"}
    with CaptureQueriesContext(connection) as queries:
        board = console.get("/admin/", picked).context["dashboard"]
    assert len(queries) <= DASHBOARD_QUERIES
    span = board["span"]
    # Whole hours, so that sums that are kept answer.
    assert (span.start, span.end) == (now - timedelta(hours=30, minutes=30), now - timedelta(hours=5, minutes=30))
    assert len(span.moments) == 25
    assert not any(active for _, _, active in board["spans"])
    for out in (board["zoom"]["out"], board["calendar"]["days"][0]["link"]):
        assert console.get(f"/admin/{out}").context["dashboard"]["span"].name == "chosen"
    for start, end in (
        ("x", "y"),
        (picked["to"], picked["from"]),
        ("9999-12-31T23:59",) * 2,
        ("0001-01-01", "0002-01-02"),
    ):
        assert console.get("/admin/", {"from": start, "to": end}).context["dashboard"]["span"].name == "day"


def test_the_dashboard_shows_what_falls_due_and_which_days_were_busy(console: Client, rows: list[Job]) -> None:
    now = timezone.now()
    for question, days in zip(Question.objects.all(), (-3, 0, 2, 2, 40), strict=False):
        due = now + timedelta(days=days)
        ReviewCard.objects.create(
            owner=question.owner, session=question.session, question=question, state={}, due_at=due
        )
    board = console.get("/admin/").context["dashboard"]
    workload = next(chart for chart in board["charts"] if chart["title"] == "Workload")
    assert json.loads(workload["data"])["datasets"][0]["data"][:4] == [2, 0, 2, 0]
    days = board["calendar"]["days"]
    assert days[0]["day"].isoweekday() == 1
    assert days[-1]["day"] == now.astimezone(UTC).date()
    assert len(days) in range(176, 183)


def test_the_dashboard_counts_what_happened(console: Client, rows: list[Job]) -> None:
    Job.objects.update(completed_at=timezone.now() - timedelta(minutes=1))
    board = console.get("/admin/").context["dashboard"]
    cards = {card["title"]: card for card in board["cards"]}
    assert cards["Jobs ended"]["value"] == "12"
    assert cards["Jobs ended"]["note"].startswith("12 failed")
    assert board["jobs"] == [{"job_type": "ping", "words": "Ping", "failed": 12}]


def test_the_console_has_a_policy_of_its_own_and_only_there(console: Client) -> None:
    loose = console.get("/admin/").headers["Content-Security-Policy"]
    assert "'unsafe-eval'" in loose
    script = next(part for part in loose.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in script
    assert "unsafe" not in console.get("/").headers["Content-Security-Policy"]


def test_every_list_opens_with_few_queries(console: Client, rows: list[Job]) -> None:
    schedules_seed()
    console.get("/admin/auth/group/")  # content types and the like are remembered
    costs = {}
    for model in admin.site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        with CaptureQueriesContext(connection) as queries:
            response = console.get(path)
        assert response.status_code == 200, path
        costs[path] = len(queries)
    assert {path: cost for path, cost in costs.items() if cost > LIST_QUERIES} == {}


def test_lists_bring_the_script_for_choosing_only_where_something_is_chosen(console: Client, rows: list[Job]) -> None:
    script = b"RelatedObjectLookups"
    assert script not in console.get("/admin/jobs_app/job/").content
    assert script in console.get("/admin/jobs_app/job/?_popup=1").content


def test_searching_and_opening_a_row_works(console: Client, rows: list[Job]) -> None:
    for model in (Job, Document, Question, AnswerRecord, LearningSession):
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = model.objects.first()
        assert row is not None
        assert console.get(path, {"q": str(row.pk)}).context["cl"].result_count == 1
        assert console.get(path, {"q": "50%_'\"; --"}).status_code == 200
        assert console.get(f"{path}{row.pk}/change/").status_code == 200


def test_a_failed_job_is_retried_from_the_list_and_the_entry_says_who(
    console: Client, staff: Any, rows: list[Job]
) -> None:
    response = act(console, "jobs_app/job", "retry", rows[:2])
    assert "2 jobs given back to the workers." in messages_of(response)
    assert Job.objects.filter(status="pending").count() == 2
    entry = LogEntry.objects.get(object_id=str(rows[0].pk))
    assert (entry.user, entry.change_message) == (staff, "Retry.")
    refused = messages_of(act(console, "jobs_app/job", "retry", rows[:1]))
    assert "1 left as they were." in refused
    assert LogEntry.objects.count() == 2


def test_an_action_on_too_many_rows_changes_nothing(console: Client, staff: Any) -> None:
    Job.objects.bulk_create([Job(job_type="ping", status="failed", owner=staff) for _ in range(MAX_ROWS + 1)])
    response = act(console, "jobs_app/job", "retry", [Job.objects.first()], select_across="1")
    assert f"at most {MAX_ROWS} rows" in messages_of(response)
    assert not Job.objects.exclude(status="failed").exists()
    assert not LogEntry.objects.exists()


def test_other_actions_do_what_they_say(console: Client, staff: Any, rows: list[Job], learner: Any) -> None:
    alert = Alert.objects.create(code="queue_old", message="Old.")
    act(console, "platform/alert", "acknowledge", [alert])
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", staff)
    client_for(learner)
    act(console, "accounts/user", "revoke_tokens", [learner])
    assert not AuthToken.objects.filter(user=learner).exists()
    question = Question.objects.first()
    assert question is not None
    act(console, "sessions_app/question", "quarantine", [question])
    question.refresh_from_db()
    assert (question.state, question.version, question.revisions.count()) == ("quarantined", 2, 1)
    assert "overrule it" in messages_of(act(console, "sessions_app/question", "publish", [question]))
    bare = Document.objects.first()
    assert "Upload it again" in messages_of(act(console, "documents_app/document", "retry", [bare]))
    assert LogEntry.objects.count() == 3


def test_roles_reach_as_far_as_they_should(member: Callable[[str], Client], rows: list[Job]) -> None:
    question = Question.objects.first()
    viewer, teacher, operator = member("viewer"), member("teacher"), member("operator")
    for client in (viewer, teacher, operator):
        assert client.get("/admin/").status_code == 200
        assert client.get("/admin/jobs_app/job/").status_code == 200
    act(viewer, "jobs_app/job", "retry", rows[:1])
    act(teacher, "jobs_app/job", "retry", rows[:1])
    assert Job.objects.filter(status="pending").count() == 0
    act(operator, "jobs_app/job", "retry", rows[:1])
    assert Job.objects.filter(status="pending").count() == 1
    act(operator, "sessions_app/question", "quarantine", [question])
    assert Question.objects.filter(state="quarantined").count() == 0
    act(teacher, "sessions_app/question", "quarantine", [question])
    assert Question.objects.filter(state="quarantined").count() == 1
    assert viewer.post("/admin/constance/config/", {"reason": "x"}).status_code == 403
    assert teacher.get("/admin/constance/config/").status_code == 200


def test_seeding_roles_again_leaves_edited_ones_alone() -> None:
    assert sorted(roles_seed()) == ["administrator", "operator", "teacher", "viewer"]
    Group.objects.get(name="viewer").permissions.clear()
    assert roles_seed() == []
    assert Group.objects.get(name="viewer").permissions.count() == 0


def test_big_tables_are_estimated_not_counted(monkeypatch: pytest.MonkeyPatch, staff: Any) -> None:
    monkeypatch.setattr("tutor_project.common.console.paginator.EXACT_UP_TO", 50)
    Job.objects.bulk_create([Job(job_type="ping", status="failed", owner=staff) for _ in range(400)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_app_job")
    with CaptureQueriesContext(connection) as queries:
        assert BoundedPaginator(Job.objects.order_by("-id"), 50).count == 400
        assert BoundedPaginator(Job.objects.filter(status="failed").order_by("-id"), 50).count >= 51
    assert all("LIMIT 51" in q["sql"] for q in queries if "COUNT(" in q["sql"] and "EXPLAIN" not in q["sql"])


def test_schedules_show_their_last_run_and_run_now(console: Client, run_jobs: Callable[[], int]) -> None:
    schedules_seed()
    schedule_fire(schedule="health-check")
    run_jobs()
    page = console.get("/admin/django_celery_beat/periodictask/").content.decode()
    assert page.count("/change/") > 5
    task = PeriodicTask.objects.get(name="health-check")
    act(console, "django_celery_beat/periodictask", "run_now", [task])
    assert Job.objects.filter(metadata__schedule="health-check", trigger="staff").count() == 1
    plain = PeriodicTask.objects.get(name="job-sweeper")
    assert "no job of the ledger" in messages_of(act(console, "django_celery_beat/periodictask", "run_now", [plain]))


def test_a_schedule_is_edited_with_the_theme(console: Client) -> None:
    schedules_seed()
    task = PeriodicTask.objects.get(name="health-check")
    other, _ = IntervalSchedule.objects.get_or_create(every=7, period="minutes")
    path = f"/admin/django_celery_beat/periodictask/{task.pk}/change/"
    assert console.get(path).status_code == 200
    data = {
        "name": task.name, "task": task.task, "args": task.args, "kwargs": task.kwargs, "interval": other.pk,
        "enabled": "on", "description": task.description, "queue": task.queue,
    }  # fmt: skip
    assert console.post(path, data).status_code == 302
    task.refresh_from_db()
    assert (task.interval, task.enabled) == (other, True)


@pytest.mark.parametrize(
    ("parts", "accepted"),
    [
        ({"day_of_month": "31", "month_of_year": "2"}, False),
        ({"day_of_month": "30,31", "month_of_year": "2"}, False),
        ({"day_of_month": "31", "month_of_year": "2,3"}, True),
        ({"day_of_month": "29", "month_of_year": "2"}, True),
        ({"minute": "*/5"}, True),
        ({"minute": "61"}, False),
        ({"hour": "nonsense"}, False),
    ],
)
def test_a_crontab_that_never_fires_is_refused(console: Client, parts: dict[str, str], accepted: bool) -> None:
    data = {
        "minute": "0", "hour": "4", "day_of_month": "*", "month_of_year": "*", "day_of_week": "*", "timezone": "UTC",
    }  # fmt: skip
    console.post("/admin/django_celery_beat/crontabschedule/add/", {**data, **parts})
    assert CrontabSchedule.objects.exists() is accepted


def test_filters_and_searches_read_no_big_table_for_their_choices(console: Client, rows: list[Job]) -> None:
    Job.objects.filter(pk=rows[3].pk).update(error_code="document_unreadable")
    with CaptureQueriesContext(connection) as queries:
        page = console.get("/admin/jobs_app/job/").content.decode()
    assert "error_code=document_unreadable" in page or "error_code__exact=document_unreadable" in page
    assert [query["sql"][:120] for query in queries if "DISTINCT" in query["sql"]] == []
    found = console.get("/admin/jobs_app/job/", {"error_code__exact": "document_unreadable"}).context["cl"]
    assert [job.pk for job in found.result_list] == [rows[3].pk]
    with CaptureQueriesContext(connection) as queries:
        found = console.get("/admin/jobs_app/job/", {"q": "learner7"}).context["cl"]
    assert [job.owner.username for job in found.result_list] == ["learner7"]
    searched = [query["sql"] for query in queries if "UPPER" in query["sql"]]
    assert searched
    assert all("JOIN" not in statement for statement in searched)


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("light react", True), ("REACTIONS LIGHT", True), ("light-react", True), ("glight", False), ("dark", False),
        ("light & !x:*'", False), ("&|!", False), ("\u00e9nergie", True),
    ],
)  # fmt: skip
def test_texts_are_found_by_the_beginnings_of_their_words(console: Client, staff: Any, term: str, found: bool) -> None:
    LogEntry.objects.create(user=staff, object_repr="Which light reactions give \u00c9nergie?", action_flag=2)
    page = console.get("/admin/admin/logentry/", {"q": term}).context["cl"]
    assert [entry.user for entry in page.result_list] == [staff] * found


@pytest.mark.parametrize(
    ("model", "condition"),
    [
        (Question, {"stem__words": "light"}), (Question, {"concept__istartswith": "light"}),
        (LogEntry, {"object_repr__words": "light"}), (LogEntry, {"object_id": "7"}),
        (Document, {"filename__istartswith": "light"}), (Document, {"status": "failed"}),
        (LearningSession, {"title__istartswith": "light"}), (Job, {"error_code": "x"}),
        (get_user_model(), {"username__istartswith": "light"}), (get_user_model(), {"email__istartswith": "light"}),
    ],
)  # fmt: skip
def test_every_search_of_a_big_table_can_go_by_an_index(db: None, model: Any, condition: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = model.objects.filter(**condition).order_by().explain()
    assert "Index Cond" in plan, plan

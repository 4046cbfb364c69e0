"""Malformed and unusual input: named 400s, or understood."""

from __future__ import annotations

import json
from base64 import b64encode, encodebytes
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from rest_framework.test import APIClient

from jobs_app.services.scheduling import schedules_seed
from tests.support.console import console_client

pytestmark = pytest.mark.django_db

NOBODY = "01a227dd-9a35-76da-be09-1968de49d736"


def refusal(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["errors"][0]
    return response.status_code, error["code"], error["attr"]


def cursor_of(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.fixture
def session(api: APIClient) -> str:
    return str(api.post("/api/v1/sessions", {"title": "One"}).json()["session_id"])


# Lists


@pytest.mark.parametrize(
    "path", ["sessions", "folders", "jobs", "analytics/events", "sessions/{}/interactions", "sessions/{}/documents"]
)
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "p=",
        cursor_of("p=garbage"),
        cursor_of("p=2026-99-99"),
        cursor_of("p=1&r=x"),
        cursor_of("p=\x00"),
        cursor_of("o=x"),
    ],
)
def test_a_damaged_cursor_is_named(path: str, cursor: str, api: APIClient, session: str) -> None:
    answer = api.get("/api/v1/" + path.format(session), {"cursor": cursor})
    assert refusal(answer) == (400, "cursor_invalid", "cursor")


def test_a_cursor_changed_by_a_letter_or_taken_elsewhere_is_refused(api: APIClient) -> None:
    for number in range(3):
        api.post("/api/v1/sessions", {"title": f"{number}"})
        api.post("/api/v1/folders", {"name": f"{number}"})
    cursor = parse_qs(urlsplit(api.get("/api/v1/sessions", {"limit": "1"}).json()["next"]).query)["cursor"][0]
    assert api.get("/api/v1/sessions", {"cursor": cursor}).status_code == 200
    for place in range(0, len(cursor), 3):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert refusal(api.get("/api/v1/sessions", {"cursor": changed})) == (400, "cursor_invalid", "cursor")
    assert refusal(api.get("/api/v1/folders", {"cursor": cursor})) == (400, "cursor_invalid", "cursor")


def test_a_cursor_as_it_was_given_turns_the_page(api: APIClient) -> None:
    made = [api.post("/api/v1/sessions", {"title": f"{number}"}).json()["session_id"] for number in range(5)]
    seen, query = [], {"limit": ["2"]}
    while query:
        page = api.get("/api/v1/sessions", {name: values[0] for name, values in query.items()}).json()
        seen += [row["id"] for row in page["results"]]
        query = parse_qs(urlsplit(page["next"]).query) if page["next"] else {}
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("sessions", {"limit": "many"}),
        ("sessions", {"limit": "0"}),
        ("sessions", {"limit": "-1"}),
        ("sessions", {"limit": "9" * 10_000}),
        ("sessions", {"folder": "x"}),
        ("sessions", {"active": "perhaps"}),
        ("sessions", {"unknown": "1"}),
        ("folders", {"limit": "x"}),
        ("jobs", {"status": "unheard"}),
        ("jobs", {"priority": "7"}),
        ("jobs", {"owner": "1"}),
        ("documents/stats", {"session": "x"}),
        ("documents/stats", {"from": "yesterday"}),
        ("documents/stats", {"time_range": "2y"}),
        ("reviews/due", {"session": "x"}),
        ("analytics/events", {"session": "x"}),
        ("analytics/events", {"user": "x"}),
        ("analytics/events", {"aggregate": "x"}),
        ("analytics/tools", {"user": "x"}),
        ("analytics/spend/estimate", {"model": "m", "prompt_tokens": "x", "completion_tokens": "1"}),
        ("users/me/analytics", {"time_range": "x"}),
        ("sessions/{}/messages", {"before": "x"}),
        ("sessions/{}/messages", {"limit": "٣"}),
        ("sessions/{}/interactions", {"since": "x"}),
    ],
)
def test_a_filter_of_the_wrong_type_is_refused_by_its_name(
    path: str, query: dict[str, str], api: APIClient, session: str
) -> None:
    status, _, attr = refusal(api.get("/api/v1/" + path.format(session), query))
    assert (status, attr) == (400, next(iter(query)) if path != "analytics/spend/estimate" else "prompt_tokens")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("sessions", {"active": "true", "limit": "1000"}),
        ("sessions", {"active": "False"}),
        ("sessions", {"folder": NOBODY}),
        ("jobs", {"status": "pending", "limit": "5"}),
        ("analytics/events", {"user": "me"}),
        ("documents/stats", {"session": NOBODY}),
    ],
)
def test_a_filter_of_its_type_is_heeded(path: str, query: dict[str, str], api: APIClient) -> None:
    assert api.get(f"/api/v1/{path}", query).status_code == 200


# Bodies


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF8"])
def test_a_byte_order_mark_is_understood(charset: str, api: APIClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"title": "Mit Kopf – ja"}).encode()
    answer = api.generic("POST", "/api/v1/sessions", body, content_type="application/json" + charset)
    assert answer.status_code == 201
    assert answer.json()["title"] == "Mit Kopf – ja"


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "no-such", "utf-16"])
@pytest.mark.parametrize("body", [b'{"title": "x"}', b"\xff\xfe\x00", b""])
def test_an_odd_charset_is_no_failure_of_ours(charset: str, body: bytes, api: APIClient) -> None:
    answer = api.generic("POST", "/api/v1/sessions", body, content_type=f"application/json; charset={charset}")
    assert answer.status_code in (201, 400)


def test_base64_with_line_breaks_is_understood(api: APIClient, session: str) -> None:
    text = b"Cells are full of water. " * 20
    files = [
        {"filename": "lines.txt", "content": encodebytes(text).decode()},
        {
            "filename": "data.txt",
            "content": "data:text/plain;base64,\r\n" + b64encode(b"Other words of water.").decode(),
        },
    ]
    answer = api.post(f"/api/v1/sessions/{session}/documents", {"files": files})
    assert answer.status_code == 202
    assert [entry["status"] for entry in answer.json()["documents"]] == ["pending", "pending"]
    listed = api.get(f"/api/v1/sessions/{session}/documents").json()["results"]
    assert {row["filename"]: row["size"] for row in listed} == {"lines.txt": len(text), "data.txt": 21}


def test_a_nul_in_one_name_or_content_refuses_that_file_only(api: APIClient, session: str) -> None:
    good = b64encode(b"Cells are full of water.").decode()
    files = [
        {"filename": "bad\x00.txt", "content": good},
        {"filename": "worse.txt", "content": good + "\x00"},
        {"filename": "good.txt", "content": good},
    ]
    answer = api.post(f"/api/v1/sessions/{session}/documents", {"files": files})
    assert answer.status_code == 202
    documents = answer.json()["documents"]
    assert [entry["status"] for entry in documents] == ["failed", "failed", "pending"]
    assert [entry["error"] and entry["error"]["code"] for entry in documents] == [
        "filename_invalid",
        "content_not_base64",
        None,
    ]
    assert "\x00" not in json.dumps(answer.json())
    alone = api.post(f"/api/v1/sessions/{session}/documents", {"files": files[:1]})
    assert refusal(alone)[:2] == (400, "filename_invalid")


@pytest.mark.parametrize(
    ("path", "body", "attr"),
    [
        ("sessions/{}/interact", {"type": "answer", "data": {"answer": "x" * 1_000_000}}, "data"),
        ("sessions/{}/interact", {"type": "question", "data": {"question": ["x" * 1000] * 1000}}, "data"),
        ("sessions/{}/ask", {"question": "x" * 1_000_000}, "question"),
        ("sessions/{}/log/summary", {"section": "s", "summary": "x" * 1_000_000}, "summary"),
        ("sessions/{}/search", {"query": "x" * 1_000_000}, "query"),
        ("sessions", {"title": "x" * 1_000_000}, "title"),
        ("folders", {"name": "x" * 1_000_000}, "name"),
        ("jobs", {"job_type": "document_batch", "job_data": {"x": "x" * 1_000_000}}, "job_data"),
    ],
)
def test_no_text_is_without_bounds(path: str, body: dict[str, Any], attr: str, api: APIClient, session: str) -> None:
    status, _, named = refusal(api.post("/api/v1/" + path.format(session), body))
    assert (status, named) == (400, attr)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\u202e"])
@pytest.mark.parametrize("kind", ["answer", "question", "summary", "start"])
def test_what_the_database_cannot_hold_fails_nothing(kind: str, text: str, api: APIClient, session: str) -> None:
    body = json.dumps({"type": kind, "data": {"answer": text, "question": text, "summary": text, "topic": text}})
    answer = api.generic("POST", f"/api/v1/sessions/{session}/interact", body, content_type="application/json")
    assert 400 <= answer.status_code < 500


def test_every_number_among_the_settings_has_both_bounds(settings: Any) -> None:
    unbounded = [
        key
        for key, declared in settings.RUNTIME_SETTINGS.items()
        if isinstance(declared.default, int | float)
        and not isinstance(declared.default, bool)
        and (declared.minimum is None or declared.maximum is None)
    ]
    assert unbounded == []


# Schedules


@pytest.fixture
def console(staff: Any) -> Client:
    return console_client(staff)


def schedule_form(row: PeriodicTask, **changed: Any) -> dict[str, Any]:
    return {
        "name": row.name, "description": row.description, "enabled": "on", "interval": row.interval_id,
        "crontab": "", "start_time_0": "", "start_time_1": "", "regtask": "", "task": row.task, "args": row.args,
        "kwargs": row.kwargs, "queue": row.queue or "", "expire_seconds": "", "expires_0": "", "expires_1": "",
        "priority": "", **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"args": '{"a": 1}'}, "Give a JSON list"),
        ({"args": "[["}, "JSON"),
        ({"args": "[]"}, "Give the name of one schedule"),
        ({"args": '["no-such-schedule"]'}, "Give the name of one schedule"),
        ({"args": '[["health-check"]]'}, "Give the name of one schedule"),
        ({"kwargs": "[1]"}, "Give a JSON object"),
        ({"kwargs": '{"other": 1}'}, "Give the name of one schedule"),
        ({"task": "no.such.task"}, "No worker knows this task"),
        ({"task": "jobs.sweep", "args": "[1, 2]"}, "The task does not take this"),
        ({"task": "jobs.execute", "args": '["1"]'}, "This is no task of a schedule"),
        ({"task": "accounts.reset_mail", "args": '["a@example.org"]'}, "This is no task of a schedule"),
        ({"task": "celery.map", "args": '["jobs.execute", [1]]'}, "This is no task of a schedule"),
        ({"kwargs": "[" * 3000 + "]" * 3000}, "at most 500 characters"),
        ({"queue": "elsewhere"}, "No worker serves this queue"),
    ],
)
def test_a_schedule_nobody_could_run_is_refused_when_it_is_saved(
    changed: dict[str, str], sentence: str, console: Client
) -> None:
    schedules_seed()
    task = PeriodicTask.objects.get(name="health-check")
    page = console.post(f"/admin/django_celery_beat/periodictask/{task.pk}/change/", schedule_form(task, **changed))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert PeriodicTask.objects.get(pk=task.pk).date_changed == task.date_changed


def test_a_schedule_as_it_should_be_is_saved(console: Client) -> None:
    schedules_seed()
    for task in PeriodicTask.objects.all():
        page = console.post(
            f"/admin/django_celery_beat/periodictask/{task.pk}/change/", schedule_form(task, description="Mine.")
        )
        assert page.status_code == 302, task.name
    assert set(PeriodicTask.objects.values_list("description", flat=True)) == {"Mine."}


@pytest.mark.parametrize("args", ['{"a": 1}', "[{}]", "[[1]]", "nonsense", "", "null", "1", '["health-check", 2]'])
def test_a_broken_row_breaks_no_list(args: str, console: Client) -> None:
    every = IntervalSchedule.objects.create(every=5, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name="broken", task="jobs.schedule_fire", args=args, interval=every)
    never = CrontabSchedule.objects.create(minute="0", hour="0", day_of_month="31", month_of_year="2")
    PeriodicTask.objects.create(name="never", task="nothing", crontab=never)
    odd = CrontabSchedule.objects.create(minute="x", hour="*/0")
    PeriodicTask.objects.bulk_create([PeriodicTask(name="odd", task="nothing", crontab=odd)])
    page = console.get("/admin/django_celery_beat/periodictask/")
    assert page.status_code == 200
    assert "broken" in page.content.decode()
    selected = list(PeriodicTask.objects.values_list("pk", flat=True))
    page = console.post(
        "/admin/django_celery_beat/periodictask/", {"action": "run_now", "_selected_action": selected}, follow=True
    )
    assert "left as they were" in page.content.decode()
    assert console.get("/admin/django_celery_beat/crontabschedule/").status_code == 200

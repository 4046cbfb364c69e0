"""Export and erasure of one person's data."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

TOKEN = "zygomorphic"
TEXT = (
    f"# Flowers\n\nA {TOKEN} flower is a flower with one plane of symmetry. Orchids are {TOKEN}. "
    "Pollen is a powder that carries the male cells of a flower. The stigma receives the pollen."
).encode()


@pytest.fixture
def person(make_user: Any) -> Any:
    return make_user("ada")


@pytest.fixture
def ada(person: Any, run_jobs: Any) -> Any:
    """A client of somebody who has done a bit of everything."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_for(person)
    folder = client.post("/api/v1/folders", {"name": f"All about {TOKEN}"}).json()
    session = client.post("/api/v1/sessions", {"title": TOKEN, "folder_id": folder["id"]}).json()["id"]
    files = {"files": [SimpleUploadedFile(f"{TOKEN}.md", TEXT)]}
    assert client.post(f"/api/v1/sessions/{session}/documents", files, format="multipart").status_code == 202
    run_jobs()
    client.post(f"/api/v1/sessions/{session}/ask", {"question": f"What is a {TOKEN} flower?"})
    client.post(f"/api/v1/sessions/{session}/log/summary", {"section": "Flowers", "summary": f"It is {TOKEN}."})
    client.post(f"/api/v1/sessions/{session}/lesson", {})
    run_jobs()
    return client


def tables_holding(text: str) -> dict[str, int]:
    """Every table of the database whose rows hold the text anywhere, scanned by the database itself."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = 'public'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{text}%"])
            if count := cursor.fetchone()[0]:
                found[table] = count
    return found


def test_an_export_holds_what_the_person_did_and_no_keys(ada: Any, run_jobs: Any) -> None:
    job = ada.post("/api/v1/users/me/export").json()["job_id"]
    run_jobs()
    result = ada.get(f"/api/v1/jobs/{job}").json()
    assert result["status"] == "completed", result
    response = ada.get(result["result"]["download"])
    archive = zipfile.ZipFile(BytesIO(b"".join(response.streaming_content)))
    names = archive.namelist()
    assert any(name.startswith("documents/files/") for name in names)
    assert TOKEN in archive.read("learning/messages.jsonl").decode()
    assert "ada" in archive.read("account/account.jsonl").decode()
    assert "password" not in archive.read("account/account.jsonl").decode()
    assert b'"key"' not in archive.read("learning/questions.jsonl")


def test_an_export_is_nobody_elses(ada: Any, run_jobs: Any, make_user: Any) -> None:
    job = ada.post("/api/v1/users/me/export").json()["job_id"]
    run_jobs()
    assert client_for(make_user("bob")).get(f"/api/v1/users/me/exports/{job}").status_code == 404


def test_erasure_leaves_nothing_in_any_table_storage_or_redis(
    ada: Any, person: Any, run_jobs: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from tutor_project.common.redis import client as redis

    ada.post("/api/v1/users/me/export")
    run_jobs()
    assert tables_holding(TOKEN)
    wrong = ada.post("/api/v1/users/me/erase", {"password": "not it"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (403, "password_wrong")
    assert ada.post("/api/v1/users/me/erase", {"password": "correct horse 9"}).status_code == 202
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    assert tables_holding(TOKEN) == {}
    # Only the erasure's own ledger entry knows the id: that it was done, and when.
    assert set(tables_holding(str(person.pk))) <= {"jobs_app_job"}
    assert not stored_files("")
    assert not [key for key in redis().scan_iter("*") if str(person.pk).encode() in key and b"throttle" not in key]
    assert ada.get("/api/v1/auth/me").status_code == 401


def stored_files(folder: str) -> list[str]:
    if folder and not default_storage.exists(folder):
        return []
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    nested = [name for inner in folders for name in stored_files(f"{folder}/{inner}".lstrip("/"))]
    return [f"{folder}/{name}" for name in files] + nested


def erased(client: Any, run_jobs: Any) -> None:
    assert client.post("/api/v1/users/me/erase", {"password": "correct horse 9"}).status_code == 202
    run_jobs()


def facts_of(person: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM analytics_fact_event WHERE user_id = %s", [person.pk])
        return int(cursor.fetchone()[0])


def test_facts_under_way_during_an_erasure_are_dropped(ada: Any, person: Any, run_jobs: Any) -> None:
    from analytics_app.services.recorder import facts_flush
    from sessions_app.models import LearningSession
    from tutor_project.common import events

    session = LearningSession.objects.get(owner=person)
    erased(ada, run_jobs)
    events.record("event", event_type="late", user_id=person.pk)
    events.record("event", event_type="late", session_id=session.pk)
    events.record("event", event_type="of somebody else")
    facts_flush()
    assert set(tables_holding(str(person.pk))) <= {"jobs_app_job"}
    assert tables_holding(str(session.pk)) == {}
    assert tables_holding("of somebody else")


def test_an_erasure_is_checked_a_minute_later(ada: Any, person: Any, run_jobs: Any) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from analytics_app.models import EventFact
    from analytics_app.services.partitions import partitions_upkeep
    from jobs_app.models import Job
    from jobs_app.services.sweeping import sweep
    from tutor_project.common.models import new_id

    erased(ada, run_jobs)
    sweep()
    assert not Job.objects.filter(job_type="person_erasure_check").exists()  # something may still be under way
    partitions_upkeep()
    EventFact.objects.create(id=new_id(), occurred_at=timezone.now(), event_type="late", user_id=person.pk)
    assert facts_of(person) == 1
    Job.objects.filter(job_type="person_erasure").update(completed_at=timezone.now() - timedelta(seconds=61))
    for _ in range(2):
        sweep()
        run_jobs()
    check = Job.objects.get(job_type="person_erasure_check")
    assert check.status == "completed"
    assert check.result["left"] == {}
    assert check.result["removed"]["analytics"]["event"] == 1
    assert {entry["where"] for entry in check.result["remains"]} >= {"throttle counters, as a hash"}
    assert facts_of(person) == 0


def test_a_scan_finds_every_row_that_names_a_person(ada: Any, person: Any) -> None:
    from tutor_project.common.privacy import person_scan

    found = person_scan(user_id=person.pk)
    assert {"accounts_user.id", "jobs_app_job.owner_id", "sessions_app_learningsession.owner_id"} <= set(found)


def test_what_a_client_called_a_model_does_not_outlive_the_person(ada: Any, run_jobs: Any) -> None:
    usage = {"model": "the zygomorphic model of ada", "prompt_tokens": 5, "completion_tokens": 5, "phase": "analysis"}
    assert ada.post("/api/v1/analytics/token-usage", usage).status_code == 201
    erased(ada, run_jobs)
    assert tables_holding("zygomorphic model") == {}


def test_answers_of_the_api_stay_out_of_shared_caches(ada: Any) -> None:
    for answer in (ada.get("/api/v1/sessions"), ada.get("/api/v1/auth/me"), ada.get("/api/v1/sessions/nothing")):
        assert answer["Cache-Control"] == "private, no-cache"

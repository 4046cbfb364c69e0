"""Job endpoints and settings."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from jobs_app.models import Job
from jobs_app.services.creation import job_create

pytestmark = pytest.mark.django_db


def code_of(response: Any) -> str:
    return str(response.json()["errors"][0]["code"])


def test_a_job_runs_and_shows_its_result(staff_api: Any, run_jobs: Any) -> None:
    job = staff_api.post("/api/v1/jobs", {"job_type": "ping"}).json()
    assert job["status"] == "pending"
    assert run_jobs() == 1
    done = staff_api.get(f"/api/v1/jobs/{job['id']}").json()
    assert (done["status"], done["progress"], done["result"]) == ("completed", 100.0, {"attempt": 1})


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"job_type": "nonsense"}, "job_kind_unknown", 400),
        ({"job_type": "ping", "job_data": {"x": 1}}, "job_data_invalid", 400),
        ({"job_type": "ping", "scheduled_for": "2020-01-01T00:00:00Z"}, "job_schedule_invalid", 400),
        ({"job_type": "ping", "scheduled_for": "3000-01-01T00:00:00Z"}, "job_schedule_invalid", 400),
        ({"job_type": "ping", "priority": "urgent"}, "invalid_choice", 400),
        ({"job_type": "document_ingest", "job_data": {"document_id": str(uuid.uuid4())}}, "job_kind_forbidden", 403),
    ],
)
def test_a_bad_creation_is_named(staff_api: Any, body: dict[str, Any], code: str, status: int) -> None:
    response = staff_api.post("/api/v1/jobs", body)
    assert (response.status_code, code_of(response)) == (status, code)


def test_a_learner_may_not_create_what_staff_may(api: Any) -> None:
    response = api.post("/api/v1/jobs", {"job_type": "ping"})
    assert (response.status_code, code_of(response)) == (403, "job_kind_forbidden")


def test_another_users_job_does_not_exist(api: Any, staff: Any) -> None:
    job = job_create(job_type="ping", owner_id=staff.pk)
    assert api.get(f"/api/v1/jobs/{job.pk}").status_code == 404
    assert api.post(f"/api/v1/jobs/{job.pk}/cancel").status_code == 404


@pytest.mark.parametrize("progress", [-1, 101, "x"])
def test_progress_out_of_range_is_refused(staff_api: Any, progress: Any) -> None:
    job = job_create(job_type="ping")
    assert staff_api.patch(f"/api/v1/jobs/{job.pk}", {"progress": progress}).status_code == 400


def test_an_illegal_transition_is_a_conflict(staff_api: Any, run_jobs: Any) -> None:
    job = job_create(job_type="ping")
    run_jobs()
    response = staff_api.patch(f"/api/v1/jobs/{job.pk}", {"status": "running"})
    assert (response.status_code, code_of(response)) == (409, "job_transition_illegal")


def test_cancelling_a_pending_job_is_immediate_and_a_finished_one_refused(staff_api: Any) -> None:
    job = job_create(job_type="ping")
    assert staff_api.post(f"/api/v1/jobs/{job.pk}/cancel").json()["status"] == "cancelled"
    again = staff_api.post(f"/api/v1/jobs/{job.pk}/cancel")
    assert (again.status_code, code_of(again)) == (409, "job_final")


def test_a_cancelled_job_can_be_retried_and_a_pending_one_not(staff_api: Any, run_jobs: Any) -> None:
    job = job_create(job_type="ping")
    assert code_of(staff_api.post(f"/api/v1/jobs/{job.pk}/retry")) == "job_active"
    staff_api.post(f"/api/v1/jobs/{job.pk}/cancel")
    assert staff_api.post(f"/api/v1/jobs/{job.pk}/retry").status_code == 202
    run_jobs()
    assert staff_api.get(f"/api/v1/jobs/{job.pk}").json()["status"] == "completed"


def test_the_list_is_filtered(staff_api: Any) -> None:
    job_create(job_type="ping", priority="high")
    job_create(job_type="job_cleanup")
    assert len(staff_api.get("/api/v1/jobs?job_type=ping").json()["results"]) == 1
    assert len(staff_api.get("/api/v1/jobs?priority=low&status=pending&limit=5").json()["results"]) == 1


def test_statistics_count_by_status_and_type(staff_api: Any, run_jobs: Any) -> None:
    job_create(job_type="ping")
    run_jobs()
    job_create(job_type="ping")
    figures = staff_api.get("/api/v1/jobs/statistics?time_range=1h").json()
    assert figures["by_status"]["completed"] == figures["by_status"]["pending"] == 1
    assert figures["by_type"] == {"ping": {"completed": 1, "pending": 1}}
    assert figures["run_seconds"]["p95"] >= 0


def test_health_names_what_is_missing(staff_api: Any, api: Any) -> None:
    picture = staff_api.get("/api/v1/system/health").json()
    assert picture["status"] == "unhealthy"  # no worker and no beat run beside this test
    assert {"queues", "workers", "beat", "database", "redis", "disk", "alerts", "system_load"} <= set(picture)
    assert picture["database"]["pgvector"]
    assert api.get("/api/v1/system/health").status_code == 403


def test_the_health_job_opens_each_alert_once_and_keeps_history(
    staff_api: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor_project.platform.models import Alert

    monkeypatch.setattr("jobs_app.services.health.DISK_FREE_SHARE", 1.1)
    for _ in range(2):
        job_create(job_type="health_check")
        run_jobs()
    assert Alert.objects.filter(code="disk_low").count() == 1
    assert len(staff_api.get("/api/v1/system/status").json()) == 2


def test_a_setting_changes_with_a_version_and_rolls_back(staff_api: Any) -> None:
    url = "/api/v1/config/UPLOAD_MAX_FILES"
    assert staff_api.put(url, {"value": 7, "reason": "try"}).json()["value"] == 7
    assert staff_api.put(url, {"value": 9}).json()["value"] == 9
    versions = staff_api.get(f"{url}/versions").json()
    assert [(row["version"], row["old_value"], row["new_value"]) for row in versions] == [(2, 7, 9), (1, 20, 7)]
    assert versions[1]["changed_by"] == "staff"
    assert staff_api.post(f"{url}/rollback", {"version": 1}).json()["value"] == 7
    assert staff_api.post(f"{url}/rollback", {"version": 0}).json()["value"] == 20
    assert staff_api.post(f"{url}/rollback", {"version": 9}).status_code == 404
    assert staff_api.post(f"{url}/rollback", {"version": -1}).status_code == 400


def test_version_0_is_what_was_there_before_any_change(staff_api: Any) -> None:
    assert staff_api.post("/api/v1/config/HINT_LADDER/rollback", {"version": 0}).json()["value"] == 4
    page = staff_api.get("/api/v1/config/HINT_LADDER/versions").json()
    assert [(row["version"], row["old_value"], row["new_value"]) for row in page] == [(1, 4, 4)]


@pytest.mark.parametrize("value", [0, 201, "20", True, None])
def test_a_setting_out_of_range_or_type_is_refused(staff_api: Any, value: Any) -> None:
    response = staff_api.put("/api/v1/config/UPLOAD_MAX_FILES", {"value": value})
    assert response.status_code == 400
    assert staff_api.get("/api/v1/config/UPLOAD_MAX_FILES").json()["value"] == 20


def test_a_second_delivery_finds_nothing_to_do(db: None) -> None:
    from jobs_app.runner import job_run

    job = job_create(job_type="ping")
    assert job_run(job_id=job.pk, worker="one") == "completed"
    assert job_run(job_id=job.pk, worker="two") == "not_claimed"
    assert Job.objects.get(pk=job.pk).attempts == 1


def test_a_running_job_can_be_neither_retried_nor_run_now(staff_api: Any) -> None:
    from jobs_app.services.ledger import job_claim

    job = job_create(job_type="ping")
    assert job_claim(job_id=job.pk, worker="one") is not None
    for action in ("retry", "execute"):
        answer = staff_api.post(f"/api/v1/jobs/{job.pk}/{action}")
        assert (answer.status_code, code_of(answer)) == (409, "job_active")


def test_a_finished_job_can_be_neither_run_now_nor_given_progress(staff_api: Any, run_jobs: Any) -> None:
    job = job_create(job_type="ping")
    run_jobs()
    for answer in (
        staff_api.post(f"/api/v1/jobs/{job.pk}/execute"),
        staff_api.patch(f"/api/v1/jobs/{job.pk}", {"progress": 50}),
    ):
        assert (answer.status_code, code_of(answer)) == (409, "job_final")


def test_a_job_is_corrected_by_staff_only_and_with_known_states_only(api: Any, staff_api: Any, learner: Any) -> None:
    job = job_create(job_type="ping", owner_id=learner.pk)
    assert api.patch(f"/api/v1/jobs/{job.pk}", {"progress": 50}).status_code == 403
    answer = staff_api.patch(f"/api/v1/jobs/{job.pk}", {"status": "sleeping"})
    assert (answer.status_code, code_of(answer)) == (400, "invalid_choice")


def test_a_waiting_job_says_what_it_waits_for(api: Any, learner: Any) -> None:
    job_create(job_type="ping", priority="high")
    job = job_create(job_type="ping", owner_id=learner.pk)
    shown = api.get(f"/api/v1/jobs/{job.pk}").json()
    assert (shown["waiting_for"], shown["queue_position"], shown["stalled"]) == ("worker", 2, False)

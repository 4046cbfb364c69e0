"""What an upload and a reading of the material cost does not grow with what the session holds already."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents_app.selectors import documents as selectors
from jobs_app.models import Job
from jobs_app.runner import job_run

pytestmark = pytest.mark.django_db


def cost(api: Any, session: str, number: int) -> list[str]:
    """The statements that process one more small file."""
    upload = {"files": [SimpleUploadedFile(f"{number}.md", f"# Note {number}\n\nCells divide.\n".encode())]}
    assert api.post(f"/api/v1/sessions/{session}/documents", upload, format="multipart").status_code == 202
    job = Job.objects.get(job_type="document_ingest", status="pending")
    with CaptureQueriesContext(
        connection,
    ) as statements:
        assert job_run(job_id=job.pk, worker="test") == "completed"
    return [statement["sql"] for statement in statements]


def test_one_more_upload_reads_none_of_the_texts_that_are_there(api: Any, run_jobs: Any) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    costs = []
    for number in range(5):
        costs.append(cost(api, session, number))
        run_jobs()
    assert not [sql for sql in costs[-1] if sql and re.match(r'SELECT\b.*"documents_app_documentcontent"\."text"', sql)]
    assert len(costs[-1]) <= len(costs[1])


def test_the_text_of_a_new_document_goes_to_the_database_once(api: Any) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    contents = [sql for sql in cost(api, session, 0) if sql and '"documents_app_documentcontent"' in sql]
    assert sum(sql.count("Cells divide") for sql in contents if "text" in sql) == 1


def test_the_material_of_a_large_session_is_read_at_once(
    api: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    for number in range(4):
        cost(api, session, number)
        run_jobs()
    expected = selectors.material_for_session(session_id=UUID(session))
    monkeypatch.setattr(selectors, "TEXTS_KEPT", 3)
    selectors.forget_documents()
    with CaptureQueriesContext(connection) as statements:
        assert selectors.material_for_session(session_id=UUID(session)) == expected
    assert len(expected) == 4
    assert len(statements) == 2


def test_a_batch_is_read_once_all_of_it_can_be_searched(api: Any) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    files = [SimpleUploadedFile(f"{number}.md", f"# Note {number}\n\nCells divide.\n".encode()) for number in (1, 2)]
    assert api.post(f"/api/v1/sessions/{session}/documents", {"files": files}, format="multipart").status_code == 202
    first, second = Job.objects.filter(job_type="document_ingest").order_by("id")
    assert job_run(job_id=first.pk, worker="test") == "completed"
    assert not Job.objects.filter(job_type="document_read").exists()
    assert job_run(job_id=second.pk, worker="test") == "completed"
    asked = Job.objects.filter(job_type="document_read")
    assert {job.input["document_id"] for job in asked} == {job.input["document_id"] for job in (first, second)}
    assert {job.priority for job in asked} == {"low"}

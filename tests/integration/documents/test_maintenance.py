"""What the scheduled maintenance does: nothing stays behind, and large libraries are indexed without anybody's help."""

from __future__ import annotations

import os
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from documents_app.models import EmbeddingSpace, StoredFile
from documents_app.retrieval import maintenance as vectors
from documents_app.retrieval import reembed
from documents_app.retrieval.spaces import spaces_in_use
from documents_app.services import receiving
from documents_app.services.maintenance import orphans_sweep
from documents_app.services.storage import path_of, sha256_of
from jobs_app.models import Job
from jobs_app.services.creation import job_create
from tests.integration.documents.searchable import document, other_model

__all__ = ["other_model"]

pytestmark = pytest.mark.django_db


def stored(data: bytes, *, hours: float) -> str:
    """Write bytes to the store as an upload does, that many hours ago; the path."""
    path = path_of(sha256_of(ContentFile(data)))
    default_storage.save(path, ContentFile(data))
    written = os.path.getmtime(default_storage.path(path)) - 3600 * hours
    os.utime(default_storage.path(path), (written, written))
    return path


def maintained(run_jobs: Any) -> dict[str, Any]:
    job = job_create(job_type="documents_maintenance", job_data={}, owner_id=None, trigger="schedule")
    run_jobs()
    done = Job.objects.get(pk=job.pk)
    assert done.status == "completed", done.error_message
    return dict(done.result)


def test_bytes_that_no_row_names_go_once_they_are_an_hour_old(learner: Any, run_jobs: Any) -> None:
    orphan, fresh, owned = stored(b"old", hours=1.1), stored(b"new", hours=0.9), stored(b"owned", hours=9)
    StoredFile.objects.create(sha256=sha256_of(ContentFile(b"owned")), size=5, path=owned)
    assert maintained(run_jobs)["files_removed"] == 1
    assert [default_storage.exists(path) for path in (orphan, fresh, owned)] == [False, True, True]
    assert orphans_sweep() == 0


def test_what_a_rolled_back_upload_wrote_is_swept(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    data = b"# Cells\n\nWords of an upload that does not commit.\n"

    def broken(*arguments: Any) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(receiving, "_create_jobs", broken)
    with pytest.raises(RuntimeError):
        files = {"files": [SimpleUploadedFile("a.md", data)]}
        api.post(f"/api/v1/sessions/{session}/documents", files, format="multipart")
    path = path_of(sha256_of(ContentFile(data)))
    assert default_storage.exists(path)
    assert not StoredFile.objects.exists()
    os.utime(default_storage.path(path), (0, 0))
    assert orphans_sweep() == 1
    assert not default_storage.exists(path)


def test_vectors_of_a_large_library_come_into_the_index(
    learner: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        document(learner, uuid4(), f"Cells divide, as note {number} tells.", name=f"{number}.txt")
    assert maintained(run_jobs)["vectors_indexed"] == 0
    monkeypatch.setattr(vectors, "EXACT_LIMIT", 2)
    assert maintained(run_jobs)["vectors_indexed"] == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_and(ann) FROM documents_app_chunkembedding")
        assert cursor.fetchone() == (True,)


def test_a_retired_generation_goes_after_its_grace(learner: Any, run_jobs: Any, other_model: Any) -> None:
    other_model()
    document(learner, uuid4(), "Cells divide.")
    old = spaces_in_use()[0]
    space = reembed.reembed_begin(spec="standin:wide")
    reembed.reembed_continue(space=space)
    reembed.reembed_switch(space=space)
    assert maintained(run_jobs)["generations_removed"] == 0
    EmbeddingSpace.objects.filter(pk=old.id).update(retired_at="2001-01-01T00:00:00Z")
    assert maintained(run_jobs)["generations_removed"] == 1
    assert [one.id for one in spaces_in_use()] == [space.id]

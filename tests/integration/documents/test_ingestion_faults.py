"""What goes wrong on the way of a document to search: each time a named end, and nothing half-made is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from benchmarks.made.files import Run, docx, encrypted_pdf, paragraph, pdf
from documents_app.models import Chunk, Document, DocumentContent
from documents_app.services import ingestion
from jobs_app.context import JobContext
from jobs_app.services.control import job_cancel
from tests.integration.documents.searchable import rows_of

pytestmark = pytest.mark.django_db

GOOD = b"# Cells\n\nA cell is the smallest unit of life. Mitochondria release energy from sugar.\n"
STAGES = ("extract", "chunk", "embed", "store")


@pytest.fixture
def session(api: Any) -> str:
    """A session of the learner."""
    return str(api.post("/api/v1/sessions", {"title": "Faults"}).json()["id"])


def upload(api: Any, session: str, *files: tuple[str, bytes]) -> Any:
    parts = [SimpleUploadedFile(name, data) for name, data in files]
    return api.post(f"/api/v1/sessions/{session}/documents", {"files": parts}, format="multipart")


def listed(api: Any, session: str) -> dict[str, Any]:
    results = api.get(f"/api/v1/sessions/{session}/documents?limit=100").json()["results"]
    return {document["filename"]: document for document in results}


def traces(document_id: UUID) -> dict[str, int]:
    """Rows that make a document visible or searchable, by table; empty when there are none."""
    counts = rows_of(document_id)
    counts["chunk"] = Chunk.objects.filter(document_id=document_id).count()
    counts["content"] = DocumentContent.objects.filter(document_id=document_id).count()
    return {table: count for table, count in counts.items() if count}


@pytest.fixture
def when_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], Any]], None]:
    """Do something in the middle of a stage of the next ingestion, once; each progress report is then a checkpoint."""

    def arrange(stage: str, action: Callable[[], Any]) -> None:
        done: list[bool] = []

        def once() -> None:
            if not done:
                done.append(True)
                action()

        progress, prepare, extract = JobContext.progress, ingestion.document_prepare, ingestion.sandbox.extract

        def reported(self: JobContext, name: str, *arguments: Any, **options: Any) -> None:
            if name == stage:
                once()
                progress(self, name, *arguments, **options)
                self.checkpoint()
            else:
                progress(self, name, *arguments, **options)

        def prepared(*arguments: Any, **options: Any) -> Any:
            result = prepare(*arguments, **options)
            if stage == "store":
                once()
            return result

        def extracted(*arguments: Any, **options: Any) -> Any:
            if stage == "extract":
                once()
            return extract(*arguments, **options)

        monkeypatch.setattr(ingestion.sandbox, "extract", extracted)
        monkeypatch.setattr(JobContext, "progress", reported)
        monkeypatch.setattr(ingestion, "document_prepare", prepared)

    return arrange


@pytest.mark.parametrize("stage", STAGES)
def test_a_cancel_in_any_stage_leaves_nothing_half_made(
    api: Any, session: str, run_jobs: Any, when_in: Any, stage: str
) -> None:
    upload(api, session, ("cells.md", GOOD))
    document = Document.objects.get()
    when_in(stage, lambda: job_cancel(job_id=document.job_id))
    run_jobs()
    document.refresh_from_db()
    assert document.status == Document.Status.FAILED
    assert document.error_code == "cancelled"
    assert traces(document.pk) == {}
    assert api.post(f"/api/v1/sessions/{session}/search", {"query": "mitochondria"}).json()["hits"] == []
    assert api.get(f"/api/v1/jobs/{document.job_id}").json()["status"] == "cancelled"


@pytest.mark.parametrize("stage", STAGES)
def test_a_document_deleted_in_any_stage_leaves_no_orphan_row(
    api: Any, session: str, run_jobs: Any, when_in: Any, stage: str
) -> None:
    upload(api, session, ("cells.md", GOOD))
    document = Document.objects.get()
    answers: list[int] = []
    when_in(stage, lambda: answers.append(api.delete(f"/api/v1/documents/{document.pk}").status_code))
    run_jobs()
    assert answers == [204]
    assert not Document.objects.exists()
    assert traces(document.pk) == {}


UNUSABLE = {
    "empty.pdf": (pdf([[]]), "no_text_layer"),
    "scanned.pdf": (pdf([b"q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"]), "no_text_layer"),
    "encrypted.pdf": (encrypted_pdf(), "encrypted_file"),
    "truncated.docx": (docx()[:1500], "corrupt_file"),
    "zero.pdf": (b"", "empty_file"),
    "spaces.txt": (b" \n" * 500, "empty_file"),
    "program.pdf": (b"\x7fELF\x02\x01\x01" + bytes(400), "unsupported_type"),
    "torn.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type", "corrupt_file"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_used_fails_by_name_and_is_never_ready(
    api: Any, session: str, run_jobs: Any, name: str
) -> None:
    data, code = UNUSABLE[name]
    response = upload(api, session, ("good.md", GOOD), (name, data))
    assert response.status_code == 202, response.json()
    run_jobs()
    documents = listed(api, session)
    assert documents["good.md"]["status"] == "completed"
    bad = documents[name]
    assert (bad["status"], bad["embedding_status"], bad["error"]["code"]) == ("failed", "failed", code)
    assert bad["error"]["detail"]
    assert traces(UUID(bad["id"])) == {}


def test_content_and_not_the_name_decides_what_a_file_is(api: Any, session: str, run_jobs: Any) -> None:
    upload(api, session, ("really-a.txt", pdf([[Run(72, 720, "Mitochondria release energy from sugar.")]])))
    run_jobs()
    document = Document.objects.get()
    assert (document.status, document.mime_type) == ("completed", "application/pdf")


def test_one_bad_of_twenty_is_named_and_only_it_is_tried_again(api: Any, session: str, run_jobs: Any) -> None:
    files = [(f"note-{n:02}.md", GOOD + f"\nNote number {n}.\n".encode()) for n in range(19)]
    bad = ("bad.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type")
    answer = upload(api, session, *files[:7], bad, *files[7:]).json()
    run_jobs()
    result = api.get(f"/api/v1/jobs/{answer['job_id']}").json()["result"]
    assert (result["total_files"], result["processed_files"], result["failed_files"]) == (20, 19, 1)
    failed = [entry for entry in result["results"] if not entry["success"]]
    assert [(entry["filename"], entry["error"]["code"]) for entry in failed] == [("bad.pdf", "corrupt_file")]
    processed = {name: document["processed_at"] for name, document in listed(api, session).items() if name != "bad.pdf"}
    again = upload(api, session, *files[:7], bad, *files[7:]).json()
    assert run_jobs() >= 1
    after = listed(api, session)
    assert len(after) == 20
    assert {name: after[name]["processed_at"] for name in processed} == processed
    children = api.get(f"/api/v1/jobs/{again['job_id']}").json()["result"]
    assert (children["processed_files"], children["failed_files"]) == (19, 1)


def test_the_largest_file_of_an_upload_begins_first(api: Any, session: str) -> None:
    from jobs_app.models import Job

    sizes = {"small.md": 1, "large.md": 9, "middle.md": 4}
    upload(api, session, *((name, GOOD * times) for name, times in sizes.items()))
    jobs = Job.objects.filter(job_type="document_ingest").order_by("id")
    names = [Document.objects.get(pk=job.input["document_id"]).filename for job in jobs]
    assert names == ["large.md", "middle.md", "small.md"]


def set_runtime(monkeypatch: pytest.MonkeyPatch, **values: int) -> None:
    from tutor_project.common import runtime

    real = runtime.get_int
    monkeypatch.setattr(runtime, "get_int", lambda name: values.get(name, real(name)))


def test_limits_of_an_upload_have_typed_errors(api: Any, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*files: tuple[str, bytes]) -> tuple[int, str]:
        response = upload(api, session, *files)
        return response.status_code, response.json()["errors"][0]["code"]

    set_runtime(monkeypatch, UPLOAD_MAX_BYTES=1000, UPLOAD_MAX_FILES=3, SESSION_MAX_DOCUMENTS=4)
    assert refused() == (400, "no_files")
    assert refused(("large.md", b"a" * 1001)) == (413, "file_too_large")
    assert refused(*((f"{n}.md", GOOD + bytes([65 + n])) for n in range(4))) == (413, "too_many_files")
    assert refused(*((f"{n}.md", b"word " * 100 + bytes([65 + n])) for n in range(3))) == (
        413,
        "request_too_large_for_upload",
    )
    assert Document.objects.count() == 0
    assert upload(api, session, *((f"{n}.md", GOOD + bytes([65 + n])) for n in range(3))).status_code == 202
    assert refused(*((f"{n}.md", GOOD + bytes([75 + n])) for n in range(2))) == (409, "session_full")


def test_a_file_too_large_does_not_take_its_neighbours_with_it(
    api: Any, session: str, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_runtime(monkeypatch, UPLOAD_MAX_BYTES=1000)
    assert upload(api, session, ("good.md", GOOD), ("large.md", b"a" * 1001)).status_code == 202
    run_jobs()
    documents = listed(api, session)
    assert documents["good.md"]["status"] == "completed"
    assert documents["large.md"]["error"]["code"] == "file_too_large"


def test_many_pages_are_a_success_up_to_the_limit_and_named_beyond(
    api: Any, session: str, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = [paragraph([f"Page {n} tells of cells, sugar and energy."]) for n in range(300)]
    set_runtime(monkeypatch, UPLOAD_MAX_PAGES=300)
    upload(api, session, ("long.pdf", pdf(sheets)), ("longer.pdf", pdf([*sheets, sheets[0]])))
    run_jobs()
    documents = listed(api, session)
    assert (documents["long.pdf"]["status"], documents["long.pdf"]["page_count"]) == ("completed", 300)
    assert documents["longer.pdf"]["error"]["code"] == "too_many_pages"

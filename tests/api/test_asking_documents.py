"""A question of some documents: nothing else answers, and what is not in the session cannot be picked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

TEXTS = {
    "cell.md": "# Cell\n\nThe plasma membrane is a bilayer of phospholipids that encloses the cell.\n",
    "nerve.md": "# Nerve\n\nThe membrane of a neuron is wrapped in myelin, which makes conduction fast.\n",
}
QUESTION = "What is the plasma membrane?"


def uploaded(api: Any, session: str) -> dict[str, str]:
    files = [SimpleUploadedFile(name, text.encode()) for name, text in TEXTS.items()]
    taken = api.post(f"/api/v1/sessions/{session}/documents", {"files": files}, format="multipart").json()
    return {entry["filename"]: entry["id"] for entry in taken["documents"]}


@pytest.fixture
def asked(api: Any, run_jobs: Callable[[], int]) -> tuple[str, str, dict[str, str]]:
    """A folder, a session in it, and the ids of its two documents by name."""
    folder = api.post("/api/v1/folders", {"name": "Biology"}).json()["id"]
    session = api.post("/api/v1/sessions", {"title": "Cells", "folder_id": folder}).json()["id"]
    documents = uploaded(api, session)
    run_jobs()
    return folder, session, documents


def cited(reply: dict[str, Any]) -> set[str]:
    return {citation["filename"] for citation in reply["citations"]}


def test_only_the_documents_that_were_picked_answer(api: Any, asked: tuple[str, str, dict[str, str]]) -> None:
    folder, session, documents = asked
    for path in (f"/api/v1/sessions/{session}/ask", f"/api/v1/folders/{folder}/ask"):
        for name, document in documents.items():
            reply = api.post(path, {"question": QUESTION, "document_ids": [document]}).json()
            assert cited(reply) <= {name}
        assert cited(api.post(path, {"question": QUESTION, "document_ids": None}).json()) >= {"cell.md"}
        both = api.post(path, {"question": QUESTION, "document_ids": list(documents.values())}).json()
        assert both["answer"] == api.post(path, {"question": QUESTION}).json()["answer"]
    other = api.post(f"/api/v1/sessions/{session}/ask", {"question": QUESTION, "document_ids": [documents["nerve.md"]]})
    assert "bilayer" not in other.json()["answer"]


def test_a_document_from_elsewhere_cannot_be_picked(
    api: Any, make_user: Any, asked: tuple[str, str, dict[str, str]]
) -> None:
    folder, session, documents = asked
    elsewhere = uploaded(api, api.post("/api/v1/sessions", {"title": "Elsewhere"}).json()["id"])
    stranger = client_for(make_user("stranger"))
    theirs = uploaded(stranger, stranger.post("/api/v1/sessions", {"title": "Theirs"}).json()["id"])
    before = api.get(f"/api/v1/sessions/{session}/messages").json()
    for path in (f"/api/v1/sessions/{session}/ask", f"/api/v1/folders/{folder}/ask"):
        for document in (str(uuid4()), elsewhere["cell.md"], theirs["cell.md"]):
            picked = [documents["cell.md"], document]
            for accept in ("application/json", "text/event-stream"):
                refused = api.post(path, {"question": QUESTION, "document_ids": picked}, HTTP_ACCEPT=accept)
                assert (refused.status_code, refused.json()["errors"][0]["code"]) == (404, "document_not_found")
    assert api.get(f"/api/v1/sessions/{session}/messages").json() == before


@pytest.mark.parametrize("picked", [[], ["cell.md"], "cell.md", {}, [None], [str(uuid4())] * 1_001])
def test_what_is_no_list_of_documents_is_refused(api: Any, asked: tuple[str, str, dict[str, str]], picked: Any) -> None:
    _, session, _ = asked
    refused = api.post(f"/api/v1/sessions/{session}/ask", {"question": QUESTION, "document_ids": picked})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"].startswith("document_ids")


def test_a_document_that_is_not_ready_says_so(api: Any, asked: tuple[str, str, dict[str, str]]) -> None:
    _, session, _ = asked
    file = SimpleUploadedFile("late.md", b"# Late\n\nRibosomes make proteins.\n")
    late = api.post(f"/api/v1/sessions/{session}/documents", {"files": [file]}, format="multipart").json()["documents"][
        0
    ]["id"]
    refused = api.post(f"/api/v1/sessions/{session}/ask", {"question": QUESTION, "document_ids": [late]})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "material_processing")

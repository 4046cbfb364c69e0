"""A file's name decides nothing about its neighbours."""

from __future__ import annotations

import base64
from typing import Any

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("n" * 5000 + ".md", "n" * 252 + ".md"),
        ("", "document"),
        ("../" * 500 + "notes.md", "notes.md"),
    ],
    ids=["long", "empty", "folders"],
)
def test_a_name_that_cannot_be_kept_is_cut_and_the_other_files_go_on(
    api: Any, run_jobs: Any, name: str, shown: str
) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    content = [base64.b64encode(f"# Cells\n\nNote {number} on cells.\n".encode()).decode() for number in range(2)]
    files = [
        {"filename": name, "content": content[0], "mimeType": "text/" + "x" * 300},
        {"filename": "good.md", "content": content[1]},
    ]
    answer = api.post(f"/api/v1/sessions/{session}/documents", {"files": files}, format="json")
    assert answer.status_code == 202, answer.content
    run_jobs()
    listed = api.get(f"/api/v1/sessions/{session}/documents").json()["results"]
    assert {document["filename"]: document["status"] for document in listed} == {
        shown: "completed",
        "good.md": "completed",
    }

"""The structured content of a document: blocks with marks, in pages, beside the views made of them."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents_app.models import Document, DocumentContent
from documents_app.selectors.documents import forget_documents, material_for_session

SOURCE = b"""# Enzymes

An **enzyme** is a protein that speeds up one of the reactions in the cell without being used up.

- amylase
- lipase

| name | pH |
|---|---|
| pepsin | 2 |

```python
    print(1)
```
"""


@pytest.fixture
def document_id(api: Any, run_jobs: Any) -> str:
    """A document of the learner, ready."""
    session = api.post("/api/v1/sessions", {"title": "Enzymes"}).json()["id"]
    file = SimpleUploadedFile("enzymes.md", SOURCE)
    body = api.post(f"/api/v1/sessions/{session}/documents", {"files": [file]}, format="multipart").json()
    run_jobs()
    return str(body["documents"][0]["id"])


@pytest.mark.django_db
def test_structured_content_has_blocks_and_the_views_made_of_them(api: Any, document_id: str) -> None:
    body = api.get(f"/api/v1/documents/{document_id}/content?type=structured").json()
    slices = [(block["kind"], body["text"][block["char_start"] : block["char_end"]]) for block in body["blocks"]]
    assert slices == [
        ("heading", "Enzymes"),
        ("paragraph", "An enzyme is a protein that speeds up one of the reactions in the cell without being used up."),
        ("list_item", "- amylase"),
        ("list_item", "- lipase"),
        ("table", "name\tpH\npepsin\t2"),
        ("code", "    print(1)"),
    ]
    fields = {"kind", "page", "char_start", "char_end", "level", "latex", "code_language", "rows", "marks"}
    assert all(set(block) == fields for block in body["blocks"])
    assert [block["level"] for block in body["blocks"]] == [1, None, 1, 1, None, None]
    assert body["blocks"][4]["rows"] == body["tables"][0]["cells"] == [["name", "pH"], ["pepsin", "2"]]
    assert body["blocks"][5]["code_language"] == "python"
    assert [(heading["level"], heading["text"]) for heading in body["headings"]] == [(1, "Enzymes")]
    assert body["language"] == "en" and body["warnings"] == [] and "next_blocks_after" not in body
    assert "metadata" in api.get(f"/api/v1/documents/{document_id}/content").json()
    assert "blocks" not in api.get(f"/api/v1/documents/{document_id}/content?type=text_only").json()


@pytest.mark.django_db
def test_blocks_come_in_pages(api: Any, document_id: str) -> None:
    url = f"/api/v1/documents/{document_id}/content?type=structured"
    everything = api.get(url).json()["blocks"]
    got: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = api.get(f"{url}&limit=4&blocks_after={after}").json()
        assert len(page["blocks"]) <= 4
        got += page["blocks"]
        after = page["next_blocks_after"]
    assert got == everything
    for query in ("limit=0", "limit=x", "blocks_after=-1", "limit=99999999"):
        assert api.get(f"{url}&{query}").status_code == 400


@pytest.mark.django_db
def test_a_document_names_its_language_and_what_could_not_be_read(api: Any, document_id: str) -> None:
    warning = {"code": "figure_unread", "detail": "A figure has no text.", "page": 1}
    Document.objects.filter(pk=document_id).update(language="de", warnings=[warning])
    for body in (
        api.get(f"/api/v1/documents/{document_id}").json(),
        api.get(f"/api/v1/documents/{document_id}/content?type=structured").json(),
    ):
        assert body["language"] == "de" and body["warnings"] == [warning]


@pytest.mark.django_db
def test_a_file_read_anew_is_a_new_version_and_is_what_the_engines_see(
    api: Any, document_id: str, run_jobs: Any
) -> None:
    document = Document.objects.get(pk=document_id)
    DocumentContent.objects.filter(pk=document_id).update(text="As it was read before.", blocks=[])
    forget_documents()
    (before,) = material_for_session(session_id=document.session_id)
    Document.objects.filter(pk=document_id).update(status="failed", embedding_status="failed")
    assert api.post(f"/api/v1/documents/{document_id}/retry").status_code == 202
    run_jobs()
    (after,) = material_for_session(session_id=document.session_id)
    assert before.content.text == "As it was read before." and after.content.text.startswith("Enzymes")
    assert DocumentContent.objects.get(pk=document_id).version == 2


def test_the_content_stored_before_blocks_becomes_blocks_and_its_text_stays() -> None:
    migration = import_module("documents_app.migrations.0007_content_blocks")
    text = "Cells\n\nLife is made\nof cells.\n\na\tb\nc\td\n\n3\n\fEnd."
    content = SimpleNamespace(
        text=text,
        pages=[{"page": 1, "char_start": 0, "char_end": 41}, {"page": 2, "char_start": 43, "char_end": 47}],
        headings=[{"level": 2, "text": "Cells", "page": 1, "char_start": 0, "char_end": 5}],
        tables=[{"page": 1, "char_start": 31, "char_end": 38, "cells": [["a", "b"], ["c", "d"]], "bbox": [1, 2, 3, 4]}],
        metadata={"boilerplate": [[40, 41]], "title": "T"},
        save=lambda update_fields: saved.append(update_fields),
    )
    saved: list[list[str]] = []
    manager = SimpleNamespace(iterator=lambda chunk_size: [content])
    apps = SimpleNamespace(get_model=lambda *names: SimpleNamespace(objects=manager))
    migration.headings_and_tables_to_blocks(apps, None)
    assert saved == [["blocks", "metadata"]] and content.metadata == {"title": "T"}
    assert [
        (block["kind"], block["page"], text[block["char_start"] : block["char_end"]]) for block in content.blocks
    ] == [
        ("heading", 1, "Cells"),
        ("paragraph", 1, "Life is made\nof cells."),
        ("table", 1, "a\tb\nc\td"),
        ("furniture", 1, "3"),
        ("paragraph", 2, "End."),
    ]
    assert content.blocks[0]["level"] == 2 and content.blocks[2]["bbox"] == (1, 2, 3, 4)

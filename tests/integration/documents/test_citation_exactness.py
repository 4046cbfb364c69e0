"""Row 37: what is cited slices back out of the stored text, exactly, on the cited pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from benchmarks.made.files import Run, docx, epub, notebook, paragraph, pdf, pptx, xlsx
from documents_app.models import Chunk

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
RULES = [(72, y, 372, y) for y in (700, 680, 660)] + [(x, 660, x, 700) for x in (72, 222, 372)]
TABLE = [
    Run(80, 686, "Organelle"),
    Run(230, 686, "Mitochondria"),
    Run(80, 666, "Task"),
    Run(230, 666, "Energy release"),
]
HYPHENS = [
    "The energy of the cell is released by mito-",
    "chondria, which burn sugar with oxygen and are",
    "inherited from the mother.",
]
ACROSS = [
    paragraph([*(f"Line {n} of the first page speaks of cells." for n in range(20)), "Energy from sugar is released by"]),
    paragraph(["mitochondria in every living cell of the body.", "They have two membranes."]),
]  # fmt: skip

FILES = {
    "hyphen.pdf": pdf([paragraph(HYPHENS)]),
    "table.pdf": pdf([[*TABLE, *paragraph(["Mitochondria release energy, as the table shows."], top=620)]], rules=RULES),
    "across.pdf": pdf(ACROSS),
    "ligature.txt": "The \ufb01rst \ufb02ow of energy in mitochondria is e\ufb03cient \U0001f52c indeed.\n".encode(),
    "mixed.md": (
        "# Zelle \u00e9nergie\n\nMitochondria \u2014 \u7ebf\u7c92\u4f53 \U0001f9ec \u2014 release energy.\n\n"
        "| a | b |\n|---|---|\n| 1 | \u00bd |\n"
    ).encode(),
    "word.docx": docx(["Mitochondria release energy.", "They have two membranes."]),
    "slides.pptx": pptx(["Mitochondria", "Energy"]),
    "sheet.xlsx": xlsx([["organelle", "task"], ["mitochondria", "energy"]]),
    "book.epub": epub(["<h1>Cells</h1><p>Mitochondria release energy.</p>", "<h1>More</h1><p>Sugar burns.</p>"]),
    "notes.ipynb": notebook([{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["Mitochondria release energy."]}]),
}  # fmt: skip


def sources() -> dict[str, bytes]:
    found = {file.name: file.read_bytes() for file in sorted(SAMPLES.glob("photosynthesis.*"))}
    return found | FILES


@pytest.mark.parametrize("name", sorted(sources()))
def test_chunks_headings_tables_and_citations_slice_back_exactly(api: Any, run_jobs: Any, name: str) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    upload = {"files": [SimpleUploadedFile(name, sources()[name])]}
    assert api.post(f"/api/v1/sessions/{session}/documents", upload, format="multipart").status_code == 202
    run_jobs()
    document = api.get(f"/api/v1/sessions/{session}/documents").json()["results"][0]
    assert document["status"] == "completed", document
    content = api.get(f"/api/v1/documents/{document['id']}/content?type=text_only").json()
    text, pages = content["text"], {page["page"]: page for page in content["pages"]}
    chunks = list(Chunk.objects.filter(document_id=document["id"]))
    assert chunks
    for part in chunks:
        assert text[part.char_start : part.char_end] == part.text
        assert_on_pages(part.char_start, part.char_end, part.page_start, part.page_end, pages)
    hits = api.post(f"/api/v1/sessions/{session}/search", {"query": "energy mitochondria sugar"}).json()["hits"]
    assert hits
    for citation in (hit["citation"] for hit in hits):
        start, end = citation["char_start"], citation["char_end"]
        assert text[start:end] == citation["text"]
        assert_on_pages(start, end, citation["page_start"], citation["page_end"], pages)


def assert_on_pages(start: int, end: int, first: int, last: int, pages: dict[int, dict[str, int]]) -> None:
    """The span begins on the first of the named pages and ends on the last."""
    assert pages[first]["char_start"] <= start < pages[first]["char_end"]
    assert pages[last]["char_start"] < end <= pages[last]["char_end"]


def test_a_passage_across_two_pages_names_both_and_a_hyphenated_word_is_found(api: Any, run_jobs: Any) -> None:
    session = api.post("/api/v1/sessions", {}).json()["id"]
    upload = {"files": [SimpleUploadedFile(name, FILES[name]) for name in ("across.pdf", "hyphen.pdf")]}
    api.post(f"/api/v1/sessions/{session}/documents", upload, format="multipart")
    run_jobs()
    answer = api.post(f"/api/v1/sessions/{session}/search", {"query": "mitochondria", "mode": "lexical"}).json()
    citations = [hit["citation"] for hit in answer["hits"]]
    assert any((c["page_start"], c["page_end"]) == (1, 2) for c in citations)
    assert any("mito-\nchondria" in c["text"] for c in citations)

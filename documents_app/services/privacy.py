"""What documents hold of a person: the uploads as they came, and what was read out of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from documents_app.models import Document, DocumentContent, DocumentFigure, SessionAnalysis
from documents_app.services.removal import document_delete
from documents_app.services.storage import file_open
from tutor_project.common.privacy import ExportedFile


def export(user_id: UUID) -> Iterator[ExportedFile]:
    """Yield rows, texts, analyses, the original files and the figures in them."""
    documents = Document.objects.filter(owner_id=user_id).select_related("file").order_by("pk")
    yield "documents.jsonl", documents.values()
    yield "analyses.jsonl", SessionAnalysis.objects.filter(owner_id=user_id).values()
    for content in DocumentContent.objects.filter(document__owner_id=user_id).iterator(chunk_size=10):
        yield f"texts/{content.document_id}.txt", content.text.encode()
    for document in documents:
        if document.file is not None:
            with file_open(path=document.file.path) as handle:
                yield f"files/{document.pk}/{document.filename}", handle.read()
    figures = DocumentFigure.objects.filter(document__owner_id=user_id)
    yield "figures.jsonl", figures.values()
    # A picture of a page is not kept of anybody, only for a while; the page itself is in the file.
    for figure in figures.filter(size__isnull=False).iterator():
        with suppress(FileNotFoundError), file_open(path=figure.path) as handle:
            yield f"figures/{figure.document_id}/{figure.n}", handle.read()


def erase(user_id: UUID) -> dict[str, int]:
    """Remove the documents that are left when the sessions are gone."""
    left = list(Document.objects.filter(owner_id=user_id).values_list("pk", flat=True))
    for document_id in left:
        document_delete(document_id=document_id)
    analyses = SessionAnalysis.objects.filter(owner_id=user_id).delete()[0]
    return {"documents": len(left), "analyses": analyses}

"""Reads of documents over many learners, for staff figures; not scoped to an owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from documents_app.models import Document


def documents_of_sessions(*, session_ids: Iterable[UUID]) -> Iterator[dict[str, Any]]:
    """Yield the processed documents of these sessions, oldest first; a subquery of ids will do."""
    documents = Document.objects.filter(session_id__in=session_ids, status=Document.Status.COMPLETED).order_by("id")
    for row in documents.values("pk", "session_id", "filename", "page_count", "uploaded_at").iterator():
        yield {
            "document_id": row["pk"],
            "session_id": row["session_id"],
            "filename": row["filename"],
            "page_count": row["page_count"],
            "uploaded_at": row["uploaded_at"],
        }

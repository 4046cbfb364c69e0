"""Reads of documents over many learners, for staff figures; not scoped to an owner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F

from documents_app.models import Document


def documents_of_sessions(*, session_ids: Iterable[UUID], after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return the processed documents of these sessions, oldest first, from behind ``after``; a subquery of ids will do."""
    documents = Document.objects.filter(session_id__in=session_ids, status=Document.Status.COMPLETED)
    if after is not None:
        documents = documents.filter(pk__gt=after)
    rows = documents.order_by("id").values("session_id", "filename", "page_count", "uploaded_at", document_id=F("pk"))
    return [dict(row) for row in rows[:limit]]

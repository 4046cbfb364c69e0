"""The batch of one upload request: its result is composed of its documents' outcomes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from documents_app.models import Document
from documents_app.services.analysis import analysis_request
from documents_app.services.reading import reading_request
from jobs_app.registry import GroupOutcome


def batch_summarise(group: Any, children: list[Any]) -> GroupOutcome:
    """Return the batch's result: one entry a file, in the order of the request."""
    documents = Document.objects.in_bulk([UUID(pk) for pk in group.input["document_ids"]])
    timing = {child.input["document_id"]: (child.result or {}).get("processing_time_ms") for child in children}
    results = [_entry(pk, documents.get(UUID(pk)), timing.get(pk)) for pk in group.input["document_ids"]]
    failed = [entry for entry in results if entry["success"] is False]
    processed = [entry for entry in results if entry["success"]]
    result = {
        "total_files": len(results),
        "processed_files": len(processed),
        "failed_files": len(failed),
        "in_progress": len(results) - len(processed) - len(failed),
        "overall_success": bool(processed) and not failed,
        "results": results,
    }
    if processed or not failed:
        return GroupOutcome(result)
    return GroupOutcome(result, failed[0]["error"]["code"], failed[0]["error"]["detail"])


def _entry(document_id: str, document: Document | None, processing_time_ms: float | None) -> dict[str, Any]:
    if document is None:
        gone = {"code": "document_deleted", "detail": "The document was deleted while it was processed."}
        return {
            "filename": None,
            "document_id": document_id,
            "success": False,
            "error": gone,
            "processing_time_ms": None,
        }
    success = {"completed": True, "failed": False}.get(document.status)
    error = {"code": document.error_code, "detail": document.error_detail} if success is False else None
    return {
        "filename": document.filename,
        "document_id": document_id,
        "success": success,
        "error": error,
        "processing_time_ms": processing_time_ms,
    }


def batch_finished(group: Any) -> None:
    """Have the documents of a batch read, and ask for the analysis, once it has brought new material.

    Reading waits until all of the batch can be searched: it takes longer than that, and would hold up the files
    somebody is waiting for.
    """
    session_id = UUID(group.input["session_id"])
    fresh = list(
        Document.objects.filter(pk__in=group.input["document_ids"], status=Document.Status.COMPLETED).order_by("pk")
    )
    for document in fresh:
        reading_request(document=document)
    if fresh:
        analysis_request(owner_id=group.owner_id, session_id=session_id, trigger="upload")

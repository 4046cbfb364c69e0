"""Job kinds of documents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import UUID7

from documents_app.services import analysis, batches, documents, ingestion, maintenance, reading, reembedding
from jobs_app.context import JobContext
from jobs_app.registry import JobInput, JobKind, register
from jobs_app.schedules import Schedule, register_schedule


class IngestInput(JobInput):
    """The document to take in."""

    document_id: UUID7


class ReadInput(JobInput):
    """The document to read."""

    document_id: UUID7


class ReembedInput(JobInput):
    """The document to embed again."""

    document_id: UUID7


class SpaceInput(JobInput):
    """The embedding space to fill again."""

    space_id: int


class BatchInput(JobInput):
    """The documents of one upload request, in its order."""

    session_id: UUID
    document_ids: list[UUID7]


class AnalysisInput(JobInput):
    """The session and the kind of analysis."""

    session_id: UUID
    analysis_type: str


def _embedding_queue(context: JobContext) -> dict[str, Any]:
    return {"enqueued": documents.embedding_queue_process()}


register(
    JobKind(
        name="document_ingest",
        handler=ingestion.document_ingest,
        input_schema=IngestInput,
        exclusive=lambda data: f"document:{data['document_id']}",
        on_end=lambda job, code, message: ingestion.document_fail(
            document_id=job.input["document_id"], job_id=job.pk, code=code, message=message
        ),
        time_limit=900,
        processor_limit=600,
    )
)
register(
    JobKind(
        name="document_read",
        handler=reading.document_read,
        input_schema=ReadInput,
        exclusive=lambda data: f"read:{data['document_id']}",
        on_end=lambda job, code, message: reading.reading_fail(
            document_id=UUID(job.input["document_id"]), code=code, message=message
        ),
        priority="low",
        time_limit=1500,
        processor_limit=300,
    )
)
register(
    JobKind(
        name="document_batch",
        handler=None,
        input_schema=BatchInput,
        summarise=batches.batch_summarise,
        after_group=batches.batch_finished,
    )
)
register(
    JobKind(
        name="session_analysis",
        handler=analysis.analysis_run,
        input_schema=AnalysisInput,
        exclusive=lambda data: f"analysis:{data['session_id']}:{data['analysis_type']}",
        on_end=lambda job, code, message: analysis.analysis_fail(
            session_id=job.input["session_id"], analysis_type=job.input["analysis_type"], code=code, message=message
        ),
        asks_model=True,
        time_limit=600,
        processor_limit=300,
    )
)
register(
    JobKind(
        name="document_reembed",
        handler=reembedding.document_reembed,
        input_schema=ReembedInput,
        exclusive=lambda data: f"document:{data['document_id']}",
        time_limit=900,
        processor_limit=600,
    )
)
register(
    JobKind(
        name="space_reembed",
        handler=reembedding.space_reembed,
        input_schema=SpaceInput,
        exclusive=lambda data: f"space:{data['space_id']}",
        max_attempts=10,
        time_limit=1500,
    )
)
register(
    JobKind(name="embedding_queue", handler=_embedding_queue, creators=frozenset({"staff", "system"}), priority="high")
)

register(
    JobKind(
        name="documents_maintenance",
        handler=maintenance.documents_maintain,
        creators=frozenset({"staff", "system"}),
        exclusive=lambda data: "documents_maintenance",
        time_limit=1500,
    )
)

register_schedule(
    Schedule(
        "embedding-queue", 30, "Gives a job to documents that wait for their embeddings.", job_type="embedding_queue"
    )
)
register_schedule(
    Schedule(
        "documents-maintenance",
        900,
        "Indexes the vectors of large libraries, removes dead generations and bytes that nobody owns.",
        job_type="documents_maintenance",
        priority="low",
    )
)

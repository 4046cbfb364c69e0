"""Vectors made anew by staff: of single documents, or of a whole embedding space, while searches go on.

A change of the model is ``manage.py reembed --model``; this is for vectors of the model in use, as after a provider
changed it behind its name, or when a comparison shows that some are not what they should be.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from documents_app.models import Chunk, Document, DocumentEmbedding, DocumentIndex, EmbeddingSpace
from documents_app.retrieval import reembed
from documents_app.retrieval.indexing import BATCH, vectors_store
from documents_app.retrieval.maintenance import vector_index_extend
from documents_app.retrieval.spaces import Space, space_embedder, spaces_in_use
from documents_app.retrieval.text import indexed_text
from jobs_app.context import JobContext
from jobs_app.selectors.jobs import job_state
from jobs_app.services.creation import job_create
from tutor_project.common.errors import Conflict
from tutor_project.llm.embeddings import stack_vectors

PAGE = 50


class DocumentNotSearchable(Conflict):
    """409: the document has no chunks to embed."""

    code = "document_not_searchable"
    detail = "{filename} is {status} and has nothing to embed. Retry it instead."


class SpaceRetired(Conflict):
    """409: searches left the space behind."""

    code = "embedding_space_retired"
    detail = "{model}, generation {generation}, is retired: its vectors are about to be removed. Choose one in use."


def document_reembed_request(*, document: Document, trigger: str = "staff") -> UUID:
    """Have a document's vectors made anew; returns the job's id, of the one that waits if there is one.

    Raises DocumentNotSearchable.
    """
    if not DocumentIndex.objects.filter(pk=document.pk).exists():
        raise DocumentNotSearchable(filename=document.filename, status=document.status)
    job = job_create(
        job_type="document_reembed",
        job_data={"document_id": str(document.pk)},
        owner_id=document.owner_id,
        dedupe_key=f"reembed:{document.pk}",
        trigger=trigger,
    )
    return job.pk


def space_reembed_request(*, space: EmbeddingSpace, trigger: str = "staff") -> UUID:
    """Have all vectors of a space made anew, or a space that is being built finished; returns the job's id.

    Raises SpaceRetired.
    """
    if space.state == EmbeddingSpace.State.RETIRED:
        raise SpaceRetired(model=space.model, generation=space.generation)
    job = job_create(
        job_type="space_reembed",
        job_data={"space_id": space.pk},
        priority="low",
        dedupe_key=f"reembed:space:{space.pk}",
        trigger=trigger,
    )
    return job.pk


def document_reembed(context: JobContext) -> dict[str, Any]:
    """Replace one document's vectors in every space in use; a search sees the old ones or the new ones."""
    context.release_dedupe_key()
    document_id = UUID(context.input["document_id"])
    spaces = spaces_in_use()
    replaced = 0
    for number, space in enumerate(spaces):
        context.progress("embedding", number, len(spaces))
        replaced += _replace(context, space, document_id)
    return {"spaces": replaced}


def space_reembed(context: JobContext) -> dict[str, Any]:
    """Replace the vectors of every document that a space held when the job was made; a run that is cut off goes on.

    A space that is being built is finished and switched to instead.
    """
    space = next((one for one in spaces_in_use() if one.id == context.input["space_id"]), None)
    if space is None:
        return {"documents": 0}
    if not space.active:
        return _finish(context, space)
    job = job_state(job_id=context.job_id)
    if job is None:
        return {"documents": 0}
    waiting = DocumentEmbedding.objects.filter(space_id=space.id, embedded_at__lt=job.created_at)
    total, done, last = waiting.count(), 0, UUID(int=0)
    while page := _page(waiting, last):
        for document_id in page:
            context.progress("embedding", done, total)
            _replace(context, space, document_id)
            done, last = done + 1, document_id
    while vector_index_extend(space_id=space.id):
        context.checkpoint()
    return {"documents": done}


def _page(waiting: QuerySet[DocumentEmbedding], last: UUID) -> list[UUID]:
    """By id, so that each is taken once a run whatever the clocks of the machines say."""
    rows = waiting.filter(document_id__gt=last).order_by("document_id")
    return list(rows.values_list("document_id", flat=True)[:PAGE])


def _finish(context: JobContext, space: Space) -> dict[str, Any]:
    def report(progress: reembed.ReembedProgress) -> None:
        context.progress("embedding", progress.embedded, progress.total)

    while True:
        done = reembed.reembed_continue(space=space, report=report)
        try:
            with context.commit():
                reembed.reembed_switch(space=space)
        except reembed.ReembedIncomplete:  # documents came in between
            continue
        return {"chunks": done.embedded, "switched_to": space.model}


def _replace(context: JobContext, space: Space, document_id: UUID) -> bool:
    """Embed outside the transaction, replace in it; False when the document is gone or was indexed anew meanwhile."""
    before = DocumentIndex.objects.filter(pk=document_id).first()
    if before is None:
        return False
    chunks = Chunk.objects.filter(document_id=document_id).order_by("ordinal")
    rows = list(chunks.values_list("ordinal", "text", "heading_path"))
    texts = [indexed_text(text, path) for _, text, path in rows]
    embedder, batches = space_embedder(space), []
    for start in range(0, len(texts), BATCH):
        batches.append(embedder.embed_documents(texts[start : start + BATCH]))
        context.checkpoint()
    vectors = stack_vectors(batches, space.dimensions)
    with context.commit():
        in_use = {one.id for one in spaces_in_use(lock=True)}
        now = DocumentIndex.objects.select_for_update().filter(pk=document_id, indexed_at=before.indexed_at).first()
        if now is None or space.id not in in_use:
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM documents_app_chunkembedding WHERE space_id = %s AND document_id = %s",
                [space.id, document_id],
            )
        DocumentEmbedding.objects.filter(space_id=space.id, document_id=document_id).delete()
        vectors_store(
            space_id=space.id,
            document_id=document_id,
            owner_id=now.owner_id,
            session_id=now.session_id,
            ordinals=[ordinal for ordinal, _, _ in rows],
            vectors=vectors,
        )
    return True

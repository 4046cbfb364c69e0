"""Change of the embedding model while searches go on.

A new generation of vectors is built beside the old one, document by document; searches use the old one until the new
one covers everything, then all switch at once. The old vectors go after that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from documents_app.models import Chunk, DocumentEmbedding, DocumentIndex, EmbeddingSpace
from documents_app.retrieval.indexing import BATCH, vectors_store
from documents_app.retrieval.maintenance import vector_index_extend
from documents_app.retrieval.spaces import Space, space_create, space_drop, space_embedder, spaces_in_use
from documents_app.retrieval.text import indexed_text
from tutor_project.common.errors import Conflict
from tutor_project.llm.embeddings import get_embedder, stack_vectors

log = structlog.get_logger(__name__)

GRACE = timedelta(minutes=5)
"""A retired generation stays this long, so that no search that began before the switch loses its vectors."""


class ReembedIncomplete(Conflict):
    """A generation that does not cover everything was asked to become active."""

    code = "reembed_incomplete"
    detail = "The new vectors cover {percent} % of the chunks. Continue the re-embed, then switch."


class EmbeddingModelInUse(Conflict):
    """The model asked for is the one in use."""

    code = "embedding_model_in_use"
    detail = "Searches use {model} already. Name another model."


@dataclass(frozen=True, slots=True)
class ReembedProgress:
    """How far a generation is: chunks with a vector in it, of all searchable chunks."""

    model: str
    embedded: int
    total: int

    @property
    def share(self) -> float:
        """The coverage in [0, 1]; an installation without documents is covered."""
        return self.embedded / self.total if self.total else 1.0


Report = Callable[[ReembedProgress], None]


def reembed_begin(*, spec: str) -> Space:
    """Open a generation for ``spec``, or return the one that is being built for it (after a stop).

    Raises EmbeddingModelInUse, ReembedRunning (for another model), EmbeddingModelUnknown.
    """
    name = get_embedder(spec).name
    spaces = spaces_in_use()
    if spaces[0].model == name:
        raise EmbeddingModelInUse(model=name)
    if len(spaces) == 1 or spaces[1].model != name:
        space_create(spec=spec)
        spaces = spaces_in_use()
    return spaces[1]


def reembed_progress(space: Space) -> ReembedProgress:
    """Count what ``space`` covers."""
    embedded = DocumentEmbedding.objects.filter(space_id=space.id, document__index__isnull=False)
    counted = embedded.aggregate(chunks=Sum("document__index__chunk_count"))["chunks"] or 0
    total = DocumentIndex.objects.aggregate(chunks=Sum("chunk_count"))["chunks"] or 0
    return ReembedProgress(space.model, counted, total)


def reembed_continue(*, space: Space, report: Report | None = None) -> ReembedProgress:
    """Embed every document that ``space`` lacks; may be stopped and called again at any time, in any number.

    Raises EmbeddingUnavailable; what is done stays done.
    """
    while pending := _pending(space):
        for document_id in pending:
            document_embed(space=space, document_id=document_id)
        vector_index_extend(space_id=space.id)
        if report is not None:
            report(reembed_progress(space))
    while vector_index_extend(space_id=space.id):
        pass
    return reembed_progress(space)


def _pending(space: Space, limit: int = 20) -> list[UUID]:
    done = DocumentEmbedding.objects.filter(space_id=space.id).values("document_id")
    indexed = DocumentIndex.objects.exclude(document_id__in=done).order_by("document_id")
    return list(indexed.values_list("document_id", flat=True)[:limit])


def document_embed(*, space: Space, document_id: UUID) -> bool:
    """Store the vectors of one document in ``space``; False when it is gone, done or was indexed anew meanwhile.

    Texts are embedded outside the transaction, so a slow provider holds no lock.
    """
    before = DocumentIndex.objects.filter(pk=document_id).first()
    if before is None:
        return False
    rows = list(
        Chunk.objects.filter(document_id=document_id).order_by("ordinal").values_list("ordinal", "text", "heading_path")
    )
    texts = [indexed_text(text, path) for _, text, path in rows]
    embedder = space_embedder(space)
    batches = [embedder.embed_documents(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    with transaction.atomic():
        now = DocumentIndex.objects.select_for_update().filter(pk=document_id, indexed_at=before.indexed_at).first()
        done = DocumentEmbedding.objects.filter(document_id=document_id, space_id=space.id).exists()
        if now is None or done:
            return False
        vectors_store(
            space_id=space.id,
            document_id=document_id,
            owner_id=now.owner_id,
            session_id=now.session_id,
            ordinals=[ordinal for ordinal, _, _ in rows],
            vectors=stack_vectors(batches, space.dimensions),
        )
    return True


@transaction.atomic
def reembed_switch(*, space: Space) -> None:
    """Let searches use ``space`` from now on. Raises ReembedIncomplete below full coverage.

    Uploads wait for the moment of the switch (they hold a share lock on the spaces), so none falls between.
    """
    states = {
        row.pk: row for row in EmbeddingSpace.objects.select_for_update().exclude(state=EmbeddingSpace.State.RETIRED)
    }
    row = states.pop(space.id, None)
    if row is None or row.state != EmbeddingSpace.State.BUILDING:
        raise Conflict("This generation of vectors is not being built any more. Look at the spaces in use.")
    progress = reembed_progress(space)
    if _pending(space, 1):
        raise ReembedIncomplete(percent=f"{100 * progress.share:.1f}")
    for old in states.values():
        old.state, old.retired_at = EmbeddingSpace.State.RETIRED, timezone.now()
        old.save(update_fields=["state", "retired_at"])
    row.state, row.activated_at = EmbeddingSpace.State.ACTIVE, timezone.now()
    row.save(update_fields=["state", "activated_at"])
    log.info("embedding_space_switched", space_id=row.pk, model=row.model, chunks=progress.total)


def reembed_cancel() -> bool:
    """Give up the generation that is being built and remove its vectors; False when there is none."""
    building = EmbeddingSpace.objects.filter(state=EmbeddingSpace.State.BUILDING).first()
    if building is None:
        return False
    space_drop(space_id=building.pk)
    return True


def spaces_prune(*, grace: timedelta = GRACE) -> int:
    """Remove retired generations once no search can be using them; returns how many."""
    retired = EmbeddingSpace.objects.filter(state=EmbeddingSpace.State.RETIRED, retired_at__lte=timezone.now() - grace)
    ids = list(retired.values_list("pk", flat=True))
    for space_id in ids:
        space_drop(space_id=space_id)
    return len(ids)

"""Embedding spaces: one generation of vectors each, with a partition and an index of its own."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from documents_app.models import DocumentEmbedding, EmbeddingSpace
from documents_app.retrieval.sql import binary_rows
from tutor_project.common.errors import Conflict
from tutor_project.common.locks import lock_text
from tutor_project.llm.embeddings import Embedder, get_embedder

log = structlog.get_logger(__name__)

TABLE = "documents_app_chunkembedding"
HNSW_M = 24
HNSW_EF_CONSTRUCTION = 200


class ReembedRunning(Conflict):
    """Another generation of vectors is being built."""

    code = "reembed_running"
    detail = "A re-embed to {model} is running. Let it finish or cancel it, then start this one."


@dataclass(frozen=True, slots=True)
class Space:
    """A space as searches and writers need it."""

    id: int
    spec: str
    model: str
    dimensions: int
    state: str

    @property
    def active(self) -> bool:
        """Whether searches use it."""
        return self.state == EmbeddingSpace.State.ACTIVE


def spaces_in_use(*, lock: bool = False) -> list[Space]:
    """Return the active space and, while a re-embed runs, the building one, active first.

    With ``lock`` the rows are share-locked, so that no switch happens before the transaction ends. The first call of
    an installation creates the space of the configured embedder.
    """
    spaces = _read(lock=lock)
    if not spaces or not spaces[0].active:
        _create_first()
        spaces = _read(lock=lock)
    return spaces


def _read(*, lock: bool) -> list[Space]:
    sql = (
        "SELECT id, spec, model, dimensions, state FROM documents_app_embeddingspace"
        " WHERE state IN ('active', 'building') ORDER BY state"
    )
    return [Space(*row) for row in binary_rows(sql + " FOR SHARE" if lock else sql, [])]


def space_embedder(space: Space) -> Embedder:
    """Return the embedder whose vectors a space holds. Raises EmbeddingModelUnknown."""
    return get_embedder(space.spec)


@transaction.atomic
def _create_first() -> None:
    lock_text("embedding_space", "first")
    if not EmbeddingSpace.objects.filter(state=EmbeddingSpace.State.ACTIVE).exists():
        _create(settings.EMBEDDING_MODEL, EmbeddingSpace.State.ACTIVE)


@transaction.atomic
def space_create(*, spec: str) -> EmbeddingSpace:
    """Open a new generation for ``spec``, in state building. Raises ReembedRunning, EmbeddingModelUnknown."""
    lock_text("embedding_space", "building")
    building = EmbeddingSpace.objects.filter(state=EmbeddingSpace.State.BUILDING).first()
    if building is not None:
        raise ReembedRunning(model=building.model)
    return _create(spec, EmbeddingSpace.State.BUILDING)


def _create(spec: str, state: EmbeddingSpace.State) -> EmbeddingSpace:
    embedder = get_embedder(spec)
    newest = EmbeddingSpace.objects.order_by("-generation").values_list("generation", flat=True).first() or 0
    space = EmbeddingSpace.objects.create(
        model=embedder.name,
        spec=spec,
        dimensions=embedder.dimensions,
        generation=newest + 1,
        state=state,
        activated_at=timezone.now() if state == EmbeddingSpace.State.ACTIVE else None,
    )
    _create_partition(space.pk, embedder.dimensions)
    log.info("embedding_space_created", space_id=space.pk, model=space.model, dimensions=space.dimensions)
    return space


def partition(space_id: int) -> str:
    """Return the name of a space's partition."""
    return f"{TABLE}_s{int(space_id)}"


def _create_partition(space_id: int, dimensions: int) -> None:
    """Made aside and then attached: attaching, unlike creating in place, does not stop searches.

    The vectors stay in the row (540 bytes at 256 dimensions): a search reads them all.
    """
    name, size = partition(space_id), int(dimensions)
    storage = "plain" if size <= 900 else "external"
    statements = (
        f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"ALTER TABLE {name} ALTER embedding SET STORAGE {storage}",
        f"ALTER TABLE {name} ADD CONSTRAINT {name}_space CHECK (space_id = {int(space_id)})",
        f"ALTER TABLE {name} ADD CONSTRAINT {name}_dimensions CHECK (vector_dims(embedding) = {size})",
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES IN ({int(space_id)})",
        f"CREATE INDEX {name}_ann ON {name} USING hnsw ((embedding::halfvec({size})) halfvec_ip_ops)"
        f" WITH (m = {HNSW_M}, ef_construction = {HNSW_EF_CONSTRUCTION}) WHERE ann",
    )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@transaction.atomic
def space_drop(*, space_id: int) -> None:
    """Remove a space that is not active, with its vectors, at once. Raises Conflict for the active one."""
    space = EmbeddingSpace.objects.select_for_update().filter(pk=space_id).first()
    if space is None:
        return
    if space.state == EmbeddingSpace.State.ACTIVE:
        raise Conflict("The active embedding space cannot be removed. Switch to another one first.")
    DocumentEmbedding.objects.filter(space_id=space_id).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {partition(space_id)}")
    space.delete()
    log.info("embedding_space_dropped", space_id=space_id)

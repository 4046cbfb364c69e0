"""The search indexes: embedding spaces, vectors, lexical postings. Written and read by ``documents_app.retrieval``.

Owner, session and document are repeated in the rows on purpose, so that a search is one index range without a
join; they never change for a document. Vectors and postings are reached by SQL (COPY in, index-only scans out),
so Django only knows their names; the migration holds their DDL.
"""

from __future__ import annotations

from django.db import models

from documents_app.models.document import Document


class EmbeddingSpace(models.Model):
    """One generation of vectors: a model, its dimensions, and whether searches use it."""

    class State(models.TextChoices):
        BUILDING = "building"
        ACTIVE = "active"
        RETIRED = "retired"

    model = models.CharField(max_length=200)
    spec = models.CharField(max_length=200)
    dimensions = models.PositiveIntegerField()
    generation = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-generation"]
        constraints = [
            models.UniqueConstraint(fields=["generation"], name="embeddingspace_generation_unique"),
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="active"), name="embeddingspace_one_active"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="building"), name="embeddingspace_one_building"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} ({self.state})"


class ChunkEmbedding(models.Model):
    """A chunk's vector in one space; the table is partitioned by space."""

    pk = models.CompositePrimaryKey("space_id", "document_id", "ordinal")
    space_id = models.IntegerField()
    document_id = models.UUIDField()
    ordinal = models.IntegerField()
    owner_id = models.UUIDField()
    session_id = models.UUIDField()
    ann = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "documents_app_chunkembedding"

    def __str__(self) -> str:
        return f"vector of chunk {self.ordinal} of {self.document_id} in space {self.space_id}"


class LexicalPosting(models.Model):
    """The packed postings of one stem in one document; a long document has several rows a stem."""

    pk = models.CompositePrimaryKey("document_id", "term")
    owner_id = models.UUIDField()
    term = models.BigIntegerField()
    document_id = models.UUIDField()
    data = models.BinaryField()

    class Meta:
        managed = False
        db_table = "documents_app_lexicalposting"

    def __str__(self) -> str:
        return f"postings of {self.term} in {self.document_id}"


class LexicalVector(models.Model):
    """The packed stems of one chunk: the postings the other way round, for relevance feedback."""

    pk = models.CompositePrimaryKey("document_id", "ordinal")
    document_id = models.UUIDField()
    ordinal = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        managed = False
        db_table = "documents_app_lexicalvector"

    def __str__(self) -> str:
        return f"stems of chunk {self.ordinal} of {self.document_id}"


class DocumentIndex(models.Model):
    """A searchable document and its lexical statistics; written with its chunks in one transaction."""

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="index")
    owner_id = models.UUIDField()
    session_id = models.UUIDField()
    chunk_count = models.PositiveIntegerField()
    token_count = models.PositiveBigIntegerField()
    lexical_version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=35, default="en")
    indexed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "document indexes"
        indexes = [
            models.Index(
                fields=["session_id"],
                include=["owner_id", "document", "chunk_count", "token_count", "language"],
                name="documentindex_session_read",
            ),
            models.Index(
                fields=["owner_id"],
                include=["session_id", "document", "chunk_count", "token_count", "language"],
                name="documentindex_owner_read",
            ),
        ]

    def __str__(self) -> str:
        return f"index of {self.document_id}"


class DocumentEmbedding(models.Model):
    """A document that is complete in a space: coverage, and where a re-embed goes on after a stop."""

    pk = models.CompositePrimaryKey("document_id", "space_id")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="embeddings")
    space = models.ForeignKey(EmbeddingSpace, on_delete=models.PROTECT, related_name="documents")
    chunk_count = models.PositiveIntegerField()
    embedded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.document_id} in space {self.space_id}"

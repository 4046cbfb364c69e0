"""What was read out of a document, its chunks, and the analysis of a session's material."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from documents_app.models.document import Document
from tutor_project.common.models import TimeStampedModel


class DocumentContent(models.Model):
    """The stored text with its pages and blocks; every citation points into ``text``.

    The text of a version never changes; a file that is read anew makes the next ``version``.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="content")
    text = models.TextField()
    pages = models.JSONField()
    blocks = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"content of {self.document_id}"


class Chunk(models.Model):
    """A passage for search: an exact slice of the stored text with its pages and heading path."""

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    char_start = models.PositiveIntegerField()
    char_end = models.PositiveIntegerField()
    page_start = models.PositiveIntegerField()
    page_end = models.PositiveIntegerField()
    heading_path = ArrayField(models.TextField(), default=list)
    token_count = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "ordinal"], name="chunk_document_ordinal"),
            models.CheckConstraint(
                condition=models.Q(char_end__gt=models.F("char_start")), name="chunk_span_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"chunk {self.ordinal} of {self.document_id}"


class SessionAnalysis(TimeStampedModel):
    """The analysis of a session's documents, one row for each kind of analysis."""

    class Status(models.TextChoices):
        PENDING = "pending"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"
        TIMEOUT = "timeout"

    owner = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField()
    analysis_type = models.CharField(max_length=30)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    result = models.JSONField(null=True)
    source_fingerprint = models.CharField(max_length=64, default="")
    error_code = models.CharField(max_length=100, null=True)
    error_detail = models.TextField(null=True)
    job_id = models.UUIDField(null=True)

    class Meta:
        verbose_name_plural = "session analyses"
        constraints = [
            models.UniqueConstraint(fields=["session_id", "analysis_type"], name="analysis_session_type_unique")
        ]
        indexes = [models.Index(fields=["owner"], name="analysis_owner_idx")]

    def __str__(self) -> str:
        return f"{self.analysis_type} of {self.session_id}"

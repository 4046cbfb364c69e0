"""Uploaded files and the documents made of them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper

from tutor_project.common.models import new_id


class StoredFile(models.Model):
    """Bytes kept once under their SHA-256, whoever uploaded them; removed with their last document."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.sha256[:12]


class Document(models.Model):
    """One file of one session. ``session_id`` is the learning session's id: documents know no sessions.

    ``status`` is what became of the file; ``embedding_status`` is the same seen from the search index.
    A document is searchable exactly when its ``DocumentIndex`` row exists. A file refused at the door keeps a row
    with its reason and no bytes.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField()
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="documents")
    filename = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=150)
    size = models.PositiveBigIntegerField()
    page_count = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=35, null=True)  # BCP 47
    warnings = models.JSONField(default=list)  # [{code, detail, page}]: what could not be read
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    embedding_status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    stage = models.CharField(max_length=50, default="", blank=True)
    progress = models.FloatField(default=0.0)
    error_code = models.CharField(max_length=100, null=True)
    error_detail = models.TextField(null=True)
    timings = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "session_id", "file"], name="document_session_file_unique")
        ]
        indexes = [
            models.Index(fields=["session_id", "id"], name="document_session_idx"),
            models.Index(fields=["owner", "-id"], name="document_owner_idx"),
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(embedding_status__in=["pending", "processing"]),
                name="document_pending_idx",
            ),
            models.Index(  # few of many documents are not done: staff find them without reading the others
                fields=["status", "-id"],
                condition=models.Q(status__in=["pending", "processing", "failed"]),
                name="document_unfinished_idx",
            ),
            models.Index(
                fields=["error_code", "-id"], condition=models.Q(error_code__isnull=False), name="document_error_idx"
            ),
            models.Index(OpClass(Upper("filename"), name="text_pattern_ops"), name="document_filename_idx"),
        ]

    def __str__(self) -> str:
        return self.filename

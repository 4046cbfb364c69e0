"""What was read out of a document after it became searchable: its units, and what it says; gone with its document."""

from __future__ import annotations

from django.db import models

from documents_app.models.document import Document


class DocumentReading(models.Model):
    """A reading of one version of a document's content. ``encoder`` names whose vectors its units have, empty for none.

    A reading of an earlier ``version`` of the rules serves until the document was read anew.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    version = models.PositiveSmallIntegerField()
    content_version = models.PositiveIntegerField()
    encoder = models.CharField(max_length=100, blank=True)
    unit_count = models.PositiveIntegerField()
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["version"], name="documentreading_version_idx")]

    def __str__(self) -> str:
        return f"reading of {self.document_id}"


class ReadChunk(models.Model):
    """The units of one chunk and their vectors, packed (``documents_app.domain.reading.packing``)."""

    pk = models.CompositePrimaryKey("document_id", "ordinal")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+", db_index=False)
    ordinal = models.PositiveIntegerField()
    units = models.BinaryField()
    vectors = models.BinaryField()

    def __str__(self) -> str:
        return f"units of chunk {self.ordinal} of {self.document_id}"


class StoredStudy(models.Model):
    """What a version of a document's content says, packed (``documents_app.domain.study``): made once, for every session.

    ``shape`` names the types it is stored by. One of an earlier ``version`` of the rules serves until it was made anew.
    ``error_code`` says why there is none; digest and matter are empty then.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="study")
    version = models.PositiveSmallIntegerField()
    shape = models.CharField(max_length=16)
    content_version = models.PositiveIntegerField()
    digest = models.BinaryField()
    matter = models.BinaryField()
    error_code = models.CharField(max_length=100, default="", blank=True)
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "stored studies"

    def __str__(self) -> str:
        return f"study of {self.document_id}"

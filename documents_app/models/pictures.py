"""What a document shows: its figures, and the pictures of its pages that were drawn lately."""

from __future__ import annotations

from django.db import models

from documents_app.models.document import Document

FIGURES_FOLDER = "figures"
PAGES_FOLDER = "pages"


class DocumentFigure(models.Model):
    """A figure of a document, numbered from 1 in reading order.

    Its bytes lie in the file store under ``path``. A figure that is a part of a PDF page has ``place`` (left, top,
    right, bottom in fractions of the page as displayed) and gets its bytes when it is first wanted: until then ``size``
    is null.
    """

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="figures")
    n = models.PositiveIntegerField()
    page = models.PositiveIntegerField()
    caption = models.TextField(blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    media_type = models.CharField(max_length=50)
    place = models.JSONField(null=True)
    size = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["document", "n"]
        constraints = [models.UniqueConstraint(fields=["document", "n"], name="figure_document_n")]

    def __str__(self) -> str:
        return f"figure {self.n} of {self.document_id}"

    @property
    def path(self) -> str:
        """Where its bytes are kept."""
        return f"{FIGURES_FOLDER}/{self.document_id}/{self.n}"


class PagePicture(models.Model):
    """A drawn page that is kept within the budget for pictures; the least recently used ones go first."""

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="page_pictures")
    page = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "page", "width"], name="page_picture_unique")]
        indexes = [models.Index(fields=["used_at"], name="page_picture_used_idx")]

    def __str__(self) -> str:
        return f"page {self.page} of {self.document_id}"

    @property
    def path(self) -> str:
        """Where its bytes are kept."""
        return f"{PAGES_FOLDER}/{self.document_id}/{self.page}-{self.width}"

"""The study of a document: its sections, statements, lists, terms, and what it brings to an analysis; made once and stored.

Whatever session asks, the stored study serves; one by earlier rules serves until it was made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from documents_app.domain.material import SourceDocument
from documents_app.domain.study import STUDY_SHAPE, STUDY_VERSION, Study, pack_digest, pack_matter
from documents_app.engine.analysis import study_document
from documents_app.engine.joining import join_digests
from documents_app.models import DocumentContent, StoredStudy
from documents_app.selectors.documents import document_text
from tutor_project.llm.embeddings import Vectors, get_embedder


def current_studies() -> QuerySet[StoredStudy]:
    """Return the stored studies that are up to date in content and rules, failed ones too."""
    return StoredStudy.objects.filter(
        version=STUDY_VERSION, shape=STUDY_SHAPE, content_version=F("document__content__version")
    )


def study_ensure(*, document_id: UUID) -> None:
    """Make the study of a document unless one that is up to date is stored; a document that was deleted is passed over."""
    content = DocumentContent.objects.select_related("document").filter(document_id=document_id).first()
    if content is None or current_studies().filter(pk=document_id).exists():
        return
    source = SourceDocument(str(document_id), content.document.filename, document_text(content))
    study = study_document(source, embed_documents)
    _store(content, digest=pack_digest(study.digest), matter=pack_matter(study.matter), error_code="")


def study_unstored(source: SourceDocument) -> Study:
    """Return the study of a document that is not in the database, as a session with this one document would load it."""
    made = study_document(source, embed_documents)
    return Study.of([source], join_digests([made.digest]), made.matter)


def study_fail(*, document_id: UUID, code: str) -> None:
    """Keep that a document could not be studied, so that nobody waits for it; a study that serves is left alone."""
    content = DocumentContent.objects.filter(document_id=document_id).first()
    if content is None:
        return
    served = StoredStudy.objects.filter(shape=STUDY_SHAPE, error_code="", content_version=content.version)
    if not served.filter(pk=document_id).exists():
        _store(content, digest=b"", matter=b"", error_code=code)


def study_forget_failure(*, document_id: UUID) -> None:
    """Forget that a document could not be studied, so that it is tried again."""
    StoredStudy.objects.filter(pk=document_id).exclude(error_code="").delete()


@transaction.atomic
def _store(content: DocumentContent, **made: Any) -> None:
    """Replace the study, unless the document went or its content became another meanwhile."""
    current = DocumentContent.objects.select_for_update().filter(pk=content.pk, version=content.version)
    if not current.exists():
        return
    StoredStudy.objects.update_or_create(
        document_id=content.pk,
        defaults={"version": STUDY_VERSION, "shape": STUDY_SHAPE, "content_version": content.version, **made},
    )


def embed_documents(texts: Sequence[str]) -> Vectors:
    """Embed with the configured embedder: float32 ``[n, d]``."""
    return get_embedder(settings.EMBEDDING_MODEL).embed_documents(texts)

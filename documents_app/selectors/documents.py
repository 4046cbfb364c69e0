"""Reads of documents, scoped to their owner before anything else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Func, IntegerField, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Length, Substr

from documents_app.domain.blocks import ExtractionWarning, block_from_dict
from documents_app.domain.errors import PageNotFound
from documents_app.domain.material import OCR_WORDS, DocumentText, PageSpan, SourceDocument
from documents_app.models import Document, DocumentContent, DocumentFigure, SessionAnalysis
from tutor_project.common.errors import Conflict, InvalidInput, NotFound
from tutor_project.common.memo import KeyedCache


class DocumentNotFound(NotFound):
    """404: no such document, or not the caller's."""

    code = "document_not_found"
    detail = "There is no such document, or it is not yours."


class FigureNotFound(NotFound):
    """404: the document has no figure of this number."""

    code = "figure_not_found"
    detail = "The document has no figure {n}. GET /documents/{{id}}/content?type=structured lists its figures."


class SpanOutsideText(InvalidInput):
    """400: the span does not lie in the document's text."""

    code = "span_outside_text"
    detail = "The document's text has {length} characters: char_end must not be larger."


class DocumentNotReady(Conflict):
    """409: the document has no content (yet)."""

    code = "document_not_ready"
    detail = "The document is {status}: it has no content to show. GET /documents/{{id}} tells its progress."


MAX_NUMBER = 2**31 - 1


def document_list(*, owner_id: UUID, session_id: UUID | None = None) -> QuerySet[Document]:
    """Return the owner's documents, newest first, of one session or of all."""
    documents = Document.objects.filter(owner_id=owner_id)
    return documents.filter(session_id=session_id) if session_id is not None else documents


def document_get(*, owner_id: UUID, document_id: UUID) -> Document:
    """Return one of the owner's documents; raises DocumentNotFound."""
    document = Document.objects.filter(owner_id=owner_id, pk=document_id).select_related("file").first()
    if document is None:
        raise DocumentNotFound
    return document


def document_content(*, document: Document) -> DocumentContent:
    """Return the stored form; raises DocumentNotReady."""
    content = _contents().filter(document=document).first()
    if content is None:
        raise DocumentNotReady(status=document.status)
    return content


def figure_list(*, document: Document) -> QuerySet[DocumentFigure]:
    """Return the figures of a document in their order."""
    return DocumentFigure.objects.filter(document=document).order_by("n")


def figure_get(*, document: Document, n: int) -> DocumentFigure:
    """Return one figure, counted from 1; raises FigureNotFound."""
    figure = DocumentFigure.objects.filter(document=document, n=n).first() if n < MAX_NUMBER else None
    if figure is None:
        raise FigureNotFound(n=n)
    return figure


@dataclass(frozen=True, slots=True)
class PageText:
    """The stored text of one page, where it stands in the whole text, how long that is, and its version."""

    span: PageSpan
    text: str
    length: int
    version: int


def document_page_text(*, document: Document, page: int) -> PageText:
    """Return the stored text of a page (from 1), reading no other; raises DocumentNotReady or PageNotFound."""
    rows = DocumentContent.objects.filter(document=document)
    found = (
        rows.annotate(
            span=KT(f"pages__{min(max(page, 1), MAX_NUMBER) - 1}"),
            count=Func(F("pages"), function="jsonb_array_length", output_field=IntegerField()),
            length=Length("text"),
        )
        .values("span", "count", "length", "version")
        .first()
    )
    if found is None:
        raise DocumentNotReady(status=document.status)
    if page < 1 or found["span"] is None:
        raise PageNotFound(page=page, count=found["count"])
    span = PageSpan(**json.loads(found["span"]))
    text = rows.values_list(Substr("text", span.char_start + 1, span.char_end - span.char_start), flat=True).get()
    return PageText(span, text, found["length"], found["version"])


def document_page_words(*, document: Document, page: int) -> list[list[object]]:
    """Return the words that were recognised in the picture of a page (from 1), each with its box; most pages have none."""
    content = DocumentContent.objects.filter(document=document)
    return content.values_list(f"metadata__{OCR_WORDS}__{page}", flat=True).first() or []


def document_counts(*, session_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the number of documents of each session."""
    from django.db.models import Count

    rows = Document.objects.filter(session_id__in=list(session_ids)).values_list("session_id").annotate(n=Count("pk"))
    return dict(rows)


def document_count_of(session_column: str) -> RawSQL:
    """Return an expression for the number of documents of the session that the outer query's column names.

    ``session_column`` is the project's own, quoted with its table. For lists that would else ask a second time.
    """
    counted = f"(SELECT count(*) FROM documents_app_document d WHERE d.session_id = {session_column})"  # noqa: S608
    return RawSQL(counted, (), output_field=IntegerField())  # noqa: S611


def material_for_session(*, session_id: UUID) -> tuple[SourceDocument, ...]:
    """Return the processed documents of a session in upload order, as the engines take them."""
    rows = Document.objects.filter(session_id=session_id, status=Document.Status.COMPLETED).order_by("id")
    named = list(rows.filter(content__isnull=False).values_list("pk", "filename", "content__version"))
    if len(named) <= TEXTS_KEPT:
        return tuple(_source(str(pk), name, version) for pk, name, version in named)
    # More than memory keeps: one statement, not one for each.
    contents = _contents().in_bulk([pk for pk, _, _ in named])
    return tuple(SourceDocument(str(pk), name, document_text(contents[pk])) for pk, name, _ in named if pk in contents)


def documents_for_owner(*, owner_id: UUID, document_ids: Iterable[UUID]) -> tuple[SourceDocument, ...]:
    """Return some processed documents of one owner, those of others left out, as the engines take them."""
    rows = Document.objects.filter(owner_id=owner_id, pk__in=list(document_ids), content__isnull=False).order_by("id")
    named = rows.values_list("pk", "filename", "content__version")
    return tuple(_source(str(pk), name, version) for pk, name, version in named)


def material_keys(*, session_id: UUID) -> list[tuple[str, int]]:
    """Return id and content version of the documents of ``material_for_session``, in its order; reads no text."""
    rows = Document.objects.filter(session_id=session_id, status=Document.Status.COMPLETED, content__isnull=False)
    return [(str(pk), version) for pk, version in rows.order_by("id").values_list("pk", "content__version")]


def material_length(*, session_id: UUID) -> int:
    """Return how many characters a session's processed documents have; reads no text into memory."""
    rows = DocumentContent.objects.filter(document__session_id=session_id, document__status=Document.Status.COMPLETED)
    return rows.aggregate(total=Sum(Length("text")))["total"] or 0


def has_material(*, session_id: UUID) -> bool:
    """Whether the session has a processed document; reads none of them."""
    return Document.objects.filter(session_id=session_id, status=Document.Status.COMPLETED).exists()


TEXTS_KEPT = 64
_texts: KeyedCache[DocumentText] = KeyedCache(TEXTS_KEPT)


def _source(document_id: str, filename: str, version: int) -> SourceDocument:
    """Return a document's stored form; it never changes within a version, so a few are kept in memory."""
    text = _texts.get((document_id, version), lambda: document_text(_contents().get(document_id=document_id)))
    return SourceDocument(document_id, filename, text)


def _contents() -> QuerySet[DocumentContent]:
    return DocumentContent.objects.select_related("document")


def document_text(content: DocumentContent) -> DocumentText:
    """Return the domain form of stored content."""
    return DocumentText(
        text=content.text,
        pages=tuple(PageSpan(**page) for page in content.pages),
        blocks=tuple(map(block_from_dict, content.blocks)),
        warnings=tuple(ExtractionWarning(**warning) for warning in content.document.warnings),
        language=content.document.language,
        metadata=content.metadata,
    )


def forget_documents() -> None:
    """Drop the texts kept in this process's memory; called when a document was deleted."""
    _texts.clear()


def analysis_get(*, session_id: UUID, analysis_type: str = "full_analysis") -> SessionAnalysis | None:
    """Return the session's analysis row of this type, if there is one."""
    return SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type).first()


def pending_embeddings() -> QuerySet[Document]:
    """Return the documents that wait for their embeddings (staff)."""
    return Document.objects.filter(embedding_status__in=[Document.Status.PENDING, Document.Status.PROCESSING])

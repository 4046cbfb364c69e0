"""Pictures of pages and figures: drawn once in the bounded child process, then kept in the file store.

Drawing is the one heavy thing that a request may start. It may take two seconds of processor time, which are more by the
clock on a busy machine. Each web process has one child that draws; a request that finds it busy waits a moment, and is
then told to come again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from documents_app.domain.errors import (
    ExtractionCrashed,
    ExtractionError,
    ExtractionOutOfMemory,
    ExtractionTimeout,
    PageNotFound,
)
from documents_app.domain.material import Figure
from documents_app.extraction import sandbox
from documents_app.extraction.limits import MEBIBYTE, ExtractionLimits
from documents_app.models import Document, DocumentFigure, PagePicture
from documents_app.models.pictures import FIGURES_FOLDER, PAGES_FOLDER
from documents_app.selectors import documents as selectors
from documents_app.services.storage import (
    StorageFull,
    bytes_store,
    file_open,
    file_source,
    files_discard,
    folder_discard,
)
from tutor_project.common import cache, runtime
from tutor_project.common.errors import DomainError, NotFound, ServiceUnavailable
from tutor_project.llm.connections import release_database_connections

log = structlog.get_logger(__name__)

PDF = "application/pdf"
MEDIA_TYPE = "image/webp"
DEFAULT_WIDTH = 1_000
MAX_WIDTH = 2_000
DRAWING_SECONDS = 2.0
DRAWING_WALL_SECONDS = 10.0
PATIENCE_SECONDS = 1.0
WAITING = 4
"""Requests of one web process that draw or wait for it; more would keep its other threads."""
LIMITS = ExtractionLimits(
    wall_seconds=DRAWING_WALL_SECONDS, cpu_seconds=DRAWING_SECONDS, memory_bytes=768 * MEBIBYTE, use_ocr=False
)
RETRY_SECONDS = 2
FAILED_SECONDS = 60
BOXES_SECONDS = 3_600
SEEN_EVERY = timedelta(hours=1)
"""A picture that was seen within this time is not marked as seen again."""
KEPT_SHARE = 0.9
"""What the budget is brought down to when it is exceeded, so that not every picture has to make room."""

_places = threading.BoundedSemaphore(WAITING)
_WHOLE_PAGE = (0.0, 0.0, 1.0, 1.0)


class NoPageImage(NotFound):
    """404: the document has no pages to be shown."""

    code = "no_page_image"
    detail = "Only pages of PDF documents can be shown as they are. GET /documents/{{id}}/file has the file itself."


class PageImageBusy(ServiceUnavailable):
    """503: other pages are being drawn."""

    code = "page_image_busy"
    detail = "Other pages are being drawn right now. Try again in a moment."


class PageImageTimeout(ServiceUnavailable):
    """503: the page could not be drawn in time."""

    code = "page_image_timeout"
    detail = "Drawing this page takes too long. Try again in a minute, or download the file to see it."


class PageImageFailed(DomainError):
    """422: the program that draws pages does not survive this one."""

    code = "page_image_failed"
    status = 422
    detail = "This page cannot be drawn: it needs too much memory, or is damaged. Download the file to see it."


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture as it is served."""

    data: bytes
    media_type: str


def page_picture(*, document: Document, page: int, width: int = DEFAULT_WIDTH) -> StoredPicture:
    """Return the picture of a PDF page (numbers from 1), at most ``width`` pixels wide.

    Raises NoPageImage, PageNotFound, PageImageBusy, PageImageTimeout, PageImageFailed, or why the file cannot be read.
    """
    _require_page(document, page)
    row = PagePicture.objects.filter(document=document, page=page, width=width).first()
    if row is not None and (data := _stored(row.path)) is not None:
        if row.used_at < timezone.now() - SEEN_EVERY:
            PagePicture.objects.filter(pk=row.pk).update(used_at=timezone.now())
        return StoredPicture(data, MEDIA_TYPE)
    data = _drawn(document, page, width, _WHOLE_PAGE)
    page_picture_keep(document_id=document.pk, page=page, width=width, data=data)
    return StoredPicture(data, MEDIA_TYPE)


def page_boxes(*, document: Document, page: int, char_start: int, char_end: int) -> dict[str, object]:
    """Return ``{page, width, height, boxes}`` of a span of the stored text, as far as it stands on the page.

    ``boxes``: ``[x0, y0, x1, y1]`` in fractions of the page as displayed, one for each piece of a line. Raises what
    ``page_picture`` does, DocumentNotReady, and SpanOutsideText.
    """
    _require_page(document, page)
    stored = selectors.document_page_text(document=document, page=page)
    if char_end > stored.length:
        raise selectors.SpanOutsideText(length=stored.length, attr="char_end")
    span = stored.span
    start, end = max(char_start, span.char_start), min(char_end, span.char_end)
    key = f"document:{document.pk}:boxes:{stored.version}:{page}:{start}:{end}"
    found = cache.get(key)
    if found is None:
        arguments = {
            "page": page,
            "stored": stored.text,
            "start": max(start - span.char_start, 0),
            "end": max(end - span.char_start, 0),
            "words": selectors.document_page_words(document=document, page=page),
        }
        found = _asked(document, page, "locate", arguments).payload
        cache.put(key, found, ttl_seconds=BOXES_SECONDS)
    return {"page": page, "width": found["width"], "height": found["height"], "boxes": found["boxes"]}


def figure_picture(*, document: Document, figure: DocumentFigure) -> StoredPicture:
    """Return a figure's bytes, drawn from its page if nobody wanted it before; raises what ``page_picture`` does."""
    if figure.size is not None and (data := _stored(figure.path)) is not None:
        return StoredPicture(data, figure.media_type)
    if figure.place is None:
        raise selectors.FigureNotFound(n=figure.n)
    data = _drawn(document, figure.page, figure.width, figure.place)
    figure_keep(figure=figure, data=data)
    return StoredPicture(data, figure.media_type)


def _require_page(document: Document, page: int) -> None:
    if document.mime_type != PDF or document.file is None:
        raise NoPageImage
    if page < 1 or (document.page_count is not None and page > document.page_count):
        raise PageNotFound(page=page, count=document.page_count)


def _stored(path: str) -> bytes | None:
    try:
        with file_open(path=path) as handle:
            return handle.read()
    except FileNotFoundError:  # made room for others, or never committed
        return None


def _drawn(document: Document, page: int, width: int, place: Sequence[float]) -> bytes:
    answer = _asked(document, page, "draw", {"page": page, "width": width, "place": list(place)})
    if len(answer.attached) != 1:
        raise PageImageFailed
    return answer.attached[0]


def _asked(document: Document, page: int, task: str, arguments: dict[str, object]) -> sandbox.ChildAnswer:
    """Have the child do a task on a page; a page that failed is not tried again for a minute."""
    assert document.file is not None
    failed = f"document:{document.pk}:undrawable:{page}"
    for kind in (PageImageTimeout, PageImageFailed):
        if cache.get(failed) == kind.code:
            raise kind(retry_after_seconds=FAILED_SECONDS)
    source = file_source(path=document.file.path)
    release_database_connections()
    try:
        with _place():
            return sandbox.ask(source, task, arguments, LIMITS, patience=PATIENCE_SECONDS)
    except sandbox.SandboxBusy as error:
        raise PageImageBusy(retry_after_seconds=RETRY_SECONDS) from error
    except ExtractionTimeout as error:
        cache.put(failed, PageImageTimeout.code, ttl_seconds=FAILED_SECONDS)
        raise PageImageTimeout(retry_after_seconds=FAILED_SECONDS) from error
    except ExtractionError as error:
        if type(error) not in (ExtractionError, ExtractionCrashed, ExtractionOutOfMemory):
            raise
        cache.put(failed, PageImageFailed.code, ttl_seconds=FAILED_SECONDS)
        raise PageImageFailed from error


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise sandbox.SandboxBusy
    try:
        yield
    finally:
        _places.release()


@transaction.atomic
def page_picture_keep(*, document_id: UUID, page: int, width: int, data: bytes) -> None:
    """Keep a drawn page within the budget, unless its document was deleted meanwhile; a full disk keeps nothing."""
    budget = runtime.get_int("PAGE_PICTURES_MB") * MEBIBYTE
    if len(data) > budget or not _still_there(document_id):
        return
    row, _ = PagePicture.objects.update_or_create(
        document_id=document_id, page=page, width=width, defaults={"size": len(data), "used_at": timezone.now()}
    )
    if not _kept(row.path, data):
        row.delete()
    transaction.on_commit(lambda: page_pictures_trim(budget=budget))


@transaction.atomic
def figure_keep(*, figure: DocumentFigure, data: bytes) -> None:
    """Keep the bytes of a figure, unless its document was deleted meanwhile."""
    if _still_there(figure.document_id) and _kept(figure.path, data):
        DocumentFigure.objects.filter(pk=figure.pk).update(size=len(data))


def _still_there(document_id: UUID) -> bool:
    """Lock the document against deletion for this transaction; whether it is there."""
    return Document.objects.select_for_update(no_key=True).filter(pk=document_id).exists()


def _kept(path: str, data: bytes) -> bool:
    try:
        bytes_store(path=path, data=data)
    except StorageFull:
        log.warning("picture_not_kept", path=path)
        return False
    return True


@transaction.atomic
def page_pictures_trim(*, budget: int) -> int:
    """Delete the least recently seen pictures of pages when they exceed ``budget`` bytes; returns how many."""
    total = PagePicture.objects.aggregate(total=Sum("size"))["total"] or 0
    if total <= budget:
        return 0
    gone: list[PagePicture] = []
    for row in PagePicture.objects.select_for_update(skip_locked=True).order_by("used_at").iterator():
        if total <= KEPT_SHARE * budget:
            break
        total -= row.size
        gone.append(row)
    PagePicture.objects.filter(pk__in=[row.pk for row in gone]).delete()
    transaction.on_commit(lambda: files_discard(paths=[row.path for row in gone]))
    return len(gone)


def figures_store(*, document_id: UUID, figures: Sequence[Figure]) -> None:
    """Replace the figures of a document, inside the caller's transaction, which holds the document."""
    DocumentFigure.objects.filter(document_id=document_id).delete()
    rows = DocumentFigure.objects.bulk_create(
        DocumentFigure(
            document_id=document_id,
            n=number,
            page=figure.page,
            caption=figure.caption,
            width=figure.width,
            height=figure.height,
            media_type=figure.media_type,
            place=figure.place,
            size=None if figure.data is None else len(figure.data),
        )
        for number, figure in enumerate(figures, 1)
    )
    for row, figure in zip(rows, figures, strict=True):
        if figure.data is not None:
            bytes_store(path=row.path, data=figure.data)


def pictures_discard(*, document_id: UUID) -> None:
    """Delete all pictures of a document that is being deleted, once the transaction has committed."""
    transaction.on_commit(lambda: folder_discard(path=f"{FIGURES_FOLDER}/{document_id}"))
    transaction.on_commit(lambda: folder_discard(path=f"{PAGES_FOLDER}/{document_id}"))
    transaction.on_commit(lambda: cache.clear(f"document:{document_id}:*"))

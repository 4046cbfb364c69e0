"""Receiving uploads: each file judged on its own, all that is good stored with its job in one transaction."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from documents_app.domain.errors import EmptyFile, ExtractionError, FileTooLarge
from documents_app.extraction.formats import Format
from documents_app.extraction.sniff import sniff
from documents_app.models import Document
from documents_app.services.storage import file_store, sha256_of
from jobs_app.services.creation import job_create, job_create_many
from jobs_app.services.ledger import group_refresh
from tutor_project.common import runtime
from tutor_project.common.errors import DomainError, InvalidInput
from tutor_project.common.messages import said
from tutor_project.common.text import sanitize
from tutor_project.platform.quotas import quota_spend

MAX_FILENAME = 255
"""Characters of a display name; longer ones are cut, their ending kept."""

MIME_TYPES: dict[Format, str] = {
    Format.PDF: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
    Format.EPUB: "application/epub+zip",
    Format.HTML: "text/html",
    Format.MARKDOWN: "text/markdown",
    Format.TEXT: "text/plain",
    Format.CODE: "text/plain",
    Format.NOTEBOOK: "application/x-ipynb+json",
    Format.MAIL: "message/rfc822",
    Format.RTF: "application/rtf",
    Format.ODT: "application/vnd.oasis.opendocument.text",
    Format.ODP: "application/vnd.oasis.opendocument.presentation",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Format.IMAGE: "image/*",
}
"""What a file is, by its content; never what the client called it."""


class NoFiles(InvalidInput):
    """400: the request holds no file."""

    code = "no_files"
    detail = "Send at least one file in the field files."


class TooManyFiles(DomainError):
    """413: more files than one request may hold."""

    code = "too_many_files"
    status = 413
    detail = "The request holds {count} files; at most {limit} are allowed. Send the rest in another request."


class RequestBytesExceeded(DomainError):
    """413: the files of the request are too large together."""

    code = "request_too_large_for_upload"
    status = 413
    detail = "The files hold {size} bytes together; at most {limit} are allowed a request. Send fewer at a time."


class SessionFull(DomainError):
    """409: the session holds as many documents as it may."""

    code = "session_full"
    status = 409
    detail = "A session holds at most {limit} documents. Delete some, or begin another session."


class UploadRefused(DomainError):
    """No file of the request could be accepted; the first reason decides the status."""

    code = "upload_refused"

    def __init__(self, errors: Sequence[tuple[str, DomainError]]) -> None:
        self.errors = errors
        self.code = errors[0][1].code  # type: ignore[misc]
        self.status = errors[0][1].status  # type: ignore[misc]
        super().__init__(errors[0][1].message, attr=errors[0][0])


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it came: the client's name for it and a seekable handle; ``fault`` was found while decoding it."""

    filename: str
    handle: IO[bytes] | None
    size: int
    fault: DomainError | None = None


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """What became of one file of a request."""

    filename: str
    document: Document
    duplicate: bool
    message: str


@dataclass(frozen=True, slots=True)
class Reception:
    """What became of a request."""

    files: tuple[ReceivedFile, ...]
    job_id: UUID


def safe_filename(name: str) -> str:
    """Return a display name without folders, control or direction-changing characters, at most MAX_FILENAME long."""
    base = posixpath.basename(unicodedata.normalize("NFC", sanitize(name)).replace("\\", "/"))
    base = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\r\n\t]", "", base).strip().strip(".") or "document"
    if len(base) <= MAX_FILENAME:
        return base
    stem, dot, suffix = base.rpartition(".")
    return f"{stem[: MAX_FILENAME - 1 - len(suffix)]}.{suffix}" if dot and len(suffix) <= 10 else base[:MAX_FILENAME]


def judge(incoming: IncomingFile) -> tuple[str, DomainError | None]:
    """Return ``(mime type, fault)`` of one file by its size and first bytes."""
    if incoming.fault is not None:
        return "", incoming.fault
    assert incoming.handle is not None
    limit = runtime.get_int("UPLOAD_MAX_BYTES")
    if incoming.size == 0:
        return "", EmptyFile()
    if incoming.size > limit:
        return "", FileTooLarge(size=incoming.size, limit=limit)
    try:
        return MIME_TYPES[sniff(_source(incoming.handle), incoming.filename)], None
    except ExtractionError as error:
        return "", error


def _source(handle: IO[bytes]) -> bytes | Path:
    """Return the path of an upload that Django spooled to disk, or the bytes of one in memory."""
    spooled = getattr(handle, "temporary_file_path", None)
    if spooled is not None:
        return Path(spooled())
    handle.seek(0)
    return handle.read()


def documents_receive(*, owner_id: UUID, session_id: UUID, files: Sequence[IncomingFile]) -> Reception:
    """Store the files of one request and create their batch job.

    Files that cannot be used become failed documents with their reason, so that the others go on. Raises NoFiles,
    TooManyFiles, RequestBytesExceeded, SessionFull, QuotaExceeded, and UploadRefused when no file at all is usable.
    """
    _check_request(session_id, files)
    judged = [(incoming, *judge(incoming)) for incoming in files]
    faults = [(incoming.filename, fault) for incoming, _, fault in judged if fault is not None]
    if len(faults) == len(judged):
        raise UploadRefused(faults)
    hashes = [sha256_of(incoming.handle) if fault is None and incoming.handle else "" for incoming, _, fault in judged]
    return _store(owner_id, session_id, list(zip(judged, hashes, strict=True)))


def _check_request(session_id: UUID, files: Sequence[IncomingFile]) -> None:
    if not files:
        raise NoFiles(attr="files")
    if len(files) > (limit := runtime.get_int("UPLOAD_MAX_FILES")):
        raise TooManyFiles(count=len(files), limit=limit, attr="files")
    limit = runtime.get_int("UPLOAD_MAX_BYTES")
    # A file that is too large alone is refused by itself; it does not take the others with it.
    size = sum(incoming.size for incoming in files if incoming.size <= limit)
    if size > limit:
        raise RequestBytesExceeded(size=size, limit=limit, attr="files")
    present = Document.objects.filter(session_id=session_id).count()
    if present + len(files) > (limit := runtime.get_int("SESSION_MAX_DOCUMENTS")):
        raise SessionFull(limit=limit, attr="files")


@transaction.atomic
def _store(owner_id: UUID, session_id: UUID, judged: list[tuple[tuple[IncomingFile, str, Any], str]]) -> Reception:
    good = [incoming.size for (incoming, _, fault), _ in judged if fault is None]
    quota_spend(user_id=owner_id, documents=len(good), bytes=sum(good))
    received: dict[int, ReceivedFile] = {}
    # Locks are taken in the order of the hashes, so that two uploads of the same files cannot wait for each other.
    for position in sorted(range(len(judged)), key=lambda index: judged[index][1]):
        (incoming, mime_type, fault), sha256 = judged[position]
        received[position] = (
            _keep_refused(owner_id, session_id, incoming, fault)
            if fault is not None
            else _keep(owner_id, session_id, incoming, mime_type, sha256)
        )
    files = tuple(received[position] for position in range(len(judged)))
    return Reception(files, _create_jobs(owner_id, session_id, files))


def _keep(owner_id: UUID, session_id: UUID, incoming: IncomingFile, mime_type: str, sha256: str) -> ReceivedFile:
    assert incoming.handle is not None
    stored = file_store(handle=incoming.handle, sha256=sha256, size=incoming.size)
    existing = Document.objects.filter(owner_id=owner_id, session_id=session_id, file=stored).first()
    if existing is not None:
        return ReceivedFile(
            incoming.filename, existing, True, _told(incoming, gettext("{filename}: already in this session."))
        )
    document = Document.objects.create(
        owner_id=owner_id,
        session_id=session_id,
        file=stored,
        filename=safe_filename(incoming.filename),
        mime_type=mime_type,
        size=incoming.size,
    )
    return ReceivedFile(
        incoming.filename, document, False, _told(incoming, gettext("{filename}: received, processing begins."))
    )


def _keep_refused(owner_id: UUID, session_id: UUID, incoming: IncomingFile, fault: DomainError) -> ReceivedFile:
    document = Document.objects.create(
        owner_id=owner_id,
        session_id=session_id,
        file=None,
        filename=safe_filename(incoming.filename),
        mime_type="application/octet-stream",
        size=incoming.size,
        status=Document.Status.FAILED,
        embedding_status=Document.Status.FAILED,
        error_code=fault.code,
        error_detail=fault.message,
    )
    told = _told(incoming, gettext("{filename}: refused. {reason}"), reason=said(fault))
    return ReceivedFile(incoming.filename, document, False, told)


def _told(incoming: IncomingFile, template: str, **fields: str) -> str:
    return template.format(filename=incoming.filename, **fields)


def _create_jobs(owner_id: UUID, session_id: UUID, files: tuple[ReceivedFile, ...]) -> UUID:
    # A file sent again after it failed is tried again; one that is ready or under way is left alone.
    due = {
        entry.document.pk: entry.document
        for entry in files
        if entry.document.file_id is not None
        and (not entry.duplicate or entry.document.status == Document.Status.FAILED)
    }
    # The largest first: a long file that begins last would keep one process busy while the others have nothing to do.
    fresh = dict(sorted(due.items(), key=lambda item: -item[1].size))
    batch = job_create(
        job_type="document_batch",
        job_data={"session_id": str(session_id), "document_ids": [str(entry.document.pk) for entry in files]},
        owner_id=owner_id,
        trigger="upload",
    )
    children = job_create_many(
        job_type="document_ingest",
        items=[{"document_id": str(pk)} for pk in fresh],
        owner_id=owner_id,
        parent=batch,
    )
    for child, document in zip(children, fresh.values(), strict=True):
        document.job_id = child.pk
        document.status = document.embedding_status = Document.Status.PENDING
        document.error_code = document.error_detail = None
    Document.objects.bulk_update(
        list(fresh.values()), ["job_id", "status", "embedding_status", "error_code", "error_detail"]
    )
    if not children:
        group_refresh(parent_id=batch.pk)
    return batch.pk

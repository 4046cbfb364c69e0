"""Content-addressed storage: the same bytes are kept once, and removed with their last document."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.db import transaction

from documents_app.models import Document, StoredFile
from tutor_project.common.errors import DomainError
from tutor_project.common.locks import lock_text
from tutor_project.common.storage import file_storage

LOCK = "stored_file"
FOLDER = "files"
BLOCK = 1024 * 1024


class StorageFull(DomainError):
    """507: the disk of the file store is full."""

    code = "storage_full"
    status = 507
    detail = "The file store has no space left, so nothing was kept. Tell an operator, then send the files again."


def blocks(handle: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a file from its beginning."""
    handle.seek(0)
    while block := handle.read(BLOCK):
        yield block


def sha256_of(handle: IO[bytes]) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    digest = hashlib.sha256()
    for block in blocks(handle):
        digest.update(block)
    return digest.hexdigest()


def path_of(sha256: str) -> str:
    """Return where the bytes of this hash are kept."""
    return f"{FOLDER}/{sha256[:2]}/{sha256}"


def file_store(*, handle: IO[bytes], sha256: str, size: int) -> StoredFile:
    """Keep the bytes under their hash; inside the caller's transaction, which holds the hash's lock."""
    lock_text(LOCK, sha256)
    stored = StoredFile.objects.filter(pk=sha256).first()
    path = path_of(sha256)
    if stored is None or not file_storage.exists(path):
        file_storage.delete(path)  # a torn write of a killed process
        _save(path, handle)
    if stored is None:
        stored = StoredFile.objects.create(sha256=sha256, size=size, path=path)
    return stored


def bytes_store(*, path: str, data: bytes) -> None:
    """Keep bytes under a path of their own, in place of what was there; raises StorageFull."""
    file_storage.delete(path)
    _save(path, BytesIO(data))


def files_discard(*, paths: Sequence[str]) -> None:
    """Delete files, those that are gone already left out."""
    for path in paths:
        file_storage.delete(path)


def folder_discard(*, path: str) -> int:
    """Delete a folder of files with what is in it; returns how many files there were."""
    try:
        names = file_storage.listdir(path)[1]
    except FileNotFoundError:
        return 0
    for name in names:
        file_storage.delete(f"{path}/{name}")
    file_storage.delete(path)
    return len(names)


def file_source(*, path: str) -> bytes | Path:
    """Return the local path of stored bytes, or the bytes themselves when the storage is remote."""
    try:
        return Path(file_storage.path(path))
    except NotImplementedError:
        with file_storage.open(path) as handle:
            return bytes(handle.read())


def _save(path: str, handle: IO[bytes]) -> None:
    handle.seek(0)
    try:
        file_storage.save(path, File(handle))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        file_storage.delete(path)  # half a file would keep what space there is
        raise StorageFull from error


def file_release(*, sha256: str) -> None:
    """Remove the bytes if no document needs them any more; the file goes once the transaction has committed."""
    lock_text(LOCK, sha256)
    if Document.objects.filter(file_id=sha256).exists():
        return
    StoredFile.objects.filter(pk=sha256).delete()
    transaction.on_commit(lambda: file_discard(sha256=sha256))


@transaction.atomic
def file_discard(*, sha256: str) -> bool:
    """Delete bytes that no row names; False when an upload has stored them (again) in the meantime."""
    lock_text(LOCK, sha256)
    if StoredFile.objects.filter(pk=sha256).exists():
        return False
    file_storage.delete(path_of(sha256))
    return True


def file_open(*, path: str) -> IO[bytes]:
    """Return a handle on stored bytes; the caller closes it."""
    return file_storage.open(path)

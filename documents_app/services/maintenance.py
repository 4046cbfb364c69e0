"""What a library needs now and then, done on a schedule: nothing here is waited for, and each part may be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone

from documents_app.domain.search.lexical import LEXICAL_VERSION
from documents_app.models import Document, DocumentContent, DocumentIndex, StoredFile
from documents_app.models.pictures import FIGURES_FOLDER, PAGES_FOLDER
from documents_app.retrieval.indexing import document_terms_renew
from documents_app.retrieval.maintenance import vector_index_extend
from documents_app.retrieval.reembed import spaces_prune
from documents_app.services.reading import readings_renew
from documents_app.services.storage import FOLDER, file_discard, folder_discard
from jobs_app.context import JobContext
from tutor_project.common.storage import file_storage
from tutor_project.language import detect

log = structlog.get_logger(__name__)

ORPHAN_AGE = timedelta(hours=1)
"""Bytes are written before the transaction that names them commits; no request lasts so long."""


def documents_maintain(context: JobContext) -> dict[str, Any]:
    """Take waiting vectors of large libraries into their index, drop dead generations and bytes nobody owns."""
    indexed = 0
    while taken := vector_index_extend():
        indexed += taken
        context.checkpoint()
    return {
        "vectors_indexed": indexed,
        "terms_renewed": terms_renew(context=context),
        "readings_renewed": readings_renew(),
        "generations_removed": spaces_prune(),
        "files_removed": orphans_sweep(context=context),
        "pictures_removed": pictures_sweep(),
    }


def terms_renew(*, context: JobContext | None = None) -> int:
    """Analyse the words of documents anew that were indexed by earlier rules; returns how many.

    Until then such a document is found by its vectors, and by the words on which both rules agree.
    """
    renewed = 0
    outdated = DocumentIndex.objects.exclude(lexical_version=LEXICAL_VERSION).values_list("pk", flat=True)
    for document_id in outdated.order_by("pk"):
        text = DocumentContent.objects.filter(pk=document_id).values_list("text", flat=True).first() or ""
        renewed += document_terms_renew(document_id=document_id, language=detect(text))
        if context is not None:
            context.checkpoint()
    return renewed


def orphans_sweep(*, context: JobContext | None = None, age: timedelta = ORPHAN_AGE) -> int:
    """Remove stored bytes older than ``age`` that no row names, such as those of an upload that was rolled back; returns how many."""
    before = timezone.now() - age
    removed = 0
    for folder in _listed(FOLDER)[0]:
        names = _listed(f"{FOLDER}/{folder}")[1]
        known = set(StoredFile.objects.filter(pk__in=names).values_list("pk", flat=True))
        for sha256 in _older(folder, [name for name in names if name not in known], before):
            removed += file_discard(sha256=sha256)
        if context is not None:
            context.checkpoint()
    if removed:
        log.info("orphans_swept", files=removed)
    return removed


def pictures_sweep() -> int:
    """Remove the figures and page pictures of documents that are no more; returns how many files."""
    removed = 0
    for kind in (FIGURES_FOLDER, PAGES_FOLDER):
        names = set(_listed(kind)[0])
        known = Document.objects.filter(pk__in=names).values_list("pk", flat=True)
        for name in names - {str(pk) for pk in known}:
            removed += folder_discard(path=f"{kind}/{name}")
    return removed


def _older(folder: str, names: list[str], before: datetime) -> Iterator[str]:
    for name in names:
        try:
            if file_storage.get_modified_time(f"{FOLDER}/{folder}/{name}") < before:
                yield name
        except FileNotFoundError:  # somebody else removed it
            continue


def _listed(path: str) -> tuple[list[str], list[str]]:
    """Return the folders and the files of a folder; none of one that is not there yet."""
    try:
        folders, files = file_storage.listdir(path)
    except FileNotFoundError:
        return [], []
    return list(folders), list(files)

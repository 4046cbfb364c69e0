"""What was read of the documents of a session, as it is stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from documents_app.domain.analysis.codec import FileFacts
from documents_app.domain.analysis.digest import Digest
from documents_app.domain.material import Material
from documents_app.domain.matter.joining import DocumentMatter, join_matters
from documents_app.domain.study import STUDY_SHAPE, STUDY_VERSION, unpack_digest, unpack_matter
from documents_app.models import Document, StoredStudy
from documents_app.selectors.documents import material_for_session


@dataclass(frozen=True, slots=True)
class StudyState:
    """Whether a processed document of a session was studied: its content as it is now, by types that can be decoded.

    ``version`` is None where it was not; ``failed`` says that it was tried by the rules of now and nothing came of it.
    """

    document_id: UUID
    content_version: int
    version: int | None
    failed: bool

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to do before an analysis."""
        return self.failed or self.version is not None


def study_states(*, session_id: UUID) -> list[StudyState]:
    """Return the states of the processed documents of a session in upload order; reads no text and no study."""
    rows = Document.objects.filter(session_id=session_id, status=Document.Status.COMPLETED, content__isnull=False)
    fields = ("content_version", "version", "shape", "error_code")
    named = rows.order_by("id").values_list("pk", "content__version", *(f"study__{name}" for name in fields))
    found = []
    for pk, present, read, version, shape, error in named:
        failed = read == present and bool(error) and version == STUDY_VERSION
        usable = read == present and not error and shape == STUDY_SHAPE
        found.append(StudyState(pk, present, version if usable else None, failed))
    return found


def studies_key(states: list[StudyState]) -> str | None:
    """Return what names the studies an analysis was joined from; None where one of them is still to be made."""
    if not all(state.is_settled for state in states):
        return None
    parts = (f"{state.document_id}:{state.content_version}:{state.version}" for state in states)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def digests_for_session(states: list[StudyState]) -> tuple[list[FileFacts], list[Digest]]:
    """Return what the documents that could be studied bring to an analysis, in their order; reads no text."""
    ids = [state.document_id for state in states if state.version is not None]
    rows = StoredStudy.objects.filter(pk__in=ids).values_list(
        "pk", "document__filename", "document__content__metadata", "digest"
    )
    files, digests = [], []
    for pk, filename, metadata, data in sorted(rows, key=lambda row: row[0]):
        digest = unpack_digest(bytes(data))
        digests.append(digest)
        files.append(FileFacts(str(pk), filename, digest.pages, digest.characters, metadata))
    return files, digests


def joined_matter(*, session_id: UUID, states: list[StudyState]) -> tuple[Material, DocumentMatter]:
    """Return the documents of a session that could be studied, and their sections and matter as one."""
    ids = [state.document_id for state in states if state.version is not None]
    stored = dict(StoredStudy.objects.filter(pk__in=ids).values_list("pk", "matter"))
    material = [one for one in material_for_session(session_id=session_id) if UUID(one.document_id) in stored]
    parts = [unpack_matter(bytes(stored[UUID(one.document_id)]), one) for one in material]
    return material, join_matters(material, parts)

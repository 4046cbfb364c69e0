"""What a document says, found once and whatever session it is in, and what a session's documents say together.

Plans, lessons and questions are written from the ``Study`` of a session, which is joined from the studies of its documents.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, fields, replace
from typing import Any, Self, get_type_hints

from documents_app.domain.analysis.digest import Digest
from documents_app.domain.analysis.types import Analysis, Section
from documents_app.domain.codec import decoder, plain, spelled
from documents_app.domain.material import Material, SourceDocument
from documents_app.domain.matter.joining import DocumentMatter
from documents_app.domain.matter.types import Matter
from tutor_project.language import language

STUDY_VERSION = 8
"""Raised whenever the same document would give another digest, other sections or another matter.

What was stored by earlier rules serves until it is renewed. ``READING_VERSION`` is that of units and their vectors.
"""


@dataclass(frozen=True)
class DocumentStudy:
    """The study of one document: what it brings to an analysis, its sections, and what questions can be made of."""

    digest: Digest
    matter: DocumentMatter


@dataclass(frozen=True, slots=True)
class Study:
    """The documents of a session, their analysis, and what questions can be made of."""

    material: Material
    analysis: Analysis
    matter: Matter

    @classmethod
    def of(cls, material: Material, analysis: Analysis, joined: DocumentMatter) -> Self:
        """Return the study of a material from its analysis without sections and its joined matter."""
        return cls(material, replace(analysis, sections=joined.sections), joined.matter)


_SECTIONS = tuple[Section, ...]
_HINTS = get_type_hints(Matter)
_PARTS = {field.name: _HINTS[field.name] for field in fields(Matter) if field.name not in {"material", "language"}}
_SHAPE = ", ".join(
    [spelled(Digest), spelled(_SECTIONS), *(f"{name}: {spelled(kind)}" for name, kind in _PARTS.items())]
)
STUDY_SHAPE = hashlib.sha256(_SHAPE.encode()).hexdigest()[:16]
"""Names the types by which something was stored; what was stored by others cannot be read."""


def pack_digest(digest: Digest) -> bytes:
    """Return a digest as bytes."""
    return _packed(plain(digest))


def unpack_digest(data: bytes) -> Digest:
    """Return what ``pack_digest`` was given; ``data`` was stored under the present ``STUDY_SHAPE``."""
    digest: Digest = decoder(Digest)(_unpacked(data))
    return digest


def pack_matter(part: DocumentMatter) -> bytes:
    """Return the sections and the matter of a document as bytes, without the document."""
    parts = {name: plain(getattr(part.matter, name)) for name in _PARTS}
    return _packed({"language": part.matter.language.tag, "sections": plain(part.sections), "matter": parts})


def unpack_matter(data: bytes, source: SourceDocument) -> DocumentMatter:
    """Return what ``pack_matter`` was given; ``data`` was stored under the present ``STUDY_SHAPE``."""
    stored = _unpacked(data)
    parts = {name: decoder(kind)(stored["matter"][name]) for name, kind in _PARTS.items()}
    matter = Matter(material=[source], language=language(stored["language"]), **parts)
    return DocumentMatter(decoder(_SECTIONS)(stored["sections"]), matter)


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _unpacked(data: bytes) -> Any:
    return json.loads(zlib.decompress(data))

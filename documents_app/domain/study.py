"""What plans, lessons and questions are written from, and how it is stored with the analysis it belongs to."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, fields
from typing import get_type_hints

from documents_app.domain.analysis.types import Analysis, Section
from documents_app.domain.codec import decoder, plain, spelled
from documents_app.domain.material import Material
from documents_app.domain.matter.types import Matter
from tutor_project.language import language

STUDY_VERSION = 2
"""Raised whenever the same material would be read otherwise: what was stored by earlier rules is made anew when needed."""


@dataclass(frozen=True, slots=True)
class Study:
    """The documents of a session, their analysis, and what questions can be made of."""

    material: Material
    analysis: Analysis
    matter: Matter


_SECTIONS = tuple[Section, ...]
_HINTS = get_type_hints(Matter)
_PARTS = {field.name: _HINTS[field.name] for field in fields(Matter) if field.name not in {"material", "language"}}
_SHAPE = ", ".join([spelled(_SECTIONS), *(f"{name}: {spelled(kind)}" for name, kind in _PARTS.items())])
STUDY_KEY = f"{STUDY_VERSION}:{hashlib.sha256(_SHAPE.encode()).hexdigest()[:16]}"
"""Names the rules and the types by which something was stored; under another key it cannot be read."""


def pack_study(sections: tuple[Section, ...], matter: Matter) -> bytes:
    """Return the sections and the matter of a material as bytes, without its documents."""
    parts = {name: plain(getattr(matter, name)) for name in _PARTS}
    stored = {"language": matter.language.tag, "sections": plain(sections), "matter": parts}
    return zlib.compress(json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode())


def unpack_study(data: bytes, material: Material) -> tuple[tuple[Section, ...], Matter]:
    """Return what ``pack_study`` was given; ``data`` was stored under the present ``STUDY_KEY``."""
    stored = json.loads(zlib.decompress(data))
    parts = {name: decoder(kind)(stored["matter"][name]) for name, kind in _PARTS.items()}
    sections: tuple[Section, ...] = decoder(_SECTIONS)(stored["sections"])
    return sections, Matter(material=material, language=language(stored["language"]), **parts)

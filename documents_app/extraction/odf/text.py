"""OpenDocument texts (ODT)."""

from __future__ import annotations

from pathlib import Path

from documents_app.domain.material import DocumentText
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.odf.package import opened
from documents_app.extraction.odf.writer import Writer


def extract_odt(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a text or its template; pages end where the program last noted it."""
    with opened(source, limits) as document:
        writer = Writer(document, limits)
        writer.blocks(document.body("text"))
        return writer.build()

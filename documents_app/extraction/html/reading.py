"""HTML pages to blocks."""

from __future__ import annotations

import re
from pathlib import Path

from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.html.parsing import parse
from documents_app.extraction.html.writing import write_html
from documents_app.extraction.limits import ExtractionLimits

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?(?P<charset>[A-Za-z0-9_-]{2,30})""", re.IGNORECASE)


def extract_html(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the readable text of an HTML page as one page; the title goes to the metadata."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    declared = _DECLARED.search(data[:4096])
    text, encoding = decode(data, declared["charset"].decode("ascii") if declared else None)
    builder = TextBuilder(limits)
    root = parse(text)
    write_html(root, builder)
    title = " ".join((root.findtext(".//title") or "").split()) or builder.first_heading
    metadata = {"encoding": encoding, **({"title": title[:1000]} if title else {})}
    return builder.build(metadata, language=(root.get("lang") or "").strip()[:35] or None)

"""The one way into extraction: what a file is, and which extractor reads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from documents_app.domain.errors import EmptyFile, FileTooLarge
from documents_app.domain.material import DocumentText
from documents_app.extraction.decode import decode
from documents_app.extraction.formats import Format, code_language
from documents_app.extraction.limits import DEFAULT_LIMITS, ExtractionLimits
from documents_app.extraction.sniff import sniff

_PACKAGE = "documents_app.extraction"
_HEAD_CHARS = 4096

# Extractors are imported when first needed: a worker that only sees PDFs never loads the office libraries.
_FROM_FILE = {
    Format.PDF: ("pdf.reading", "extract_pdf"),
    Format.DOCX: ("office.word.document", "extract_docx"),
    Format.PPTX: ("office.slides.presentation", "extract_pptx"),
    Format.XLSX: ("office.sheets.workbook", "extract_xlsx"),
    Format.EPUB: ("epub", "extract_epub"),
    Format.IMAGE: ("image", "extract_image"),
    Format.HTML: ("html.reading", "extract_html"),
    Format.NOTEBOOK: ("notebook", "extract_notebook"),
    Format.MAIL: ("mail", "extract_mail"),
    Format.RTF: ("rtf.document", "extract_rtf"),
    Format.ODT: ("odf.text", "extract_odt"),
    Format.ODP: ("odf.slides", "extract_odp"),
    Format.ODS: ("odf.sheets", "extract_ods"),
}
_FROM_TEXT = {
    Format.MARKDOWN: ("markdown.reading", "extract_markdown"),
    Format.TEXT: ("text", "extract_text"),
    Format.CODE: ("text", "extract_code"),
    Format.CSV: ("csv_sheet", "extract_csv"),
}


def extract(source: bytes | Path, filename: str, limits: ExtractionLimits = DEFAULT_LIMITS) -> DocumentText:
    """Return the stored form of a file; ``metadata["format"]`` says how it was read.

    Raises a subclass of ``ExtractionError`` for every expected failure. Unbounded in time and memory: files of
    strangers go through ``sandbox.extract``.
    """
    size = len(source) if isinstance(source, bytes) else os.path.getsize(source)
    if size == 0:
        raise EmptyFile
    if size > limits.max_bytes:
        raise FileTooLarge(size=size, limit=limits.max_bytes)
    kind = sniff(source, filename)
    if kind in _FROM_TEXT:
        text, encoding = decode(source if isinstance(source, bytes) else source.read_bytes())
        named = {"language": code_language(filename, text[:_HEAD_CHARS].encode())} if kind is Format.CODE else {}
        document = _extractor(_FROM_TEXT[kind])(text.replace("\r\n", "\n").replace("\r", "\n"), limits, **named)
        found = {"format": kind.value, "encoding": encoding}
    else:
        document = _extractor(_FROM_FILE[kind])(source, limits)
        found = {"format": kind.value}
    if not any(map(str.isalnum, document.text)):
        raise EmptyFile
    return replace(document, metadata={**found, **document.metadata})


def _extractor(entry: tuple[str, str]) -> Callable[..., DocumentText]:
    module, function = entry
    return getattr(import_module(f"{_PACKAGE}.{module}"), function)  # type: ignore[no-any-return]

"""What kind of package a PDF is: a form built elsewhere, a portfolio, a document with files attached."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from documents_app.domain.normalise import clean

_MAX_NAMES = 8
_MAX_ATTACHMENTS = 1_000
_MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class PdfPackaging:
    """``xfa``: the file is an XFA form, ``built`` if its pages are not in the file; ``attached``: names of files in it."""

    xfa: bool
    built: bool
    portfolio: bool
    attached: tuple[str, ...]

    @property
    def names(self) -> str:
        """The names of the attached files, the first few of many."""
        shown = ", ".join(self.attached[:_MAX_NAMES])
        more = len(self.attached) - _MAX_NAMES
        return f"{shown} and {more} more" if more > 0 else shown


def package_of(document: pypdfium2.PdfDocument, source: bytes | Path) -> PdfPackaging:
    """Return what kind of package an opened PDF is."""
    form = document.get_formtype()
    attached = _attached(document)
    return PdfPackaging(
        xfa=form in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND),
        built=form == pdfium.FORMTYPE_XFA_FULL,
        portfolio=bool(attached) and _is_portfolio(source),
        attached=attached,
    )


def _attached(document: pypdfium2.PdfDocument) -> tuple[str, ...]:
    names = []
    for index in range(min(document.count_attachments(), _MAX_ATTACHMENTS)):
        try:
            name = document.get_attachment(index).get_name()
        except pypdfium2.PdfiumError:
            name = ""
        names.append(clean(name)[:_MAX_NAME].strip() or "a file without a name")
    return tuple(names)


def _is_portfolio(source: bytes | Path) -> bool:
    """Whether the catalogue says that the file is a collection (ISO 32000-1, 12.3.5); pdfium does not tell."""
    from pdfminer.pdfdocument import PDFDocument  # costs 0.2 s, needed for few documents
    from pdfminer.pdfparser import PDFParser

    stream = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    with stream:
        try:
            return "Collection" in PDFDocument(PDFParser(stream)).catalog
        except Exception:  # noqa: BLE001 - a second parser's opinion on a file that pdfium reads is not needed
            return False

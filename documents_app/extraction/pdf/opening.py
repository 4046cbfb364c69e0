"""Opening a PDF and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2

from documents_app.domain.errors import CorruptFile, EncryptedFile, PageNotFound

_PASSWORD_ERROR = 4
_SECURITY_ERROR = 5


@contextmanager
def opened(source: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF; raises EncryptedFile or CorruptFile."""
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {_PASSWORD_ERROR, _SECURITY_ERROR} or "assword" in str(error):
            raise EncryptedFile from error
        raise CorruptFile(reason="it is not a readable PDF") from error
    try:
        yield document
    finally:
        document.close()


@contextmanager
def opened_page(source: bytes | Path, number: int, *, forms: bool = False) -> Iterator[pypdfium2.PdfPage]:
    """Open one page (numbers from 1), with its filled form fields if ``forms``; also raises PageNotFound."""
    with opened(source) as document:
        if not 1 <= number <= len(document):
            raise PageNotFound(page=number, count=len(document))
        if forms:
            document.init_forms()
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise CorruptFile(reason="this page cannot be read") from error
        try:
            yield page
        finally:
            page.close()

"""Why a document could not be used: one class per cause, each with the cure.

``retryable`` tells whether the same bytes may succeed in another attempt (with other limits, or on a less
busy machine). A file that is wrong in itself is not tried again.
"""

from __future__ import annotations

from typing import ClassVar

from tutor_project.common.errors import DomainError


class ExtractionError(DomainError):
    """Base of every named failure of reading a document."""

    code = "extraction_failed"
    status = 422
    detail = "The file could not be read. Open it in the program that made it, save a fresh copy and upload that."
    retryable: ClassVar[bool] = False


class UnsupportedType(ExtractionError):
    """The content is of a kind no extractor reads, whatever the name says."""

    code = "unsupported_type"
    status = 415
    detail = (
        "The content of this file is {found}, which is not supported. Upload it as PDF, DOCX, PPTX, XLSX, ODT, ODP, ODS, "
        "RTF, CSV, EPUB, HTML, e-mail (EML), Markdown, plain text, source code, a Jupyter notebook or an image."
    )


class TypeMismatch(ExtractionError):
    """The name claims one format and the content is neither that nor anything readable."""

    code = "type_mismatch"
    status = 415
    detail = "The file is named like {claimed} but its content is not. Upload the original file with its right name."


class EmptyFile(ExtractionError):
    """No bytes, or nothing that could be read as a word or number."""

    code = "empty_file"
    detail = "The file is empty or holds no words. Check that it was saved completely and upload it again."


class CorruptFile(ExtractionError):
    """The structure is broken: truncated, damaged, or not what its signature promises."""

    code = "corrupt_file"
    detail = "The file is damaged or was cut off ({reason}). Save or download it again and upload the new copy."


class EncryptedFile(ExtractionError):
    """A password is needed to open the file."""

    code = "encrypted_file"
    detail = "The file is protected by a password. Remove the protection and upload it again."


class NoTextLayer(ExtractionError):
    """Pages exist but hold no text, and no text recognition is available or it found nothing."""

    code = "no_text_layer"
    detail = (
        "The file holds images of text but no text. Run text recognition (OCR) on it, for example with OCRmyPDF, "
        "and upload the result."
    )


class XfaForm(ExtractionError):
    """A PDF whose pages are built by Adobe's programs from an XFA form: what stands in it is a notice to wait."""

    code = "xfa_form"
    detail = (
        "The file is an XFA form: its pages are made by Adobe Reader and are not in the file. Open it there, print it "
        "to a PDF and upload that."
    )


class PdfPortfolio(ExtractionError):
    """A PDF that is a cover around other files."""

    code = "pdf_portfolio"
    detail = (
        "The file is a PDF portfolio, a cover around other files ({names}). Open it, save the files that are inside "
        "and upload those."
    )


class UnreadableFonts(ExtractionError):
    """The text is drawn with fonts that do not say which letters their shapes are."""

    code = "unreadable_fonts"
    detail = (
        "The text of this file cannot be read: its fonts do not say which letters they draw. Run text recognition "
        "(OCR) on it with --force-ocr of OCRmyPDF, or export it anew, and upload the result."
    )


class NoPages(ExtractionError):
    """The container opens and has nothing inside."""

    code = "no_pages"
    detail = "The file opens but has no pages or no content. Check the original and upload it again."


class PageNotFound(ExtractionError):
    """A page is asked for by a number the document does not have."""

    code = "page_not_found"
    status = 404
    detail = "There is no page {page}: the document has {count} pages, counted from 1. Check the number."


class FormulasNotComputed(ExtractionError):
    """A workbook of nothing but formulas whose results were never computed and saved."""

    code = "formulas_not_computed"
    detail = (
        "The workbook holds formulas whose results were never computed. Open it in a spreadsheet program, save it and "
        "upload it again."
    )


class TooManyPages(ExtractionError):
    """More pages than the limit."""

    code = "too_many_pages"
    status = 413
    detail = "The file has {pages} pages; at most {limit} are allowed. Split it and upload the parts."


class FileTooLarge(ExtractionError):
    """More bytes than the limit."""

    code = "file_too_large"
    status = 413
    detail = "The file has {size} bytes; at most {limit} are allowed. Split or compress it and upload the parts."


class ExpandedTooLarge(ExtractionError):
    """The content unpacks to more than the limit (a decompression bomb, or simply too much)."""

    code = "expanded_too_large"
    status = 413
    detail = "The content unpacks to more than {limit} {unit}. Split the file and upload the parts."


class HostileArchive(ExtractionError):
    """The archive is built to harm: too many entries, overlapping entries, or absurd compression."""

    code = "hostile_archive"
    detail = "The file is packed in a way that is not safe to open ({reason}). Save it again with an office program."


class UnsafeMarkup(ExtractionError):
    """XML with entity declarations, or nested beyond any sensible depth."""

    code = "unsafe_markup"
    detail = "The file holds markup that is not safe to read ({reason}). Export it again and upload the new copy."


class ExtractionTimeout(ExtractionError):
    """Reading took longer than the limit; the process was stopped."""

    code = "extraction_timeout"
    detail = "Reading the file took longer than {seconds} seconds. Split it, or save it again in a simpler form."
    retryable = True


class ExtractionOutOfMemory(ExtractionError):
    """Reading needed more memory than the limit; the process was stopped."""

    code = "extraction_memory"
    detail = "Reading the file needs too much memory. Split it, or reduce its images, and upload the parts."
    retryable = True


class ExtractionCrashed(ExtractionError):
    """The reading process died; nothing else was affected."""

    code = "extraction_crashed"
    detail = "The program that reads this kind of file crashed on it. Save it again as PDF and upload the new copy."
    retryable = True

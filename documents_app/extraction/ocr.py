"""Text recognition of images by the ``tesseract`` program, where one is installed."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING, Any

from documents_app.domain.normalise import clean
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.lines import Line

if TYPE_CHECKING:
    from PIL.Image import Image

_POINTS_PER_INCH = 72
_RESOLUTION = 300
_PAGE_SECONDS = 60
_LINE_HEIGHT = 12.0


def is_available(limits: ExtractionLimits) -> bool:
    """Whether recognition is wanted and possible here."""
    return limits.use_ocr and shutil.which("tesseract") is not None


def recognise_pdf_page(page: Any, limits: ExtractionLimits) -> str:
    """Render a loaded PDF page and return the text recognised on it (empty if none)."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    scale = _RESOLUTION / _POINTS_PER_INCH
    pixels = max(width * height * scale * scale, 1.0)
    scale *= min(1.0, (limits.max_image_pixels / pixels) ** 0.5)
    bitmap = pypdfium2.PdfBitmap.new_native(
        max(int(width * scale), 1), max(int(height * scale), 1), pdfium.FPDFBitmap_Gray
    )
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, bitmap.width, bitmap.height)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, bitmap.width, bitmap.height, 0, pdfium.FPDF_ANNOT)
        return recognise(bitmap.to_pil(), limits)
    finally:
        bitmap.close()


def recognise(image: Image, limits: ExtractionLimits) -> str:
    """Return the text recognised in an image, paragraphs parted by blank lines."""
    buffer = BytesIO()
    image.convert("L").save(buffer, "PNG")
    command = ["tesseract", "stdin", "stdout", "--psm", "3"]
    if limits.ocr_languages:
        command += ["-l", limits.ocr_languages]
    try:
        done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, timeout=_PAGE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return clean(done.stdout.decode("utf-8", "replace")).strip() if done.returncode == 0 else ""


def as_lines(text: str) -> list[Line]:
    """Return recognised text as lines stacked from the top, for assembly like any other page."""
    lines: list[Line] = []
    blank = True
    for number, piece in enumerate(text.replace("\f", "\n").split("\n")):
        stripped = piece.strip()
        if stripped:
            top = number * _LINE_HEIGHT
            lines.append(Line(stripped, 0.0, top, 500.0, top + _LINE_HEIGHT, 10.0, blank_before=blank))
        blank = not stripped
    return lines

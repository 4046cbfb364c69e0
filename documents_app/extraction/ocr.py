"""Text recognition of images by the ``tesseract`` program, where one is installed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
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
_SIZE = 10.0
_MIN_CONFIDENCE = 45
"""Below this, in per cent, what was recognised are not the words of the picture, as in a script nobody installed."""
_COLUMNS = 12
_WORD = "5"
"""The level of a word in tesseract's table (its manual, "TSV output")."""


RecognisedWord = tuple[str, float, float, float, float]
"""A word and its box in fractions of the page as displayed: x0, y0, x1, y1."""


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line of recognised text, its box in pixels from the top left, and whether a paragraph begins with it.

    ``words`` are its words with boxes of their own, in pixels too.
    """

    text: str
    x0: int
    top: int
    x1: int
    bottom: int
    begins: bool
    words: tuple[tuple[str, int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Recognised:
    """Recognised lines in reading order, the mean confidence of their words in per cent, and pixels an inch.

    ``width`` and ``height`` are the pixels of the page, 0 where nobody asks for the places of words.
    """

    lines: tuple[RecognisedLine, ...] = ()
    confidence: int = 0
    resolution: float = _RESOLUTION
    width: int = 0
    height: int = 0

    @property
    def words(self) -> list[RecognisedWord]:
        """The words with their boxes, in reading order; none where the size of the page is not known."""
        if not self.width or not self.height:
            return []
        across, down = self.width, self.height
        return [
            (word, round(x0 / across, 5), round(top / down, 5), round(x1 / across, 5), round(bottom / down, 5))
            for line in self.lines
            for word, x0, top, x1, bottom in line.words
        ]

    @property
    def paragraphs(self) -> list[str]:
        """The text of each paragraph."""
        found: list[str] = []
        for line in self.lines:
            if line.begins or not found:
                found.append(line.text)
            else:
                found[-1] += f"\n{line.text}"
        return found


NOTHING = Recognised()


def is_available(limits: ExtractionLimits) -> bool:
    """Whether recognition is wanted and possible here."""
    return limits.use_ocr and shutil.which("tesseract") is not None


def recognise_pdf_page(page: Any, limits: ExtractionLimits) -> Recognised:
    """Render a loaded PDF page and return the text recognised on it."""
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
        found = recognise(bitmap.to_pil(), limits)
        return replace(found, resolution=scale * _POINTS_PER_INCH, width=bitmap.width, height=bitmap.height)
    finally:
        bitmap.close()


def recognise(image: Image, limits: ExtractionLimits) -> Recognised:
    """Return the text recognised in an image."""
    buffer = BytesIO()
    image.convert("L").save(buffer, "PNG")
    command = ["tesseract", "stdin", "stdout", "--psm", "3"]
    if limits.ocr_languages:
        command += ["-l", limits.ocr_languages]
    command.append("tsv")
    try:
        done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, timeout=_PAGE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return NOTHING
    return _from_table(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else NOTHING


def _from_table(table: str) -> Recognised:
    """Return what tesseract's table of words says: one row for each word, with its block, paragraph and line."""
    lines: dict[tuple[str, ...], list[tuple[str, int, int, int, int]]] = {}
    confidence: list[float] = []
    for row in table.split("\n")[1:]:
        cells = row.rstrip("\r").split("\t")
        if len(cells) == _COLUMNS and cells[0] == _WORD and (word := clean(cells[-1]).strip()):
            left, top, width, height = map(int, cells[6:10])
            lines.setdefault(tuple(cells[1:5]), []).append((word, left, top, left + width, top + height))
            confidence.append(float(cells[10]))
    found: list[RecognisedLine] = []
    last: tuple[str, ...] = ()
    for place, words in lines.items():
        found.append(_line_of(words, begins=place[:3] != last[:3]))
        last = place
    mean = sum(confidence) / max(len(confidence), 1)
    return Recognised(tuple(found), round(mean)) if mean >= _MIN_CONFIDENCE else NOTHING


def _line_of(words: list[tuple[str, int, int, int, int]], *, begins: bool) -> RecognisedLine:
    texts, lefts, tops, rights, bottoms = zip(*words, strict=True)
    return RecognisedLine(" ".join(texts), min(lefts), min(tops), max(rights), max(bottoms), begins, tuple(words))


def as_lines(recognised: Recognised) -> list[Line]:
    """Return recognised lines where they stand on the page, in points, for assembly like any other page."""
    scale = _POINTS_PER_INCH / recognised.resolution
    lines = []
    for line in recognised.lines:
        top, bottom = line.top * scale, line.bottom * scale
        box = (line.x0 * scale, top, line.x1 * scale, bottom)
        # Heights of boxes vary with the letters in them: they say nothing about headings.
        lines.append(Line(line.text, *box, _SIZE, blank_before=line.begins))
    return lines

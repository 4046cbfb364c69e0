"""Pictures embedded in a document as figures: each once, with its size and caption, within bounds."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import replace
from io import BytesIO

from documents_app.domain.material import Figure
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import MEBIBYTE, ExtractionLimits
from documents_app.extraction.notes import FIGURE_NOT_SHOWN, FIGURE_TOO_LARGE, FIGURES_LEFT_OUT

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
"""What browsers show."""
_NOT_SHOWN = {"WMF": "EMF/WMF", "TIFF": "TIFF"}
"""What would have to be drawn anew: no library that is kept up draws EMF or WMF away from Windows."""
_SMALLEST = 32
_MOST_BYTES = 100 * MEBIBYTE
_MOST_SEEN = 10_000


class EmbeddedFigures:
    """Collects the pictures of one document; those that only decorate (smaller than 32 pixels) are left out."""

    def __init__(self, builder: TextBuilder, limits: ExtractionLimits) -> None:
        self._builder = builder
        self._limits = limits
        self._figures: list[Figure] = []
        self._seen: set[bytes] = set()
        self._looked_at = 0
        self._bytes = 0
        self._waits_for_caption = False

    @property
    def found(self) -> tuple[Figure, ...]:
        """The figures in the order they were met."""
        return tuple(self._figures)

    def add(self, data: bytes | None, description: str = "") -> None:
        """Keep a picture of the page being written, unless it is a decoration, a repetition, or beyond a bound."""
        self._waits_for_caption = False
        if not data or self._is_full(len(data)):
            return
        digest = hashlib.sha256(data).digest()
        if digest in self._seen:
            return
        self._seen.add(digest)
        size = self._size(data)
        if size is None:
            self._name_what_is_not_shown(data)
            return
        if min(size[0], size[1]) < _SMALLEST:
            return
        width, height, media_type = size
        self._bytes += len(data)
        self._figures.append(Figure(self._builder.page, description, width, height, media_type, data))
        self._waits_for_caption = True

    def caption(self, text: str) -> None:
        """Take a caption, which belongs to the picture if one stands right before it."""
        if self._waits_for_caption and self._figures:
            self._figures[-1] = replace(self._figures[-1], caption=" ".join(text.split()))
        self._waits_for_caption = False

    def text_follows(self) -> None:
        """Say that something other than a caption was written."""
        self._waits_for_caption = False

    def _is_full(self, size: int) -> bool:
        self._looked_at += 1
        full = (
            self._looked_at > _MOST_SEEN
            or len(self._figures) >= self._limits.max_figures
            or self._bytes + size > _MOST_BYTES
        )
        if full:
            self._builder.warn(
                "figures_left_out",
                FIGURES_LEFT_OUT.format(count=self._limits.max_figures, size=_MOST_BYTES // MEBIBYTE),
            )
        return full

    def _size(self, data: bytes) -> tuple[int, int, str] | None:
        """Return width, height and media type of a picture that can be shown, or None; only its head is read."""
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
                    width, height, media_type = image.width, image.height, MEDIA_TYPES[image.format or ""]
        except Image.DecompressionBombError:
            self._too_many_pixels()
            return None
        except (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError, KeyError):
            return None
        if width * height > self._limits.max_image_pixels:
            self._too_many_pixels()
            return None
        return width, height, media_type

    def _name_what_is_not_shown(self, data: bytes) -> None:
        """Warn of a picture in a form that browsers do not show, unless it only decorates; its head is read."""
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(BytesIO(data), formats=tuple(_NOT_SHOWN)) as image:
                    size, name = image.size, _NOT_SHOWN[image.format or ""]
        except (
            Image.DecompressionBombError,
            OSError,
            SyntaxError,
            ValueError,
            EOFError,
            TypeError,
            IndexError,
            KeyError,
        ):
            return
        if min(size) >= _SMALLEST:
            self._builder.warn(
                "figure_not_shown",
                FIGURE_NOT_SHOWN.format(format=name),
                self._builder.page,
            )

    def _too_many_pixels(self) -> None:
        self._builder.warn(
            "figure_too_large",
            FIGURE_TOO_LARGE.format(pixels=self._limits.max_image_pixels),
            self._builder.page,
        )

"""Images: text by recognition where it is available, one page per frame."""

from __future__ import annotations

import warnings
from io import BytesIO
from itertools import islice
from pathlib import Path

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge, NoTextLayer
from documents_app.domain.material import DocumentText
from documents_app.extraction import ocr
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits


def extract_image(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the recognised text; raises NoTextLayer where recognition is not available or finds nothing."""
    from PIL import Image, ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as image:
                if image.width * image.height > limits.max_image_pixels:
                    raise ExpandedTooLarge(limit=limits.max_image_pixels, unit="pixels")
                image.load()
                if not ocr.is_available(limits):
                    raise NoTextLayer
                builder = TextBuilder(limits)
                for place, frame in enumerate(islice(ImageSequence.Iterator(image), limits.max_ocr_pages)):
                    if place:
                        builder.end_page()
                    for paragraph in ocr.recognise(frame, limits).paragraphs:
                        builder.block(BlockKind.PARAGRAPH, paragraph)
    except Image.DecompressionBombError as error:
        raise ExpandedTooLarge(limit=limits.max_image_pixels, unit="pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError) as error:
        raise CorruptFile(reason="the image cannot be decoded") from error
    document = builder.build({})
    if not any(map(str.isalnum, document.text)):
        raise NoTextLayer
    return document

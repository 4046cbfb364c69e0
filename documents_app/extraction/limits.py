"""What one file may cost. Every extractor works inside these bounds or fails with a named error."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """Bounds for one file.

    ``max_expanded_bytes`` counts bytes really unpacked, not what an archive claims. ``memory_bytes`` bounds
    the address space the child process may add, ``wall_seconds`` its time, ``cpu_seconds`` its processor time where that is
    less. ``use_ocr`` allows text
    recognition where a ``tesseract`` program is installed, for at most ``max_ocr_pages`` pages. ``readers`` is how many
    processes may read a long PDF; only a process without threads, such as the sandbox's child, may have more than one.
    """

    max_bytes: int = 50 * MEBIBYTE
    max_pages: int = 2_000
    max_chars: int = 20_000_000
    max_expanded_bytes: int = 300 * MEBIBYTE
    max_entries: int = 20_000
    max_compression_ratio: int = 200
    max_table_cells: int = 500_000
    max_image_pixels: int = 80_000_000
    max_figures: int = 1_000
    wall_seconds: float = 120.0
    cpu_seconds: float | None = None
    memory_bytes: int = 1024 * MEBIBYTE
    use_ocr: bool = True
    max_ocr_pages: int = 50
    ocr_languages: str = ""
    readers: int = 1


DEFAULT_LIMITS = ExtractionLimits()

"""Memory that was freed and that the allocator keeps."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def trim_memory() -> None:
    """Give what is free of the heap back to the system; nothing where the C library cannot (only glibc does)."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)

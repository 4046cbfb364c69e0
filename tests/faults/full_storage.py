"""A file store whose disk is full whenever a test says so."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class FullStorage(FileSystemStorage):
    """Writes half of a file and fails with ENOSPC while the file ``full`` exists."""

    def __init__(self, *, full: str, **options: Any) -> None:
        super().__init__(**options)
        self.full = Path(full)

    def _save(self, name: str, content: Any) -> str:
        if not self.full.exists():
            return super()._save(name, content)
        torn = Path(self.path(name))
        torn.parent.mkdir(parents=True, exist_ok=True)
        torn.write_bytes(content.read(content.size // 2))
        raise OSError(errno.ENOSPC, "No space left on device")

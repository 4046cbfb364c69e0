"""Where a server's unix socket lies: beside its data, or in a short private folder when that path is too long."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import stat
import tempfile
from pathlib import Path

from tutor_project.embedded.errors import EmbeddedServerError
from tutor_project.embedded.privileges import ServerUser

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
MAX_SOCKET_PATH_BYTES = 103
ANSWER_TIMEOUT_SECONDS = 2.0
# libpq splits hosts at commas, PostgreSQL its folder list too; anything unusual goes to the short folder instead.
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def candidates(preferred: Path, file_name: str, user: ServerUser) -> list[Path]:
    """The folders in which a socket ``file_name`` has a short enough path, best first; nothing is made."""
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    short = [base / f"tutor-{user.uid}-{digest}" for base in _short_bases() if base.is_dir()]
    return [folder for folder in (preferred, *short) if _fits(folder, file_name)]


def socket_folder(preferred: Path, file_name: str, user: ServerUser) -> Path:
    """The first of ``candidates`` that can be made: a folder of mode 700, owned by ``user``."""
    for folder in candidates(preferred, file_name, user):
        if _make_private(folder, user):
            return folder
    raise EmbeddedServerError(
        "No folder is short enough for a unix socket (the checkout's path is too long and so is TMPDIR): "
        "set TMPDIR to a folder of yours with a short path."
    )


def said_by_socket(path: Path, question: bytes) -> bytes:
    """What the server listening at ``path`` answers to ``question`` (at most 64 bytes), or nothing."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ANSWER_TIMEOUT_SECONDS)
        try:
            probe.connect(str(path))
            probe.sendall(question)
            return probe.recv(64)
        except OSError:
            return b""


def _fits(folder: Path, file_name: str) -> bool:
    path = folder / file_name
    return len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES and _PLAIN.fullmatch(str(path)) is not None


def _short_bases() -> list[Path]:
    return [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - the folder made in it is private and checked


def _make_private(folder: Path, user: ServerUser) -> bool:
    """Make ``folder`` ours alone; false when somebody else made it (or a link in its place) first."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (user.uid, os.geteuid()):
            return False
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)
        folder.chmod(0o700)
    except OSError:
        return False
    return True
